/// Tells code from comments and string literals, well enough for tidy tests.
///
/// What is interpolated into a literal is code. Regex literals are taken for code.
struct CodeScanner {
    private enum Place {
        case code
        case lineComment
        /// Swift's block comments nest.
        case blockComment(depth: Int)
        /// A literal that ends with the same number of `#`.
        case literal(hashes: Int, isMultiline: Bool)
    }

    private let text: [UInt8]
    private var position = 0
    private var places: [Place] = [.code]
    /// Open parentheses of each interpolation we are in.
    private var parentheses: [Int] = []
    private var output: [UInt8] = []

    private init(_ text: String) { self.text = Array(text.utf8) }

    /// The text with everything that is no code replaced by spaces, line by line.
    static func code(in text: String) -> [String] {
        var scanner = CodeScanner(text)
        while scanner.position < scanner.text.count { scanner.step() }
        return String(decoding: scanner.output, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private mutating func step() {
        switch places[places.count - 1] {
        case .code: stepInCode()
        case .lineComment:
            if text[position] == .newline { places.removeLast() }
            blank(1)
        case .blockComment(let depth): stepInBlockComment(depth: depth)
        case .literal(let hashes, let isMultiline):
            stepInLiteral(hashes: hashes, isMultiline: isMultiline)
        }
    }

    private mutating func stepInCode() {
        if sees("//") {
            places.append(.lineComment)
            blank(2)
        } else if sees("/*") {
            places.append(.blockComment(depth: 1))
            blank(2)
        } else if let opening = openingOfLiteral() {
            places.append(.literal(hashes: opening.hashes, isMultiline: opening.isMultiline))
            blank(opening.hashes + (opening.isMultiline ? 3 : 1))
        } else {
            countParentheses()
            keep()
        }
    }

    private mutating func stepInBlockComment(depth: Int) {
        if sees("/*") {
            places[places.count - 1] = .blockComment(depth: depth + 1)
            blank(2)
        } else if sees("*/") {
            places.removeLast()
            if depth > 1 { places.append(.blockComment(depth: depth - 1)) }
            blank(2)
        } else {
            blank(1)
        }
    }

    private mutating func stepInLiteral(hashes: Int, isMultiline: Bool) {
        let escape = "\\" + String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
        if sees(escape + "(") {
            blank(escape.utf8.count + 1)
            parentheses.append(1)
            places.append(.code)
        } else if sees(escape) {
            blank(escape.utf8.count + 1)
        } else if sees(end) || (!isMultiline && text[position] == .newline) {
            places.removeLast()
            blank(text[position] == .newline ? 1 : end.count)
        } else {
            blank(1)
        }
    }

    /// Ends an interpolation with the parenthesis that closes it.
    private mutating func countParentheses() {
        guard let open = parentheses.last else { return }
        if text[position] == UInt8(ascii: "(") { parentheses[parentheses.count - 1] = open + 1 }
        guard text[position] == UInt8(ascii: ")") else { return }
        parentheses[parentheses.count - 1] = open - 1
        guard open == 1 else { return }
        parentheses.removeLast()
        places.removeLast()
    }

    private func openingOfLiteral() -> (hashes: Int, isMultiline: Bool)? {
        var hashes = 0
        while position + hashes < text.count, text[position + hashes] == UInt8(ascii: "#") {
            hashes += 1
        }
        guard sees("\"", after: hashes) else { return nil }
        return (hashes, sees("\"\"\"", after: hashes))
    }

    private func sees(_ wanted: String, after offset: Int = 0) -> Bool {
        var place = position + offset
        for byte in wanted.utf8 {
            guard place < text.count, text[place] == byte else { return false }
            place += 1
        }
        return true
    }

    private mutating func keep() {
        output.append(text[position])
        position += 1
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where position < text.count {
            output.append(text[position] == .newline ? .newline : UInt8(ascii: " "))
            position += 1
        }
    }
}

extension UInt8 {
    fileprivate static let newline = UInt8(ascii: "\n")
}
