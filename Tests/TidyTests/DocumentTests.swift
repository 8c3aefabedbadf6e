import Testing

/// Commands in documents are true: `Tests/Demo/documents` runs every block that is marked `sh`,
/// and no other mark lets a command stand unrun.
struct DocumentTests {
    /// Marks of blocks that hold no commands.
    static let quiet: Set = [
        "json", "swift", "text", "yaml", "ini", "toml", "diff", "mermaid", "python", "make",
    ]

    @Test(arguments: Repository.documents)
    func `a command that a document shows is run by a test`(document: SourceFile) {
        #expect(unrun(in: document) == [])
    }

    @Test(arguments: ["```", "```console", "```bash", "```shell", "~~~", "   ```zsh", "```sh"])
    func `a block that nothing runs is noticed`(fence: String) {
        #expect(unrun(in: page("\(fence)\nmake demo\n```")).count == 1)
    }

    @Test(arguments: ["```sh here", "```sh pi-1", "```sh pi-2 eventually", "```yaml", "```text"])
    func `a block that is run, or holds no command, is left alone`(fence: String) {
        #expect(unrun(in: page("\(fence)\nmake demo\n```")) == [])
    }

    @Test func `a command inside a quiet block is noticed`() {
        #expect(unrun(in: page("```text\n$ make demo\n```")).count == 1)
        #expect(unrun(in: page("```text\n    $ grapevine members\n```")).count == 1)
    }

    private func page(_ text: String) -> SourceFile { SourceFile(path: "README.md", text: text) }

    /// Blocks that may hold commands but are not for the runner: it reads `sh` and a place,
    /// which is `here` or a machine.
    private func unrun(in document: SourceFile) -> [Finding] {
        var findings: [Finding] = []
        var isInside = false
        for (number, line) in zip(1..., document.lines) {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("```") || text.hasPrefix("~~~") {
                defer { isInside.toggle() }
                let words = text.drop { $0 == "`" || $0 == "~" }.split(separator: " ")
                let mark = words.first.map(String.init) ?? ""
                let isRun = mark == "sh" && words.count > 1
                guard !isInside, !isRun, !Self.quiet.contains(mark) else { continue }
                let what = "block marked \"\(mark)\": `sh here`, `sh MACHINE`, or no commands"
                findings.append(Finding(file: document.path, line: number, what: what))
            } else if isInside, text.hasPrefix("$ ") {
                findings.append(
                    Finding(file: document.path, line: number, what: "a prompt hides a command")
                )
            }
        }
        return findings
    }
}
