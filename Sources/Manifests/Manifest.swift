package import Registry
package import Vocabulary

/// What a YAML text declares: Kubernetes objects, as far as we honour them, in our own words.
package struct Manifest: Sendable {
    /// In the order of the text; no two declare the same thing.
    package let items: [Item]
    /// What was accepted although it has no effect.
    package let warnings: [ManifestProblem]

    /// One object of the text.
    package struct Item: Hashable, Sendable {
        package let declaration: Declaration
        /// The object's own `metadata.name`; for endpoints this is not their service's name, and
        /// may be empty.
        package let name: String
        /// The line where the object begins, counted from 1: for what the agent finds wrong.
        package let line: Int
    }

    package enum Declaration: Hashable, Sendable {
        /// A `v1 Service`.
        case service(ServiceName, ServiceSpec)
        /// A `discovery.k8s.io/v1 EndpointSlice`. It adds to other slices of the same service.
        case endpoints(EndpointSet)
    }
}

extension Manifest {
    /// Bytes of one text; a list of 1,000 services with 32 ports has about as many.
    package static let maximumBytes = 1 << 20
    /// Objects of one text, counting the items of a `List`.
    package static let maximumObjects = 1000

    /// Reads a text of any number of documents.
    ///
    /// - Parameters:
    ///   - text: YAML, or JSON, which is YAML too.
    ///   - file: The name of the text in what is found.
    ///   - namespace: For objects that name none.
    /// - Throws: `ManifestError` with all the problems of all the documents. Input of any kind
    ///   gives a manifest or this error, and never a trap.
    package init(
        parsing text: String,
        file: String,
        namespace: String = "default"
    ) throws(ManifestError) {
        var findings = Findings(file: file)
        let start = Place(line: 1, column: 1, path: "")
        var reader = ObjectReader(namespace: namespace)
        if !namespace.isDNSLabel {
            findings.refuse(start, "\"\(namespace.prefix(80))\" is no name of a namespace")
        } else if text.utf8.count > Self.maximumBytes {
            findings.refuse(start, "more than \(Self.maximumBytes) bytes")
        } else {
            // Some editors begin a text with a mark of its encoding (U+FEFF).
            let documents = Documents(text.hasMark ? String(text.unicodeScalars.dropFirst()) : text)
                .all
            if documents.count > Self.maximumObjects + 1 {
                findings.refuse(start, "more than \(Self.maximumObjects) documents")
            } else {
                for document in documents {
                    for tree in Tree.read(document, &findings) { reader.read(tree, &findings) }
                }
            }
        }
        guard findings.problems.isEmpty else {
            throw ManifestError(problems: findings.problems)
        }
        items = reader.items
        warnings = findings.warnings
    }
}

extension String {
    /// Whether a byte order mark comes first.
    fileprivate var hasMark: Bool { unicodeScalars.first == "\u{FEFF}" }
}
