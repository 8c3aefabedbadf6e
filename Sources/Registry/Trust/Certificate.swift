package import Sodium
package import Vocabulary

/// What the root lets a node be and do; it travels inside the node's HEAD, as exact bytes.
///
/// A root signed it, or whoever holds a delegation that a root signed; the delegation is then a
/// part of the certificate, so that everybody can follow the chain without asking.
package struct Certificate: Hashable, Sendable {
    package let content: Content
    /// By whose right it was signed; `nil` where a root did it itself.
    package let delegation: Delegation?
    package let bytes: [UInt8]

    /// What a certificate says.
    package struct Content: Hashable, Sendable {
        package var cluster: ClusterID
        package var key: VerifyingKey
        /// A DNS label of at most 32 bytes: what people call the node.
        package var name: String
        /// Seconds since 1970; at most 90 days apart.
        package var notBefore: UInt64
        package var notAfter: UInt64
        /// Whether it may delete what others declared.
        package var isAdmin: Bool
        /// How many services it may declare.
        package var maximumServices: UInt16
        /// How many records it may keep alive.
        package var maximumRecords: UInt16
        /// Room for so many services: a record each, and as many for their endpoints and what
        /// else there is.
        package static func records(forServices count: UInt16) -> UInt16 {
            max(8192, UInt16(clamping: 2 * Int(count)))
        }

        /// The machine's own addresses: endpoints and packets may come from these.
        package var addresses: [IPAddress]
        /// Further ranges its endpoints may be in.
        package var podCIDRs: [CIDR]
        /// Namespaces it may declare services in: exact, or a prefix that ends in `*`.
        package var namespaces: [String]
        package var labels: [KeyValue]

        package init(
            cluster: ClusterID,
            key: VerifyingKey,
            name: String,
            notBefore: UInt64,
            notAfter: UInt64,
            isAdmin: Bool = false,
            maximumServices: UInt16 = 1024,
            maximumRecords: UInt16 = 8192,
            addresses: [IPAddress],
            podCIDRs: [CIDR] = [],
            namespaces: [String] = ["*"],
            labels: [KeyValue] = []
        ) {
            self.cluster = cluster
            self.key = key
            self.name = name
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.isAdmin = isAdmin
            self.maximumServices = maximumServices
            self.maximumRecords = maximumRecords
            self.addresses = addresses
            self.podCIDRs = podCIDRs
            self.namespaces = namespaces
            self.labels = labels
        }
    }

    /// 90 days: how long a certificate may last at most.
    package static let maximumLifetime: UInt64 = 90 * 86_400
    /// A certificate must leave room in a HEAD and in a FAULT, and these in a datagram.
    package static let maximumLength = 656
    private static let rootVersion: UInt8 = 1
    private static let delegatedVersion: UInt8 = 2
    private static let purpose = "gv1-cert"

    /// The name that follows from the key.
    package var node: NodeID { NodeID(of: content.key) }

    /// - Returns: `nil` where the content does not fit a certificate.
    package init?(signing content: Content, by root: SigningKey) {
        self.init(content, nil, key: root)
    }

    /// Signs by a right that a root gave away; `nil` where the content does not fit.
    ///
    /// Whether it goes beyond that right is `problem(under:check:)`.
    ///
    /// - Parameters:
    ///   - content: What it says.
    ///   - delegation: The right.
    ///   - key: The key that the delegation is for.
    package init?(signing content: Content, under delegation: Delegation, by key: SigningKey) {
        self.init(content, delegation, key: key)
    }

    private init?(_ content: Content, _ delegation: Delegation?, key: SigningKey) {
        guard content.problem == nil else { return nil }
        let plain = Self.encode(content, delegation)
        let signature = key.sign(Array(Self.purpose.utf8) + plain)
        guard plain.count + signature.count <= Self.maximumLength else { return nil }
        self.content = content
        self.delegation = delegation
        bytes = plain + signature
    }

    /// - Throws: `FormatError` where the bytes are not one certificate. The signature is not
    ///   checked here.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        guard bytes.count <= Self.maximumLength else { throw .tooLarge("certificate") }
        guard bytes.count > Record.signatureLength else { throw .truncated }
        var reader = ByteReader(bytes, in: 0..<bytes.count - Record.signatureLength)
        switch try reader.read(UInt8.self) {
        case Self.rootVersion: delegation = nil
        case Self.delegatedVersion: delegation = try Delegation(decoding: try reader.readLong())
        default: throw .invalid("certificate version")
        }
        content = try Self.decode(&reader)
        try reader.finish()
        guard content.problem == nil else { throw .invalid("certificate") }
        self.bytes = bytes
    }

    /// What was signed, and the signature.
    package var signedParts: (message: [UInt8], signature: [UInt8]) {
        (
            Array(Self.purpose.utf8) + bytes.dropLast(Record.signatureLength),
            Array(bytes.suffix(Record.signatureLength))
        )
    }

    private static func encode(_ content: Content, _ delegation: Delegation?) -> [UInt8] {
        var writer = ByteWriter()
        if let delegation {
            writer.write(delegatedVersion)
            writer.write(long: delegation.bytes)
        } else {
            writer.write(rootVersion)
        }
        writer.write(content.cluster)
        writer.write(content.key.bytes)
        writer.write(content.notBefore)
        writer.write(content.notAfter)
        writer.write(UInt8(content.isAdmin ? 1 : 0))
        writer.write(content.maximumServices)
        writer.write(content.maximumRecords)
        writer.write(short: content.name)
        writer.write(UInt8(content.addresses.count))
        for address in content.addresses { writer.write(address) }
        writer.write(ranges: content.podCIDRs)
        writer.write(texts: content.namespaces)
        writer.write(UInt8(content.labels.count))
        for label in content.labels {
            writer.write(short: label.key)
            writer.write(short: label.value)
        }
        return writer.bytes
    }

    private static func decode(_ reader: inout ByteReader) throws(FormatError) -> Content {
        let cluster = try reader.read(ClusterID.self)
        guard let key = VerifyingKey(bytes: try reader.read(count: 32)) else { throw .truncated }
        let notBefore = try reader.read(UInt64.self)
        let notAfter = try reader.read(UInt64.self)
        let flags = try reader.read(UInt8.self)
        guard flags <= 1 else { throw .invalid("certificate flags") }
        let services = try reader.read(UInt16.self)
        let records = try reader.read(UInt16.self)
        let name = try reader.readShortText()
        var content = Content(
            cluster: cluster,
            key: key,
            name: name,
            notBefore: notBefore,
            notAfter: notAfter,
            isAdmin: flags == 1,
            maximumServices: services,
            maximumRecords: records,
            addresses: [],
            namespaces: []
        )
        for _ in 0..<Int(try reader.read(UInt8.self)) {
            content.addresses.append(try reader.readAddress())
        }
        content.podCIDRs = try reader.readRanges()
        content.namespaces = try reader.readTexts()
        for _ in 0..<Int(try reader.read(UInt8.self)) {
            let key = try reader.readShortText()
            content.labels.append(KeyValue(key, try reader.readShortText()))
        }
        return content
    }
}

