import Registry
import Vocabulary

/// The `metadata` of an object, as far as it means anything here.
struct Metadata {
    let name: String
    let namespace: String
    let labels: [KeyValue]
    let annotations: [KeyValue]
    /// Addresses and NodePorts, as texts, that the cluster gave a shown service: asked for by
    /// nobody.
    let given: Set<String>
    /// Where the whole stands, for what is missing from it.
    let place: Place
    /// Whether there is a name that is no text: that is reported already, and it is not missing.
    private let hasWrongName: Bool
    /// The keys of all labels, also of those whose values are none: they are reported already.
    let writtenLabels: [String]

    /// What a Kubernetes API server writes and a person does not.
    static let serverSide = [
        "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation",
        "managedFields", "resourceVersion", "selfLink", "uid",
    ]

    /// What a person may write and nothing here follows.
    static let withoutEffect = ["finalizers", "generateName", "ownerReferences"]

    /// Annotations that tools write for themselves, and those with which our own `get` shows
    /// what it knows: applying its output again must change nothing.
    private static let reserved = [
        "grapevine/aliases", "grapevine/declared-by", "grapevine/endpoints", givenKey,
        "kubectl.kubernetes.io/last-applied-configuration",
    ]

    /// With which `get` says what of the spec the cluster gave: `10.96.0.7,30080`.
    private static let givenKey = "grapevine/given"

    /// - Returns: `nil` where there is none, or no object; then it has been reported.
    init?(of object: inout Fields, namespace: String, _ findings: inout Findings) {
        guard let tree = object.take("metadata") else {
            findings.refuse(object.place.field("metadata"), "missing")
            return nil
        }
        guard var fields = tree.fields(&findings) else { return nil }
        let written = fields.text("name", &findings)
        name = written ?? ""
        hasWrongName = written == nil && fields.peek("name") != nil
        self.namespace = fields.text("namespace", &findings) ?? namespace
        labels = fields.pairs("labels", isLabels: true, &findings)
        if case .object(let entries)? = fields.take("labels")?.content {
            writtenLabels = entries.map(\.key)
        } else {
            writtenLabels = []
        }
        let noted = fields.pairs("annotations", isLabels: false, &findings)
        given = Set(
            noted.filter { $0.key == Self.givenKey }.flatMap { note in
                note.value.split(separator: ",").map(String.init)
            }
        )
        annotations = noted.filter { !Self.reserved.contains($0.key) }
        fields.ignore(Self.serverSide)
        fields.ignore(
            Self.withoutEffect,
            warning: "has no effect here",
            &findings
        )
        fields.finish(&findings)
        place = tree.place
    }

    /// The name of the service, given by a name in this object's namespace.
    ///
    /// - Returns: `nil` where one of the two is no such name; then it has been reported.
    func serviceName(_ name: String, at field: Place, _ findings: inout Findings) -> ServiceName? {
        if let result = ServiceName(namespace: namespace, name: name) { return result }
        if !namespace.isDNSLabel {
            let place = place.field("namespace")
            findings.refuse(place, "\"\(namespace.prefix(80))\" is not a DNS label")
        } else if name.isEmpty, hasWrongName {
            return nil
        } else if name.isEmpty {
            findings.refuse(field, "missing")
        } else {
            findings.refuse(
                field,
                "\"\(name.prefix(80))\" is not a name of a service",
                hint: "1...63 of a-z, 0-9 and -, beginning with a letter"
            )
        }
        return nil
    }
}
