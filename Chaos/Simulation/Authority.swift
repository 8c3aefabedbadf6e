package import Gossip
package import Registry
package import Sodium
package import Vocabulary

/// Whoever runs `trust init` and `trust issue`: the root of a simulated cluster, and all that
/// it signs, from one seed.
package struct Authority: Sendable {
    package let anchor: TrustAnchor
    /// The CLUSTER record.
    package let cluster: Record
    let root: SigningKey
    private let seed: Seed

    /// When every simulation begins: on the first day of 2026, at 00:20, as leases end with hours.
    package static let beginning = WallTime(milliseconds: 1_767_226_800_000)

    package init(
        _ seed: Seed,
        serviceCIDR: CIDR = Authority.usualServiceCIDR,
        nodePorts: ClosedRange<UInt16> = 30000...32767
    ) {
        var random = RandomStream(seed, "authority")
        let root = Self.key(&random)
        let id = ClusterID(UInt128(random.next()) << 64 | UInt128(random.next()))
        let settings = ClusterSettings(
            epoch: 1,
            name: "simulated",
            ranges: AddressRanges(serviceCIDR: serviceCIDR, nodePorts: nodePorts),
            allocationKey: random.bytes(32)
        )
        let header = RecordHeader(
            kind: .cluster,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: UInt64(settings.epoch),
            slot: 0,
            time: HybridTime(Self.beginning)
        )
        guard let cluster = Record(header, .cluster(settings), key: root, cluster: id) else {
            preconditionFailure("the settings of a cluster do not fit a record")
        }
        anchor = TrustAnchor(cluster: id, roots: [root.verifyingKey])
        self.cluster = cluster
        self.root = root
        self.seed = seed
    }

    /// 10.96.0.0/16.
    package static var usualServiceCIDR: CIDR { CIDR(holding: .v4(0x0a60_0000)) }

    /// The key of a machine, the same for the same number.
    package func key(of machine: Int) -> SigningKey {
        var random = RandomStream(seed, "key", UInt64(machine))
        return Self.key(&random)
    }

    /// Signs a certificate for a machine: it may declare in every namespace, and offer at its own
    /// address and in a pod range of its own.
    package func certificate(
        of machine: Int,
        change: (inout Certificate.Content) -> Void = { _ in }
    ) -> Certificate {
        let begin = Self.beginning.seconds - 3600
        var content = Certificate.Content(
            cluster: anchor.cluster,
            key: key(of: machine).verifyingKey,
            name: Self.name(of: machine),
            notBefore: begin,
            notAfter: begin + Certificate.maximumLifetime,
            addresses: [Self.address(of: machine).address],
            podCIDRs: [CIDR(holding: .v4(0x6440_0000 + UInt32(machine) << 8), hostBits: 8)]
        )
        change(&content)
        guard let certificate = Certificate(signing: content, by: root) else {
            preconditionFailure("the root signs no such certificate: \(content.problem ?? "size")")
        }
        return certificate
    }

    /// Takes a machine's membership back.
    package func revocation(of machine: Int, at now: WallTime) -> Record {
        let header = RecordHeader(
            kind: .revoke,
            author: NodeID(of: root.verifyingKey),
            incarnation: 0,
            sequence: now.seconds,
            slot: 0,
            time: HybridTime(now)
        )
        let revocation = Revocation(
            node: NodeID(of: key(of: machine).verifyingKey),
            at: now,
            until: now.seconds + Certificate.maximumLifetime,
            reason: "simulated"
        )
        guard
            let record = Record(
                header,
                .revocation(revocation),
                key: root,
                cluster: anchor.cluster
            )
        else { preconditionFailure("a revocation does not fit a record") }
        return record
    }

    /// What a machine's node is on one of its starts.
    ///
    /// - Parameters:
    ///   - machine: Its number, from which its key follows.
    ///   - start: From 1; each start draws other secrets.
    ///   - certificate: What the root lets it be.
    ///   - addresses: Where it listens.
    ///   - knowsSettings: Whether it brings the CLUSTER record.
    /// - Returns: What its node is made from.
    package func identity(
        of machine: Int,
        start: Int,
        certificate: Certificate,
        addresses: [PeerAddress],
        knowsSettings: Bool = true
    ) -> Identity {
        var random = RandomStream(seed, "start", UInt64(machine), UInt64(start))
        return Identity(
            anchor: anchor,
            certificate: certificate,
            key: key(of: machine),
            cluster: knowsSettings ? cluster : nil,
            addresses: addresses,
            entropy: random.bytes(32),
            seed: Seed(random.next())
        )
    }

    /// a, b, … z, then n26 and so on.
    package static func name(of machine: Int) -> String {
        machine < 26
            ? String(UnicodeScalar(UInt8(ascii: "a") + UInt8(machine))) : "n\(machine)"
    }

    /// 10.0.0.1:7747 for the first machine, and so on.
    package static func address(of machine: Int) -> PeerAddress {
        PeerAddress(.v4(0x0a00_0001 + UInt32(machine)), port: 7747)
    }

    private static func key(_ random: inout RandomStream) -> SigningKey {
        guard let key = SigningKey(seed: random.bytes(32)) else {
            preconditionFailure("libsodium made no key pair from 32 bytes")
        }
        return key
    }
}

extension CIDR {
    /// A range inside the v4 addresses, by default of 16 bits.
    fileprivate init(holding address: IPAddress, hostBits: Int = 16) {
        guard let range = CIDR(holding: address, prefixLength: address.family.bits - hostBits)
        else { preconditionFailure("no range of \(hostBits) bits holds \(address)") }
        self = range
    }
}

extension RandomStream {
    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            let word = next()
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        }
        return Array(bytes.prefix(count))
    }
}
