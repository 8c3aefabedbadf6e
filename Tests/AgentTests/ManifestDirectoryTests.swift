import ControlAPI
import Foundation
import Testing

/// The directory that an agent watches: what its files declare counts while they are there.
@Suite(.serialized)
struct ManifestDirectoryTests {
    /// An agent with a directory of its own, and how to write there.
    private func withDirectory(
        _ files: [String: String],
        _ body: (Household, (String, String?) throws -> Void) async throws -> Void
    ) async throws {
        try await Household.with { home in
            try home.issue("a")
            let directory = home.path("manifests")
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true
            )
            func write(_ name: String, _ text: String?) throws {
                let path = "\(directory)/\(name)"
                guard let text else { return try FileManager.default.removeItem(atPath: path) }
                try text.write(toFile: path, atomically: true, encoding: .utf8)
            }
            for (name, text) in files.sorted(by: { $0.key < $1.key }) { try write(name, text) }
            try await home.start("a", node: 0, more: ["--manifests", directory])
            try await body(home, write)
        }
    }

    private func names(_ home: Household) async throws -> [String] {
        try await home.services("a").keys.sorted()
    }

    private func troubles(_ home: Household) async throws -> [String] {
        try await home.status("a").troubles
    }

    @Test func `manifests count while their file is there, and a bad one blocks no other`()
        async throws
    {
        let files = ["good.yaml": service("good"), "bad.yaml": "kind: Servise\n"]
        try await withDirectory(files) { home, write in
            try await eventually("the good one is declared") { try await names(home) == ["good"] }
            try await eventually("the bad one is complained of") {
                try await troubles(home).contains { $0.contains("bad.yaml") }
            }
            try write("bad.yaml", service("mended"))
            try await eventually("mended, it is declared, and nobody complains") {
                let names = try await names(home)
                let troubles = try await troubles(home)
                return names == ["good", "mended"] && troubles.isEmpty
            }
            try write("good.yaml", nil)
            try await eventually("what left the directory is withdrawn") {
                try await names(home) == ["mended"]
            }
        }
    }

    @Test func `what a file declared stays while it is broken, and goes with it`() async throws {
        let files = ["a.yaml": service("one") + service("two"), "b.yaml": service("three")]
        try await withDirectory(files) { home, write in
            try await eventually("all are declared") {
                try await names(home) == ["one", "three", "two"]
            }
            try write("a.yaml", service("one") + "kind: [\n")
            try await eventually("the broken file is complained of") {
                try await troubles(home).contains { $0.contains("a.yaml:7") }
            }
            #expect(try await names(home) == ["one", "three", "two"])
            home.kill("a", SIGTERM)
            let directory = home.path("manifests")
            try await home.start("a", node: 0, more: ["--manifests", directory])
            try await eventually("it is complained of after a restart too") {
                try await troubles(home).contains { $0.contains("a.yaml:7") }
            }
            #expect(try await names(home) == ["one", "three", "two"])
            try write("a.yaml", nil)
            try await eventually("the file took its services along") {
                try await names(home) == ["three"]
            }
        }
    }

    @Test func `an object that the agent refuses blocks none of its own file`() async throws {
        let text = service("far", more: ", clusterIP: 10.97.0.1") + service("near")
        try await withDirectory(["a.yaml": text]) { home, _ in
            try await eventually("the other is declared") { try await names(home) == ["near"] }
            try await eventually("the refusal has its place") {
                try await troubles(home).contains {
                    $0.contains("a.yaml:1: service default/far: spec.clusterIP 10.97.0.1")
                }
            }
        }
    }

    @Test func `of two files with one service the first counts, and the second is told of`()
        async throws
    {
        let files = ["a.yaml": service("web"), "b.yaml": service("web", more: ", clusterIP: None")]
        try await withDirectory(files) { home, write in
            try await eventually("the second is told of") {
                try await troubles(home).contains {
                    $0.contains("b.yaml:1: service default/web: declared already at ")
                        && $0.hasSuffix("a.yaml:1")
                }
            }
            #expect(try await home.services("a")["web"] != "None")
            try write("a.yaml", nil)
            try await eventually("without the first the second counts") {
                try await home.services("a")["web"] == "None"
            }
        }
    }
}
