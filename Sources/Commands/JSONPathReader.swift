/// Reads a template of `-o jsonpath=` from left to right.
struct JSONPathReader {
    private let letters: [Character]
    private var place = 0

    /// Deeper `{range}` is no template of a person.
    private static let deepest = 8

    init(_ text: String) { letters = Array(text) }

    mutating func template() throws(Failure) -> [JSONPath.Part] {
        let (parts, hasEnd) = try parts(depth: 0)
        guard !hasEnd else { throw wrong("{end} without a {range}") }
        return parts
    }

    /// Reads to the end, or past an `{end}`, and says which of the two it met.
    private mutating func parts(
        depth: Int
    ) throws(Failure) -> (parts: [JSONPath.Part], hasEnd: Bool) {
        var parts: [JSONPath.Part] = []
        var literal = ""
        while let letter = next {
            guard letter == "{" else {
                literal.append(letter)
                place += 1
                continue
            }
            if !literal.isEmpty { parts.append(.literal(literal)) }
            literal = ""
            place += 1
            skipSpaces()
            if take("end") {
                try expect("}")
                return (parts, true)
            }
            if take("range") {
                guard depth < Self.deepest else { throw wrong("too many {range} in each other") }
                skipSpaces()
                let steps = try steps()
                try expect("}")
                let (inner, hasEnd) = try self.parts(depth: depth + 1)
                guard hasEnd else { throw wrong("{range} without an {end}") }
                parts.append(.range(steps, inner))
                continue
            }
            if next == "\"" || next == "'" {
                parts.append(.literal(try quoted()))
            } else {
                parts.append(.values(try steps()))
            }
            try expect("}")
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return (parts, false)
    }

    private mutating func steps() throws(Failure) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        if next == "$" || next == "@" { place += 1 }
        while let letter = next, letter == "." || letter == "[" {
            place += 1
            if letter == "[" {
                steps.append(try bracket())
            } else if next == "." {
                place += 1
                steps.append(.anywhere(try name()))
            } else if next == "*" {
                place += 1
                steps.append(.all)
            } else if next != "[", next != "}", next != nil, next != " " {
                steps.append(.field(try name()))
            }
        }
        skipSpaces()
        return steps
    }

    private mutating func bracket() throws(Failure) -> JSONPath.Step {
        skipSpaces()
        var step: JSONPath.Step
        if next == "*" {
            place += 1
            step = .all
        } else if next == "'" || next == "\"" {
            step = .field(try quoted())
        } else if take("?(") {
            step = .filter(try condition())
        } else {
            let first = number()
            if next == ":" {
                place += 1
                step = .slice(first, number())
            } else {
                guard let first else { throw wrong("a number, * or a name in quotes belongs here") }
                step = .index(first)
            }
        }
        skipSpaces()
        try expect("]")
        return step
    }

    private mutating func condition() throws(Failure) -> JSONPath.Condition {
        skipSpaces()
        guard next == "@" else { throw wrong("a filter begins with @") }
        let steps = try steps()
        var value: String?
        var isEqual = true
        if take("==") || take("=") {
            value = try operand()
        } else if take("!=") {
            isEqual = false
            value = try operand()
        }
        skipSpaces()
        try expect(")")
        return JSONPath.Condition(steps: steps, value: value, isEqual: isEqual)
    }

    private mutating func operand() throws(Failure) -> String {
        skipSpaces()
        if next == "'" || next == "\"" { return try quoted() }
        let start = place
        while let letter = next, letter != ")", letter != " " { place += 1 }
        guard place > start else { throw wrong("a value belongs here") }
        return String(letters[start..<place])
    }

    private mutating func name() throws(Failure) -> String {
        var name = ""
        while let letter = next, !".[]{}() =!".contains(letter) {
            // A dot of a label's name is written as \.
            if letter == "\\", place + 1 < letters.count { place += 1 }
            name.append(letters[place])
            place += 1
        }
        guard !name.isEmpty else { throw wrong("a name belongs here") }
        return name
    }

    private mutating func quoted() throws(Failure) -> String {
        let mark = letters[place]
        place += 1
        var text = ""
        while let letter = next, letter != mark {
            place += 1
            guard letter == "\\", let escaped = next else {
                text.append(letter)
                continue
            }
            place += 1
            switch escaped {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case _: text.append(escaped)
            }
        }
        guard next == mark else { throw wrong("a quotation without its end") }
        place += 1
        return text
    }

    private mutating func number() -> Int? {
        let start = place
        if next == "-" { place += 1 }
        while let letter = next, letter.isASCII, letter.isNumber { place += 1 }
        let number = Int(String(letters[start..<place]))
        if number == nil { place = start }
        return number
    }

    private var next: Character? { place < letters.count ? letters[place] : nil }

    private mutating func take(_ word: String) -> Bool {
        guard letters[place...].starts(with: word) else { return false }
        place += word.count
        return true
    }

    private mutating func skipSpaces() {
        while next == " " { place += 1 }
    }

    private mutating func expect(_ letter: Character) throws(Failure) {
        guard next == letter else { throw wrong("\(letter) belongs here") }
        place += 1
    }

    private func wrong(_ words: String) -> Failure {
        Failure(
            .usage,
            "jsonpath=\(String(letters)): \(words), at letter \(place + 1). An example: "
                + "jsonpath='{.items[*].metadata.name}'"
        )
    }
}
