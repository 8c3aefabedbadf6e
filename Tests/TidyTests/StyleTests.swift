import Testing

/// How code reads here, as far as a machine can tell.
struct StyleTests {
    @Test(arguments: Repository.sources)
    func `nothing traps, prints or waits for later`(file: SourceFile) {
        #expect(shortcuts(in: file) == [])
    }

    @Test(arguments: [
        "let x = list.first!", "let y = try! load()", "let z = thing as! Node", "f(x!.y)",
        "var socket: Socket!", "fatalError(\"no\")", "// TODO: later", "/// FIXME", "print(x)",
        "debugPrint(x)", "public struct Node {", "open class Node {", "dump(x)", "[1][0]!",
    ])
    func `a shortcut is noticed`(line: String) {
        #expect(!shortcuts(in: SourceFile(path: "Sources/Host/X.swift", text: line)).isEmpty)
    }

    @Test(arguments: [
        "guard !isEmpty else { return }", "if a != b { }", "let text = \"stop!\"", "x = !y",
        "precondition(ok, \"why\")", "guard let (a, b) = open else { }", "let fingerprint = f(x)",
        "blueprint(x)", "// as wished!",
    ])
    func `what only looks like a shortcut is left alone`(line: String) {
        #expect(shortcuts(in: SourceFile(path: "Sources/Host/X.swift", text: line)) == [])
    }

    @Test func `the program may print, and only the program`() {
        let inProgram = SourceFile(path: "Sources/grapevine/X.swift", text: "print(x)")
        #expect(shortcuts(in: inProgram) == [])
    }

    @Test(arguments: Repository.sources)
    func `what other targets see says what it means`(file: SourceFile) {
        #expect(undocumented(in: file) == [])
    }

    @Test(arguments: [
        "package struct Node {", "package func merge() {", "  package mutating func merge() {",
        "@discardableResult\npackage func f() {", "package static func make() -> Self {",
        "package protocol Clock {", "// no doc comment\npackage enum Verdict {",
        "package typealias Name = String", "@MainActor package final class Loop {",
    ])
    func `a type or function without a doc comment is noticed`(text: String) {
        let file = SourceFile(path: "Sources/Gossip/X.swift", text: text)
        #expect(undocumented(in: file).count == 1)
    }

    @Test(arguments: [
        "package import Vocabulary", "package init(x: Int) {", "package let x: Int",
        "package static func < (left: X, right: X) -> Bool {", "struct Inner {",
        "/// Says so.\npackage struct Node {",
        "/// Says so.\n@discardableResult\npackage func f() {",
        "package var description: String {",
        "/// So.\n@inlinable\n// Why inlined.\npackage func f() {",
        "/// So.\npackage struct Node {\n    package struct Key: Hashable {",
        "package func hash(into hasher: inout Hasher) {",
        "/// Says so.\npackage func f(_ x: Int) {\npackage func f(_ x: Bool) {",
    ])
    func `what speaks for itself needs no doc comment`(text: String) {
        #expect(undocumented(in: SourceFile(path: "Sources/Gossip/X.swift", text: text)) == [])
    }

    @Test(arguments: Repository.sources)
    func `a file stays below 400 lines`(file: SourceFile) {
        let lines = file.lines.count - 1
        #expect(lines <= 400, "\(file.path): which second thing moved in?")
        if lines > 250 { Issue.record("\(file.path): \(lines) lines", severity: .warning) }
    }

    @Test(arguments: Repository.tests)
    func `tests of pure targets never sleep`(file: SourceFile) {
        #expect(sleeps(in: file) == [])
    }

    @Test func `a sleeping test is noticed`() {
        let text = "try await Task.sleep(for: .seconds(1))"
        #expect(!sleeps(in: SourceFile(path: "Tests/GossipTests/X.swift", text: text)).isEmpty)
        #expect(sleeps(in: SourceFile(path: "Tests/HostTests/X.swift", text: text)) == [])
    }

    @Test func `the seeds of hashes stay random`() {
        let word = ["SWIFT", "DETERMINISTIC", "HASHING"].joined(separator: "_")
        let everything =
            Repository.sources + Repository.tests + Repository.manifest
            + Repository.files(under: "", ending: "Makefile", deep: false)
            + ["Tests/Demo", "Tests/Setup", ".ci"].flatMap {
                Repository.files(under: $0, ending: "")
            }
        #expect(everything.count > 20)
        #expect(everything.filter { $0.lines.contains { $0.contains(word) } }.map(\.path) == [])
    }

    private func shortcuts(in file: SourceFile) -> [Finding] {
        let traps = file.findings(
            "a trap or a shortcut",
            matching: /[\w)\]}>]!(?!=)/,
            /\bfatalError\(|\btry!|\bas!/
        )
        let access = file.findings(
            "nothing is public; `package` is the widest",
            matching: /\bpublic\b|\bopen\s+(?:class|func|var|override)\b/
        )
        let promises = ["TODO", "FIXME", "HACK"]
        let later = zip(1..., file.lines).filter { promises.contains(where: $0.1.contains) }
            .map { Finding(file: file.path, line: $0.0, what: "do it, or drop it") }
        let prints = file.findings(
            "only the program speaks to a terminal",
            matching: /(?:^|[^\w.])(?:print|debugPrint|dump)\(/
        )
        return traps + access + later + (Room.speaking.contains(file.target) ? [] : prints)
    }

    /// Types of their own and functions that others see carry a doc comment.
    ///
    /// The rest may lean on something: a type inside a type on that one, an overload on one of
    /// the same name above it, a property on its name, an `init` on what it makes, an operator
    /// and what the standard library asks for on those.
    private func undocumented(in file: SourceFile) -> [Finding] {
        let type =
            /^(?:@\w+(?:\([^)]*\))?\s+)*package\s+(?:(?:final|indirect|nonisolated)\s+)*(?:struct|enum|class|actor|protocol|typealias)\s+(?<name>[A-Za-z]\w*)/
        let function =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*package\s+(?:(?:static|mutating|nonmutating|consuming|borrowing|final|nonisolated|class)\s+)*func\s+(?<name>[A-Za-z]\w*)/
        var explained: Set = ["hash", "encode", "next", "makeIterator"]
        var findings: [Finding] = []
        for index in file.code.indices {
            let line = file.code[index]
            guard line.contains("package "),
                let match = line.firstMatch(of: type) ?? line.firstMatch(of: function)
            else { continue }
            let name = String(match.name)
            if hasDocComment(file, above: index) {
                explained.insert(name)
            } else if !explained.contains(name) {
                let what = "\(name) says nothing of what it means"
                findings.append(Finding(file: file.path, line: index + 1, what: what))
            }
        }
        return findings
    }

    /// Looks upward past attributes and plain comments.
    private func hasDocComment(_ file: SourceFile, above index: Int) -> Bool {
        for line in file.lines[..<index].reversed() {
            let line = line.drop { $0 == " " }
            if line.hasPrefix("///") { return true }
            guard line.hasPrefix("@") || line.hasPrefix("//") || line.hasPrefix("#if") else {
                return false
            }
        }
        return false
    }

    private func sleeps(in file: SourceFile) -> [Finding] {
        let tested = file.target.hasSuffix("Tests") ? String(file.target.dropLast(5)) : ""
        guard Room.named(tested)?.isPure == true else { return [] }
        return file.findings(
            "a clock is missing from the code",
            matching: /\b(?:Task\.|Thread\.)?u?sleep\(/
        )
    }
}