extension Certificate.Content {
    /// What no root should sign, in a person's words, or `nil`.
    package var problem: String? {
        if !name.isDNSLabel || name.utf8.count > 32 {
            return "\"\(name)\" is no node name: 1...32 of a-z, 0-9 and -, as in a host name"
        }
        if notAfter <= notBefore { return "the certificate would end before it begins" }
        if notAfter - notBefore > Certificate.maximumLifetime {
            return "a certificate lasts at most 90 days"
        }
        if addresses.isEmpty { return "a node needs at least one address" }
        if let bad = addresses.first(where: { !$0.isUnicast }) {
            return "\(bad) is no address of a machine"
        }
        for (what, texts) in [("namespace", namespaces), ("label", labels.map(\.key))]
        where texts.count > 255 || texts.contains(where: { $0.isEmpty || $0.utf8.count > 255 }) {
            return "a \(what) is empty or too long"
        }
        if labels.contains(where: { $0.value.utf8.count > 255 }) {
            return "a label is empty or too long"
        }
        if addresses.count > 32 || podCIDRs.count > 32 { return "more than 32 addresses or ranges" }
        return nil
    }

    /// Whether it may declare services in a namespace.
    package func allows(namespace: String) -> Bool {
        namespaces.contains { pattern in
            pattern.last == "*" ? namespace.hasPrefix(pattern.dropLast()) : namespace == pattern
        }
    }

    /// Whether it may offer an endpoint at an address.
    package func allows(endpoint address: IPAddress) -> Bool {
        addresses.contains(address) || podCIDRs.contains { $0.contains(address) }
    }

    /// Whether it counts at this time.
    package func isValid(at now: WallTime) -> Bool {
        (notBefore...notAfter).contains(now.seconds)
    }
}

extension NodeID {
    /// `BLAKE2b-128("gv1-node" ‖ public key)`.
    package init(of key: VerifyingKey) {
        self.init(BLAKE2b.hash128(Array("gv1-node".utf8) + key.bytes))
    }
}

extension ServiceID {
    /// `BLAKE2b-128(key = clusterId, namespace ‖ 0 ‖ name)`.
    package init(of name: ServiceName, in cluster: ClusterID) {
        let text = Array(name.namespace.utf8) + [0] + Array(name.name.utf8)
        self.init(BLAKE2b.hash128(text, key: cluster.bytes))
    }
}
