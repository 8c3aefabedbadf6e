/// What became of a manifest that was applied.
package struct ApplyReply: Codable, Hashable, Sendable {
    /// In the order of the manifest.
    package let items: [Item]
    /// What was accepted although it has no effect, one line each.
    package let warnings: [String]

    package init(items: [Item], warnings: [String] = []) {
        self.items = items
        self.warnings = warnings
    }

    package enum Result: String, Codable, CaseIterable, Sendable {
        case created, configured, unchanged
    }

    package struct Item: Codable, Hashable, Sendable {
        /// `Service` or `EndpointSlice`.
        package let kind: String
        package let namespace: String
        package let name: String
        package let result: Result
        /// Absent where it is pending or no matter; `None` for a headless service.
        package let clusterIP: String?
        /// Absent where the service has none.
        package let nodePorts: [Int]?
        /// What it stands for, where it is of type ExternalName.
        package let externalName: String?

        package init(
            kind: String,
            namespace: String,
            name: String,
            result: Result,
            clusterIP: String? = nil,
            nodePorts: [Int]? = nil,
            externalName: String? = nil
        ) {
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.result = result
            self.clusterIP = clusterIP
            self.nodePorts = nodePorts
            self.externalName = externalName
        }
    }
}

/// What became of what should be deleted.
package struct DeleteReply: Codable, Hashable, Sendable {
    package let items: [Item]

    package init(items: [Item]) { self.items = items }

    package enum Result: String, Codable, CaseIterable, Sendable {
        case deleted
        /// Nothing of the kind was declared by this node.
        case notFound
    }

    package struct Item: Codable, Hashable, Sendable {
        /// `Service` or `EndpointSlice`.
        package let kind: String
        package let namespace: String
        package let name: String
        package let result: Result
        /// The nodes that go on declaring it, so that it stays; empty where nobody does.
        package let stillDeclaredBy: [String]?

        package init(
            kind: String,
            namespace: String,
            name: String,
            result: Result,
            stillDeclaredBy: [String]? = nil
        ) {
            self.kind = kind
            self.namespace = namespace
            self.name = name
            self.result = result
            self.stillDeclaredBy = stillDeclaredBy.flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}
