import BenchWorld
import Glibc
import Translation
import Vocabulary

/// What the table costs the agent: processor time to make it and to change it, and memory.
///
/// No kernel is asked; the text that the agent reads back is its own.
struct AgentSide {
    let services: Int
    let endpoints: Int

    private static let updates = 200

    private var name: String { "\(grouped(services)) × \(endpoints)" }

    func run() throws {
        let before = residentBytes()
        var world = TableWorld(services: services, endpoints: endpoints)
        var view = world.view
        let withView = residentBytes()

        var renderer = Renderer()
        var begin = processTime()
        var table = renderer.render(view, on: TableWorld.machine).table
        show("rendering all", processTime() - begin)
        let withTable = residentBytes()
        begin = processTime()
        let first = table.runs(from: .empty, chainsPerRun: RestoreRun.chainsAtOnceNFT)
        show("the texts of a cold start", processTime() - begin)

        var (rendering, comparing) = ([Int64](), [Int64]())
        for _ in 0..<Self.updates {
            _ = world.moveOneEndpoint()
            view = world.view
            let (start, old) = (processTime(), table)
            table = renderer.render(view, on: TableWorld.machine).table
            let middle = processTime()
            let runs = table.runs(from: old, chainsPerRun: RestoreRun.chainsAtOnceNFT)
            guard runs.count == 1 else { throw BenchFailure("\(runs.count) runs for one endpoint") }
            rendering.append(middle - start)
            comparing.append(processTime() - middle)
        }
        show("one endpoint changed: rendering", median(rendering))
        show("one endpoint changed: difference and text", median(comparing))

        let text = table.text
        let withText = residentBytes()
        begin = processTime()
        let found = try TranslationTable(parsing: text)
        show("reading the kernel's text", processTime() - begin)
        let peak = residentBytes()
        begin = processTime()
        let drift = table.drift(in: found)
        show("comparing it with what is wanted", processTime() - begin)
        guard drift.isEmpty, !first.isEmpty else { throw BenchFailure("what was read differs") }
        show("memory: view", withView - before)
        show("memory: table, and what it is changed from", withTable - withView)
        show("memory: more for what the kernel has, read back", peak - withText)
    }

    private func show(_ what: String, _ nanoseconds: Int64) {
        show(what, duration(nanoseconds))
    }

    private func show(_ what: String, _ bytes: Int) {
        show(what, "\(tenths(Double(bytes) / 1_048_576)) MiB")
    }

    private func show(_ what: String, _ reached: String) {
        Line(
            target: "",
            what: "agent: \(what)",
            wanted: "",
            reached: reached,
            isReached: nil,
            rival: "",
            ratio: "",
            trials: name
        )
        .show()
    }
}
