package import Sodium
package import Vocabulary

/// The right to let machines in, which a root gives away for a short while and within bounds.
///
/// It is what a join token carries, with the key it is for. A certificate that was signed by this
/// right has the delegation inside.
package struct Delegation: Hashable, Sendable {
    package let content: Content
    package let bytes: [UInt8]

    /// What a delegation says.
    package struct Content: Hashable, Sendable {
        package var cluster: ClusterID
        /// Whose signature counts; never a node's own.
        package var key: VerifyingKey
        /// Drawn at random, so that people can tell two delegations apart.
        package var serial: UInt64
        /// Seconds since 1970; at most 90 days apart.
        ///
        /// A certificate must begin within them, and may end later.
        package var notBefore: UInt64
        package var notAfter: UInt64
        /// The longest that a certificate may last: seconds, at most 90 days.
        package var lifetime: UInt32
        /// Whether a certificate may have the right of an administrator.
        package var allowsAdmins: Bool
        package var maximumServices: UInt16
        package var maximumRecords: UInt16
        /// What a node's name must begin with; may be empty.
        package var namePrefix: String
        /// Where a node's own addresses must be; empty for anywhere.
        package var addresses: [CIDR]
        /// Where its pod ranges must be; empty for nowhere.
        package var podCIDRs: [CIDR]
        /// Patterns, each of which a node's namespaces must not go beyond.
        package var namespaces: [String]

        package init(
            cluster: ClusterID,
            key: VerifyingKey,
            serial: UInt64,
            notBefore: UInt64,
            notAfter: UInt64,
            lifetime: UInt32 = UInt32(Certificate.maximumLifetime),
            allowsAdmins: Bool = false,
            maximumServices: UInt16 = 1024,
            maximumRecords: UInt16 = 8192,
            namePrefix: String = "",
            addresses: [CIDR] = [],
            podCIDRs: [CIDR] = [],
            namespaces: [String] = ["*"]
        ) {
            self.cluster = cluster
            self.key = key
            self.serial = serial
            self.notBefore = notBefore
            self.notAfter = notAfter
            self.lifetime = lifetime
            self.allowsAdmins = allowsAdmins
            self.maximumServices = maximumServices
            self.maximumRecords = maximumRecords
            self.namePrefix = namePrefix
            self.addresses = addresses
            self.podCIDRs = podCIDRs
            self.namespaces = namespaces
        }
    }

    /// It must leave room for the certificate that it is a part of.
    package static let maximumLength = 300
    private static let formatVersion: UInt8 = 1
    private static let purpose = "gv1-dele"

    /// What a REVOKE calls it: the node name of the key it is for.
    package var id: NodeID { NodeID(of: content.key) }

    /// Until when a certificate may last that it let in: seconds since 1970.
    package var lastEnd: UInt64 { content.notAfter + UInt64(content.lifetime) }

    /// - Returns: `nil` where the content does not fit a delegation.
    package init?(signing content: Content, by root: SigningKey) {
        guard content.problem == nil else { return nil }
        let plain = Self.encode(content)
        let signature = root.sign(Array(Self.purpose.utf8) + plain)
        guard plain.count + signature.count <= Self.maximumLength else { return nil }
        self.content = content
        bytes = plain + signature
    }

    /// - Throws: `FormatError` where the bytes are not one delegation. The signature is not
    ///   checked here.
    package init(decoding bytes: [UInt8]) throws(FormatError) {
        guard bytes.count <= Self.maximumLength else { throw .tooLarge("delegation") }
        guard bytes.count > Record.signatureLength else { throw .truncated }
        var reader = ByteReader(Array(bytes.dropLast(Record.signatureLength)))
        content = try Self.decode(&reader)
        try reader.finish()
        guard content.problem == nil else { throw .invalid("delegation") }
        self.bytes = bytes
    }

    /// Whether one of these roots signed it.
    package func isSigned(byOneOf roots: [VerifyingKey], check: SignatureCheck) -> Bool {
        let message = Array(Self.purpose.utf8) + bytes.dropLast(Record.signatureLength)
        let signature = Array(bytes.suffix(Record.signatureLength))
        return roots.contains { check.isValid(signature, of: message, by: $0) }
    }

    private static func encode(_ content: Content) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(formatVersion)
        writer.write(content.cluster)
        writer.write(content.key.bytes)
        writer.write(content.serial)
        writer.write(content.notBefore)
        writer.write(content.notAfter)
        writer.write(content.lifetime)
        writer.write(UInt8(content.allowsAdmins ? 1 : 0))
        writer.write(content.maximumServices)
        writer.write(content.maximumRecords)
        writer.write(short: content.namePrefix)
        writer.write(ranges: content.addresses)
        writer.write(ranges: content.podCIDRs)
        writer.write(texts: content.namespaces)
        return writer.bytes
    }

    private static func decode(_ reader: inout ByteReader) throws(FormatError) -> Content {
        guard try reader.read(UInt8.self) == formatVersion else {
            throw .invalid("delegation version")
        }
        let cluster = try reader.read(ClusterID.self)
        guard let key = VerifyingKey(bytes: try reader.read(count: 32)) else { throw .truncated }
        let serial = try reader.read(UInt64.self)
        let notBefore = try reader.read(UInt64.self)
        let notAfter = try reader.read(UInt64.self)
        let lifetime = try reader.read(UInt32.self)
        let flags = try reader.read(UInt8.self)
        guard flags <= 1 else { throw .invalid("delegation flags") }
        return Content(
            cluster: cluster,
            key: key,
            serial: serial,
            notBefore: notBefore,
            notAfter: notAfter,
            lifetime: lifetime,
            allowsAdmins: flags == 1,
            maximumServices: try reader.read(UInt16.self),
            maximumRecords: try reader.read(UInt16.self),
            namePrefix: try reader.readShortText(),
            addresses: try reader.readRanges(),
            podCIDRs: try reader.readRanges(),
            namespaces: try reader.readTexts()
        )
    }
}

