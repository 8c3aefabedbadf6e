package import Vocabulary

/// DECL: one author's wish for one service, and its holds on addresses for it.
package struct Declaration: Hashable, Sendable {
    package var service: ServiceName
    /// The first thing that decides between two authors' specs: raised to take over.
    package var revision: UInt32
    /// When this author last changed the content of the spec; survives a restart.
    package var specStamp: HybridTime
    /// The author whose wish this repeats, so that it outlives that author; `nil` for an own wish.
    package var adoptedFrom: NodeID?
    package var spec: ServiceSpec
    /// One for the address and one for each NodePort; twice that while a service moves.
    package var claims: [Claim]

    /// A record has no room for more.
    package static let maximumClaims = 80

    package init(
        service: ServiceName,
        revision: UInt32 = 1,
        specStamp: HybridTime,
        adoptedFrom: NodeID? = nil,
        spec: ServiceSpec,
        claims: [Claim]
    ) {
        self.service = service
        self.revision = revision
        self.specStamp = specStamp
        self.adoptedFrom = adoptedFrom
        self.spec = spec
        self.claims = claims
    }

    func write(into writer: inout ByteWriter) {
        writer.write(short: service.namespace)
        writer.write(short: service.name)
        writer.write(revision)
        writer.write(specStamp.raw)
        writer.write(UInt8(adoptedFrom == nil ? 0 : 1))
        if let adoptedFrom { writer.write(adoptedFrom) }
        writer.write(long: spec.encoded)
        writer.write(UInt8(claims.count))
        for claim in claims { claim.write(into: &writer) }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let namespace = try reader.readShortText()
        let name = try reader.readShortText()
        guard let service = ServiceName(namespace: namespace, name: name) else {
            throw .invalid("service name")
        }
        self.service = service
        revision = try reader.read(UInt32.self)
        specStamp = HybridTime(raw: try reader.read(UInt64.self))
        let flags = try reader.read(UInt8.self)
        guard flags <= 1 else { throw .invalid("declaration flags") }
        adoptedFrom = flags == 1 ? try reader.read(NodeID.self) : nil
        spec = try ServiceSpec(decoding: try reader.readLong())
        let count = Int(try reader.read(UInt8.self))
        guard count <= Self.maximumClaims else { throw .tooLarge("claims") }
        claims = []
        for _ in 0..<count { claims.append(try Claim(&reader)) }
    }
}

/// An author's hold on an address or a port for a service.
package struct Claim: Hashable, Sendable {
    package let resource: Resource
    /// Which of the spec's ports a NodePort is for; 0 for an address.
    package let portIndex: UInt8
    /// When it was first made: the older claim wins.
    package let stamp: HybridTime
    /// Witnesses and their signatures.
    ///
    /// Carried, and not yet counted (quorum 0).
    package let seals: [Seal]

    package struct Seal: Hashable, Sendable {
        package let witness: NodeID
        /// 64 bytes.
        package let signature: [UInt8]

        package init(witness: NodeID, signature: [UInt8]) {
            self.witness = witness
            self.signature = signature
        }
    }

    package static let maximumSeals = 3

    package init(
        _ resource: Resource,
        portIndex: UInt8 = 0,
        stamp: HybridTime,
        seals: [Seal] = []
    ) {
        self.resource = resource
        self.portIndex = portIndex
        self.stamp = stamp
        self.seals = seals
    }

    func write(into writer: inout ByteWriter) {
        writer.write(resource.kind)
        writer.write(portIndex)
        resource.writeNumber(into: &writer)
        writer.write(stamp.raw)
        writer.write(UInt8(seals.count))
        for seal in seals {
            writer.write(seal.witness)
            writer.write(seal.signature)
        }
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        let kind = try reader.read(UInt8.self)
        portIndex = try reader.read(UInt8.self)
        resource = try Resource(kind: kind, &reader)
        stamp = HybridTime(raw: try reader.read(UInt64.self))
        let count = Int(try reader.read(UInt8.self))
        guard count <= Self.maximumSeals else { throw .tooLarge("seals") }
        var seals: [Seal] = []
        for _ in 0..<count {
            let witness = try reader.read(NodeID.self)
            seals.append(Seal(witness: witness, signature: try reader.read(count: 64)))
        }
        self.seals = seals
    }
}
