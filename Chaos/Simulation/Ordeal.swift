import Gossip
import Membership
package import Registry
import Sodium
package import Vocabulary
import Wire

/// What a node goes through when bytes decide what happens to it: noise, what a bad member seals
/// and signs, what people ask for, and time.
///
/// For a fuzzer and for its corpus: any bytes are a script. Nothing in one may trap.
package struct Ordeal {
    private var encounter: Encounter
    /// Another machine under the node's own key.
    private var twin: Puppet
    private var sequence: UInt64 = 1000
    /// What the node sent to the puppet last: to be sent back at it.
    private var heard: [Frame] = []

    /// A node that met a puppet and declared a service; made once, for making it takes long.
    package init(_ seed: Seed) {
        encounter = Encounter(seed)
        twin = Puppet(encounter.authority, machine: 0)
        note(encounter.meet())
        guard let name = ServiceName(namespace: "default", name: "web") else { return }
        let spec = ServiceSpec(type: .nodePort, ports: [ServicePort(port: 80)])
        note(encounter.command(.declare(name, spec, takeOwnership: false)).effects)
        note(encounter.wait(.milliseconds(500)))
    }

    /// One thing that happens to the node.
    package enum Step: Hashable, Sendable {
        /// Any bytes, from the puppet's address or from a stranger's.
        case datagram([UInt8], isFromStranger: Bool)
        /// A hello with a good tag and any bytes for a HEAD.
        case hello([UInt8])
        /// Any bytes where the frames of a sealed packet should be.
        case sealed([UInt8])
        /// A sealed frame of any type with any body, whose length is told truly.
        case frame(UInt8, [UInt8])
        /// A record with any body, well signed by the puppet, or by a twin of the node.
        case record(kind: UInt8, slot: UInt32, incarnation: Incarnation, [UInt8], isTwins: Bool)
        /// A HEAD with a good certificate and any bytes after it.
        case head(incarnation: Incarnation, [UInt8], isTwins: Bool)
        /// The node's own frames come back at it.
        case echo
        /// So many milliseconds pass, and the node is woken or sleeps through them.
        case time(UInt16, isAsleep: Bool)
        /// The clock shows so many minutes more or less than the world's time.
        case clock(Int16)
        /// The body of a DECL is what somebody wishes for.
        case declare([UInt8])
        /// The body of an ENDPOINTS is what somebody offers for the service of that wish.
        case offer([UInt8])
        case withdraw, leave

        /// Whether it is something that comes to the node's socket.
        var isDatagram: Bool {
            switch self {
            case .datagram, .hello, .sealed, .frame, .record, .head, .echo: true
            case .time, .clock, .declare, .offer, .withdraw, .leave: false
            }
        }
    }

    /// Which start of its author a record claims to be of.
    package enum Incarnation: UInt8, Hashable, Sendable, CaseIterable {
        case current, earlier, later, last
    }

    // MARK: Running

    /// Runs a script to its end.
    package mutating func run(_ script: [UInt8]) {
        for step in Self.steps(of: script) { take(step) }
        note(encounter.wait(.seconds(2)))
    }

    /// Lets one datagram come to the node: what a script begins with, or where that is none, the
    /// script itself.
    package mutating func knock(_ script: [UInt8]) {
        guard let step = Self.steps(of: script, atMost: 1).first, step.isDatagram else {
            return take(.datagram(script, isFromStranger: false))
        }
        take(step)
    }

    /// Lets one step happen to the node.
    package mutating func take(_ step: Step) {
        switch step {
        case .datagram(let bytes, let isFromStranger):
            let source = isFromStranger ? Authority.address(of: 99) : nil
            note(encounter.hear(bytes, from: source))
        case .hello(let head):
            guard head.count <= Record.maximumLength else { return }
            note(encounter.hear(encounter.puppet.hello(head, wantsAnswer: true)))
        case .sealed(let bytes):
            note(encounter.hear(sealed: bytes))
        case .frame(let kind, let body):
            guard body.count <= Datagram.frameCapacity - Frame.headerLength else { return }
            var frame = ByteWriter()
            frame.write(kind)
            frame.write(long: body)
            note(encounter.hear(sealed: frame.bytes))
        case .record(let kind, let slot, let incarnation, let body, let isTwins):
            guard let kind = RecordKind(rawValue: kind) else { return }
            sign(kind, slot, incarnation, body, isTwins)
        case .head(let incarnation, let rest, let isTwins):
            let certificate = (isTwins ? twin : encounter.puppet).identity.certificate
            var body = ByteWriter()
            body.write(long: certificate.bytes)
            body.write(rest)
            sign(.head, 0, incarnation, body.bytes, isTwins)
        case .echo:
            note(encounter.hear(heard))
        case .time(let milliseconds, let isAsleep):
            let time = Duration.milliseconds(Int(milliseconds))
            if isAsleep {
                encounter.oversleep(time)
                note(encounter.tell(.deadline))
            } else {
                note(encounter.wait(time))
            }
        case .clock(let minutes):
            let reading = encounter.time.advanced(by: .seconds(60 * Int(minutes)))
            note(encounter.tell(.wallClock(reading)))
        case .declare(let body):
            guard case .declaration(let wish)? = try? RecordBody(decoding: body, kind: .declaration)
            else { return }
            let takeOwnership = wish.revision % 2 == 1
            note(
                encounter.command(
                    .declare(wish.service, wish.spec, takeOwnership: takeOwnership)
                ).effects
            )
        case .offer(let body):
            offer(body)
        case .withdraw:
            guard let name = encounter.publication?.view.services.first?.name else { return }
            note(encounter.command(.withdraw(name)).effects)
        case .leave:
            note(encounter.command(.leave).effects)
        }
    }

    private mutating func offer(_ body: [UInt8]) {
        guard let name = encounter.publication?.view.services.first?.name,
            case .endpoints(let entries)? = try? RecordBody(decoding: body, kind: .endpoints)
        else { return }
        for (index, entry) in entries.enumerated() {
            let set = EndpointSet(
                service: name,
                slice: "s\(index)",
                ports: entry.ports,
                endpoints: entry.endpoints
            )
            note(encounter.command(.offer(set)).effects)
        }
    }

    private mutating func sign(
        _ kind: RecordKind,
        _ slot: UInt32,
        _ incarnation: Incarnation,
        _ body: [UInt8],
        _ isTwins: Bool
    ) {
        sequence += 1
        let author = isTwins ? twin : encounter.puppet
        let current = author.pen.incarnation
        let number: UInt64 =
            switch incarnation {
            case .current: current
            case .earlier: current - 1
            case .later: current + 1
            case .last: .max
            }
        let header = RecordHeader(
            kind: kind,
            author: author.id,
            incarnation: number,
            sequence: sequence,
            slot: slot,
            time: HybridTime(encounter.time)
        )
        guard RecordHeader.length + body.count + Record.signatureLength <= Record.maximumLength
        else { return }
        note(encounter.hear([.news(author.record(header, body: body))]))
    }

    // MARK: What must hold

    private mutating func note(_ effects: [Effect]) {
        let frames = encounter.frames(effects)
        if !frames.isEmpty { heard = frames }
        for effect in effects {
            switch effect {
            case .send(let bytes, _):
                let length = bytes.count
                precondition(length <= Datagram.maximumLength, "a datagram of \(length) bytes")
            case .secure(let incarnation):
                note(encounter.tell(.secured(incarnation)))
            case .publish(let publication):
                let shared = publication.view.sharedAddress
                precondition(shared == nil, "one address for two services: \(shared as Any)")
            case .persist, .report, .measured, .answer:
                break
            }
        }
    }
}

extension ClusterView {
    /// An address that two services have, and the two; there never is one.
    package var sharedAddress: (IPAddress, ServiceName, ServiceName)? {
        var owners: [IPAddress: ServiceName] = [:]
        for service in services {
            for address in service.addresses {
                if let other = owners.updateValue(service.name, forKey: address) {
                    return (address, other, service.name)
                }
            }
        }
        return nil
    }
}