extension Delegation.Content {
    /// What no root should sign, in a person's words, or `nil`.
    package var problem: String? {
        if notAfter <= notBefore { return "the delegation would end before it begins" }
        if notAfter - notBefore > Certificate.maximumLifetime {
            return "a delegation lasts at most 90 days"
        }
        // So that the end of what it lets in can be told.
        if notAfter > 1 << 40 { return "the delegation would end in thousands of years" }
        if lifetime == 0 || UInt64(lifetime) > Certificate.maximumLifetime {
            return "what a delegation lets in lasts at most 90 days, and longer than nothing"
        }
        if namePrefix.utf8.count > 32 || !(namePrefix + "a").isDNSLabel {
            return "\"\(namePrefix)\" begins no node name: at most 32 of a-z, 0-9 and -"
        }
        if addresses.count > 32 || podCIDRs.count > 32 { return "more than 32 ranges" }
        if namespaces.count > 255
            || namespaces.contains(where: { $0.isEmpty || $0.utf8.count > 255 })
        {
            return "a namespace is empty or too long"
        }
        return nil
    }

    /// Why a certificate goes beyond what was delegated, in a person's words, or `nil`.
    package func problem(of node: Certificate.Content) -> String? {
        if node.cluster != cluster { return "certificate and delegation are of two clusters" }
        if node.key == key { return "the delegation's own key is no node's" }
        if !(notBefore...notAfter).contains(node.notBefore) {
            return "the certificate does not begin while the delegation counts"
        }
        if node.notAfter - node.notBefore > UInt64(lifetime) {
            return "the certificate lasts longer than the delegation lets it: \(lifetime) s"
        }
        if node.isAdmin, !allowsAdmins { return "the delegation makes no administrators" }
        if node.maximumServices > maximumServices {
            return "the delegation allows \(maximumServices) services a node"
        }
        if node.maximumRecords > maximumRecords {
            return "the delegation allows \(maximumRecords) records a node"
        }
        if !node.name.hasPrefix(namePrefix) {
            return "the delegation is for names that begin with \"\(namePrefix)\""
        }
        // Labels are the root's own word about a machine.
        if !node.labels.isEmpty { return "the delegation gives no labels" }
        for address in node.addresses
        where !addresses.isEmpty && !addresses.contains(where: { $0.contains(address) }) {
            return "the delegation does not cover the address \(address)"
        }
        for range in node.podCIDRs where !podCIDRs.contains(where: { $0.contains(range) }) {
            return "the delegation does not cover the pod range \(range)"
        }
        for pattern in node.namespaces where !namespaces.contains(where: { $0.covers(pattern) }) {
            return "the delegation does not cover the namespace \(pattern)"
        }
        return nil
    }
}

extension String {
    /// Whether this pattern allows every namespace that another pattern allows.
    fileprivate func covers(_ other: String) -> Bool {
        last == "*" ? other.hasPrefix(dropLast()) : other == self
    }
}

extension ByteWriter {
    /// One byte of count, then ranges.
    mutating func write(ranges: [CIDR]) {
        write(UInt8(ranges.count))
        for range in ranges { write(range) }
    }

    /// One byte of count, then short texts.
    mutating func write(texts: [String]) {
        write(UInt8(texts.count))
        for text in texts { write(short: text) }
    }
}

extension ByteReader {
    mutating func readRanges() throws(FormatError) -> [CIDR] {
        var ranges: [CIDR] = []
        for _ in 0..<Int(try read(UInt8.self)) { ranges.append(try readCIDR()) }
        return ranges
    }

    mutating func readTexts() throws(FormatError) -> [String] {
        var texts: [String] = []
        for _ in 0..<Int(try read(UInt8.self)) { texts.append(try readShortText()) }
        return texts
    }
}
