import Manifests
import Registry
import Testing
import Vocabulary

struct ManifestTests {
    @Test func `documents are read one after the other, empty ones are nothing`() throws {
        let text =
            "---\n# only a remark\n---\n" + service("ports: [{port: 80}]") + "\n---\n"
            + slice("addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]") + "\n---\n"
        let manifest = try Manifest(parsing: text, file: "-")
        #expect(manifest.items.map(\.name) == ["web", "web-1"])
        #expect(manifest.items.map(\.line) == [4, 10])
    }

    @Test(arguments: ["", "\n", "---", "--- \n...\n", "# nothing", "null"])
    func `a text without objects declares nothing`(text: String) throws {
        #expect(try Manifest(parsing: text, file: "-").items == [])
    }

    @Test func `one mistake and nothing is accepted, all mistakes are found`() {
        let text = """
            apiVersion: v1
            kind: Service
            metadata: {name: web}
            spec:
              ports:
                - port: 80
                  targetport: 8080
              colour: red
            ---
            apiVersion: v1
            kind: [
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: good}
            spec: {ports: [{port: 80}]}
            ---
            apiVersion: v1
            kind: Pod
            """
        #expect(
            problems(text) == [
                "web.yaml:7: spec.ports[0].targetport: unknown field; did you mean targetPort?",
                "web.yaml:8: spec.colour: unknown field",
                "web.yaml:12: not valid YAML: did not find expected node content",
                "web.yaml:19: kind: v1 Pod is not supported; "
                    + "objects are v1 Service and discovery.k8s.io/v1 EndpointSlice",
            ]
        )
    }

    @Test func `keys given twice are found by line and path, wherever they are`() {
        let text = """
            apiVersion: v1
            kind: Service
            kind: Service
            metadata:
              name: web
              labels: {"a": b, 'a': c, a: d}
            spec:
              ports:
                - port: 80
                  port: 81
            """
        #expect(
            problems(text) == [
                "web.yaml:3: kind: given twice; the first is in line 2",
                "web.yaml:6: metadata.labels.a: given twice; the first is in line 6",
                "web.yaml:6: metadata.labels.a: given twice; the first is in line 6",
                "web.yaml:10: spec.ports[0].port: given twice; the first is in line 9",
            ]
        )
    }

    @Test func `a column is known too`() {
        let text = service("ports: [{port: 80, targetport: 1}]")
        do {
            _ = try Manifest(parsing: text, file: "-")
            Issue.record("accepted")
        } catch {
            #expect(error.problems.map(\.column) == [22])
        }
    }

    @Test(arguments: [
        ("kind: Service", "1: apiVersion: missing"),
        ("apiVersion: v1", "1: kind: missing"),
        (
            "apiVersion: v1beta1\nkind: Service",
            "2: kind: v1beta1 Service is not supported; write apiVersion: v1"
        ),
        (
            "apiVersion: v1\nkind: Endpoints",
            "2: kind: v1 Endpoints is not supported; write a discovery.k8s.io/v1 EndpointSlice"
        ),
        ("hello", "1: must be an object, not text"),
        ("[1]", "1: must be an object, not a list"),
        (
            "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: List}]",
            "3: items[0].kind: v1 List is not supported; "
                + "objects are v1 Service and discovery.k8s.io/v1 EndpointSlice"
        ),
    ])
    func `other objects are refused`(text: String, problem: String) {
        #expect(problems(text) == ["web.yaml:\(problem)"])
    }

    @Test func `the same object twice is refused`() {
        let text = service("ports: [{port: 80}]")
        #expect(
            problems("\(text)\n---\n\(text)") == [
                "web.yaml:7: service default/web is declared twice; the first begins in line 1"
            ]
        )
    }

    @Test func `a bad namespace of the caller is refused`() {
        #expect(
            problems("", namespace: "A") == ["web.yaml:1: \"A\" is no name of a namespace"]
        )
    }

    // MARK: - Limits

    @Test func `aliases are refused, however many values they stand for`() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...40 {
            let uses = (0..<10).map { _ in "*a\(level - 1)" }.joined(separator: ", ")
            text += "a\(level): &a\(level) [\(uses)]\n"
        }
        text += "? *a40\n: x\n"
        let found = problems(text)
        #expect(found.count == 100)
        #expect(
            found.first
                == "web.yaml:2: a1[0]: YAML aliases are not supported: write the value out"
        )
    }

    @Test func `asterisks in text are left alone`() throws {
        let text = service("ports: [{port: 80}]")
            .replacing("{name: web}", with: "{name: web, annotations: {a: '*b', c: d*e, f: \"*\"}}")
        let annotations = try Manifest(parsing: text, file: "-").onlySpec?.annotations
        #expect(annotations?.map(\.value) == ["*b", "d*e", "*"])
    }

    @Test(arguments: ["[", "{a: ", "- ", "? "])
    func `deep nesting is refused`(opening: String) {
        for depth in [40, 900, 1100, 100_000] {
            #expect(problems(String(repeating: opening, count: depth)) != [])
        }
    }

    @Test func `deep nesting that is valid YAML is refused too`() {
        let list = String(repeating: "[", count: 500) + String(repeating: "]", count: 500)
        #expect(problems(service("ports: \(list)")).first?.hasSuffix("nested too deeply") == true)
    }

    @Test func `texts, documents and objects have a limit`() {
        #expect(problems(String(repeating: "#", count: (1 << 20) + 1)).count == 1)
        #expect(
            problems(String(repeating: "---\n", count: 1100))
                == ["web.yaml:1: more than 1000 documents"]
        )
        let item = "- {apiVersion: v1, kind: Service, metadata: {name: a}, spec: {}}\n"
        let list = "apiVersion: v1\nkind: List\nitems:\n" + String(repeating: item, count: 1100)
        #expect(problems(list).count == 100)
    }

    @Test func `keys given twice too often end the reading of their document`() {
        let found = problems(String(repeating: "a: b\n", count: 50))
        #expect(found == ["web.yaml:9: a: given twice"])
    }

    @Test func `tags and private characters are refused`() {
        #expect(
            problems("apiVersion: !!binary v1\nkind: Service").first
                == "web.yaml:1: apiVersion: YAML tags are not supported"
        )
        #expect(
            problems("a: \u{E000}")
                == ["web.yaml:1: the characters U+E000...U+E008 are not accepted"]
        )
    }

    // MARK: - Whatever is given

    /// The pieces of which mutations are made: indicators, breaks, digits, words of the schema.
    private static let pieces = [
        "*", "&a", "*a", "!!str", "!", "[", "]", "{", "}", ":", ": ", "- ", "? ", "|", ">", "'",
        "\"", "\\", "\n", "\r", "\t", " ", "#", "%", "@", "`", "---\n", "...\n", "\u{85}",
        "\u{2028}", "\u{0}", "\u{FEFF}", "\u{1F600}", "\u{E003}", "0", "-1", "1e9",
        "99999999999999999999", "null", "~", "true", "<<: ", "ports", "spec", "name: ",
        "kind: Service\n", "\\x41", "\\ud800", "\\u0000",
    ]

    @Test(arguments: Seed.sweep(300))
    func `no mutation of a good text is a trap`(seed: Seed) {
        let good =
            service("type: NodePort\nports:\n  - {name: a, port: 80}\n  - name: b\n    port: 81")
            + "\n---\n"
            + slice("addressType: IPv4\nports: [{port: 80}]\nendpoints:\n- addresses: [10.0.0.1]\n")
        var random = RandomStream(seed, "mutations")
        var letters = Array(good.unicodeScalars)
        for _ in 0..<40 {
            for _ in 0...random.below(3) {
                let at = random.below(letters.count)
                switch random.below(4) {
                case 0: letters.remove(at: at)
                case 1: letters.swapAt(at, random.below(letters.count))
                case 2:
                    let end = min(letters.count, at + random.below(20))
                    let copy = letters[at..<end]
                    letters.insert(contentsOf: copy, at: random.below(letters.count))
                default:
                    let piece = random.pick(Self.pieces) ?? ""
                    letters.insert(contentsOf: piece.unicodeScalars, at: at)
                }
            }
            var text = String.UnicodeScalarView()
            text.append(contentsOf: letters)
            // Each text gives a manifest or problems; a trap would end the test run.
            for problem in problems(String(text)) { #expect(problem.hasPrefix("web.yaml:")) }
            if random.chance(1, in: 6) { letters = Array(good.unicodeScalars) }
        }
    }
}
