import ControlAPI
import Testing

@testable import Commands

struct TextTests {
    @Test func `columns are as wide as their widest word`() {
        var table = TextTable(["NAME", "X"])
        table.add(["a", "1"])
        table.add(["longer", ""])
        #expect(table.text() == "NAME    X\na       1\nlonger  -")
        #expect(table.text(headings: false) == "a       1\nlonger  -")
    }

    @Test func `no line ends in spaces`() {
        var table = TextTable(["A", "LONG"])
        table.add(["a", "b"])
        #expect(table.text().split(separator: "\n").allSatisfy { $0.last != " " })
    }

    @Test func `JSON is laid out with sorted keys and null where it is said`() {
        let list = MemberList([Member(name: "a", id: "1", address: "x/y", state: .alive)])
        #expect(
            Rendering.json(list) == """
                {
                  "apiVersion": "grapevine/v1",
                  "items": [
                    {
                      "accusedBy": [],
                      "address": "x/y",
                      "id": "1",
                      "lastHeardSeconds": null,
                      "name": "a",
                      "self": false,
                      "state": "alive",
                      "troubles": []
                    }
                  ],
                  "kind": "MemberList",
                  "outsiders": [],
                  "troubles": []
                }
                """
        )
    }

    @Test func `YAML says the same, and text stays text`() throws {
        let list = MemberList([Member(name: "on", id: "1", address: "", state: .alive)])
        #expect(
            try Rendering.yaml(list) == """
                apiVersion: grapevine/v1
                items:
                - accusedBy: []
                  address: ''
                  id: '1'
                  lastHeardSeconds: null
                  name: 'on'
                  self: false
                  state: alive
                  troubles: []
                kind: MemberList
                outsiders: []
                troubles: []
                """
        )
    }

    @Test func `long text and lines stay as they are in YAML`() throws {
        let text = String(repeating: "-A GRAPEVINE -j RETURN ", count: 10) + "X\nCOMMIT\n"
        let yaml = try Rendering.yaml(TableReply(flavour: "nft", generation: 1, text: text))
        let lines = text.split(separator: "\n").map { "  \($0)" }
        #expect(yaml == "flavour: nft\ngeneration: 1\ntext: |\n" + lines.joined(separator: "\n"))
    }

    @Test(arguments: [
        (0.04, "0.0s"), (0.61, "0.6s"), (14.2, "14s"), (200, "3m20s"), (3725, "1h2m"),
        (.infinity, "?"), (-1, "?"),
    ])
    func `times are short`(seconds: Double, text: String) {
        #expect(MemberList.seconds(seconds) == text)
    }
}
