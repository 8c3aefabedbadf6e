import Registry
import Vocabulary

/// Turns one document after the other into items, by its kind.
struct ObjectReader {
    /// For objects that name none.
    let namespace: String
    private(set) var items: [Manifest.Item] = []
    private var lines: [String: Int] = [:]
    private var objects = 0

    init(namespace: String) { self.namespace = namespace }

    /// Reads one document; one that holds nothing is no mistake.
    mutating func read(_ tree: Tree, _ findings: inout Findings) {
        if tree.isNull { return }
        read(tree, mayBeList: true, &findings)
    }

    private mutating func read(_ tree: Tree, mayBeList: Bool, _ findings: inout Findings) {
        objects += 1
        guard objects <= Manifest.maximumObjects else {
            if objects == Manifest.maximumObjects + 1 {
                findings.refuse(tree.place, "more than \(Manifest.maximumObjects) objects")
            }
            return
        }
        let problems = findings.problemCount
        guard var fields = tree.fields(&findings) else { return }
        let version = required("apiVersion", of: &fields, &findings)
        let kindPlace = fields.take("kind")?.place ?? tree.place
        guard let kind = required("kind", of: &fields, &findings), let version else { return }
        let declaration: (name: String, Manifest.Declaration)?
        switch (version, kind) {
        case ("v1", "Service"):
            declaration = service(&fields, &findings)
        case ("discovery.k8s.io/v1", "EndpointSlice"):
            declaration = endpointSlice(&fields, &findings)
        case ("v1", "List") where mayBeList:
            return readList(&fields, &findings)
        default:
            let hint = Self.hint(version: version, kind: kind)
            return findings.refuse(kindPlace, "\(version) \(kind) is not supported", hint: hint)
        }
        fields.finish(&findings)
        guard let (name, declaration) = declaration, findings.problemCount == problems else {
            return
        }
        add(declaration, name: name, at: tree.place, &findings)
    }

    private mutating func readList(_ fields: inout Fields, _ findings: inout Findings) {
        let items = fields.take("items")?.list(&findings) ?? []
        fields.ignore(["metadata"])
        fields.finish(&findings)
        objects -= 1
        for item in items { read(item, mayBeList: false, &findings) }
    }

    private mutating func add(
        _ declaration: Manifest.Declaration,
        name: String,
        at place: Place,
        _ findings: inout Findings
    ) {
        let key =
            switch declaration {
            case .service(let service, _): "service \(service)"
            case .endpoints(let set): "endpointslice \(set.service.namespace)/\(name)"
            }
        if !name.isEmpty, let line = lines[key] {
            let hint = "the first begins in line \(line)"
            return findings.refuse(place, "\(key) is declared twice", hint: hint)
        }
        lines[key] = place.line
        items.append(Manifest.Item(declaration: declaration, name: name, line: place.line))
    }

    private func required(
        _ name: String,
        of fields: inout Fields,
        _ findings: inout Findings
    ) -> String? {
        guard let value = fields.take(name) else {
            findings.refuse(fields.place.field(name), "missing")
            return nil
        }
        return value.text(&findings).map { String($0.prefix(80)) }
    }

    private static func hint(version: String, kind: String) -> String {
        switch kind {
        case "Service": "write apiVersion: v1"
        case "EndpointSlice": "write apiVersion: discovery.k8s.io/v1"
        case "Endpoints": "write a discovery.k8s.io/v1 EndpointSlice"
        default: "objects are v1 Service and discovery.k8s.io/v1 EndpointSlice"
        }
    }
}
