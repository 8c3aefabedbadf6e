import ControlAPI
import Testing

import struct Foundation.Data
import class Foundation.JSONSerialization

/// What can be asked, and how it is described.
struct OperationTests {
    private var document: [String: Any] {
        get throws {
            let bytes = JSON.encode(OpenAPI.document)
            return try #require(
                try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            )
        }
    }

    @Test(arguments: Operation.ID.allCases)
    func `every operation has one line in the table, and is described`(id: Operation.ID) throws {
        let found = Operation.all.filter { $0.id == id }
        let operation = try #require(found.first)
        #expect(found.count == 1)
        let paths = try #require(try document["paths"] as? [String: [String: Any]])
        let described = try #require(
            paths[operation.path]?[operation.method.rawValue.lowercased()] as? [String: Any]
        )
        #expect(described["operationId"] as? String == id.rawValue)
        let parameters = described["parameters"] as? [[String: Any]] ?? []
        #expect(parameters.compactMap { $0["name"] as? String } == operation.parameters.map(\.name))
        let responses = try #require(described["responses"] as? [String: Any])
        #expect(responses["200"] != nil)
        for code in operation.problems { #expect(responses["\(code.status)"] != nil) }
    }

    @Test func `no two operations answer the same request`() {
        let keys = Operation.all.map { "\($0.method) \($0.path)" }
        #expect(Set(keys).count == keys.count)
    }

    @Test func `what varies in a path is a parameter, and found again`() {
        for operation in Operation.all {
            let places = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
            let inPath = operation.parameters.filter(\.isInPath).map { "{\($0.name)}" }
            #expect(places.map(String.init) == inPath, "\(operation.path)")
            #expect(operation.values(in: operation.path) == inPath)
            #expect(operation.values(in: operation.path + "/more") == nil)
        }
    }

    @Test func `schemas say what the types read`() throws {
        let components = try #require(try document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let member = try #require(schemas["Member"])
        let fields = try #require(member["properties"] as? [String: [String: Any]])
        let required = try #require(member["required"] as? [String])
        #expect(required.contains("self"))
        #expect(!required.contains("lastHeardSeconds"))
        #expect(fields["state"]?["enum"] as? [String] == ["alive", "suspect", "dead", "left"])
        #expect(fields["accusedBy"]?["type"] as? String == "array")
        #expect(schemas["ServiceObject.Port"] != nil)
        // A reply that could not be read would have left off in the middle.
        let status = try #require(schemas["StatusReply"]?["required"] as? [String])
        #expect(status.contains("troubles"))
    }

    @Test(arguments: [
        ("kind=services", nil), ("kind=service", "did you mean services?"),
        ("kinds=services", "did you mean kind?"), ("", "kind is what to watch"),
        ("kind=nodes&kind=nodes", "say it once"),
        ("kind=nodes&from=-1", "from is a number of 0..."),
        ("kind=services&ns=Web", "ns is a name"),
        ("kind=services&colour=red", "takes kind, ns, from"),
    ])
    func `a query that is not understood is answered with what would be`(
        query: String,
        hint: String?
    ) throws {
        let watch = try #require(Operation.all.first { $0.id == .watch })
        let pairs = query.split(separator: "&").map { pair in
            let halves = pair.split(separator: "=")
            return (name: String(halves[0]), value: String(halves[1]))
        }
        let complaint = watch.complaint(about: pairs) { word, names in
            names.first { $0.hasPrefix(word.dropLast()) || word.hasPrefix($0) }
        }
        if let hint {
            #expect(complaint?.hint?.contains(hint) == true, "\(complaint?.hint ?? "none")")
        } else {
            #expect(complaint == nil)
        }
    }
}
