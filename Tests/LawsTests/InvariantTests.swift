import Foundation
import Laws
import Testing

/// Every invariant of the registry's design is held by something that exists.
struct InvariantTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Everything that stands in the Swift files of a folder.
    private static func text(under folder: String, besides names: [String] = []) -> String {
        let start = root.appending(path: folder)
        let files =
            FileManager.default.enumerator(atPath: start.path)?
            .compactMap { $0 as? String } ?? []
        let swift = files.filter { file in
            file.hasSuffix(".swift") && !names.contains { file.hasSuffix($0) }
        }
        return swift.sorted().compactMap {
            try? String(contentsOf: start.appending(path: $0), encoding: .utf8)
        }.joined(separator: "\n")
    }

    private static let laws = text(
        under: "Chaos/Laws",
        besides: ["Invariant.swift", "Invariant+Proof.swift"]
    )
    private static let tests = text(under: "Tests", besides: ["InvariantTests.swift"])

    @Test func `there are forty-two, numbered as the design numbers them`() {
        #expect(Invariant.allCases.map(\.rawValue) == Array(1...42))
    }

    @Test(arguments: Invariant.allCases)
    func `an invariant is looked at by a checker or by a test of its own`(invariant: Invariant) {
        let isChecked =
            ["note(.", "Breach(.", "Trial(.", ": ."].contains {
                Self.laws.contains("\($0)\(invariant)")
            } || Self.laws.contains(".note(\n            .\(invariant)")
        #expect(isChecked || !invariant.tests.isEmpty, "nothing holds number \(invariant.rawValue)")
        for name in invariant.tests {
            #expect(Self.tests.contains("`\(name)`"), "no test is called so: \(name)")
        }
    }
}
