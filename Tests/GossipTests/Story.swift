import Foundation
import Gossip
import Membership
import Registry
import Simulation
import Testing
import Vocabulary
import Wire

/// A few nodes on a quiet network, and all they say to each other as lines one can read aloud.
struct Story {
    var world: World
    private let log = Log()
    private(set) var lines: [String] = []

    private final class Log {
        var sights: [(time: Instant, sight: Sight)] = []
    }

    /// Starts machines that are called a, b, c; a is the one that the others are told of.
    init(machines: Int) {
        var plan = World.Plan()
        plan.machines = machines
        plan.seeds = 1
        plan.link.jitter = .zero
        plan.startSpread = .zero
        world = World(Seed(1), plan)
        world.witness = { [log] in log.sights.append(($0, $1)) }
    }

    /// Lets time pass unseen.
    mutating func skip(_ time: Duration) {
        world.run(for: time)
        log.sights = []
        // What is published from now on is told as far as it is new.
        for machine in world.machines {
            if let publication = machine.publication {
                seen[machine.number] = describe(publication)
            }
        }
    }

    /// Lets time pass and writes down what happens.
    mutating func watch(_ time: Duration) {
        world.run(for: time)
        for (time, sight) in log.sights {
            if let line = describe(sight) { lines.append("\(time) \(line)") }
        }
        log.sights = []
    }

    /// Writes down what somebody did from outside.
    mutating func note(_ text: String) { lines.append("\(world.now) — \(text)") }

    // MARK: Words

    private var seen: [Int: String] = [:]
    /// Probes by the order in which they were first seen: their numbers begin anywhere.
    private var probes: [ProbeNumber: Int] = [:]

    private mutating func describe(_ sight: Sight) -> String? {
        switch sight {
        case .started(let number): return "\(name(number)) starts"
        case .stopped(let number): return "\(name(number)) stops"
        case .sent(let from, let to, let bytes, let copies):
            let target = to.map(name) ?? "nobody"
            let fate = copies == 0 ? " ✗" : ""
            return "\(name(from)) → \(target) \(describe(bytes, from, to))\(fate)"
        case .published(let number, let publication):
            let text = describe(publication)
            guard seen[number] != text else { return nil }
            seen[number] = text
            return "\(name(number)) sees \(text)"
        // What is seen says it too.
        case .reported(_, .addressChanged): return nil
        case .reported(let number, let incident):
            let label = incident.refusalLabel.map { ": \($0)" } ?? ""
            return "\(name(number)) reports \(incident.kind)\(label)"
        case .answered(let number, let outcome):
            return "\(name(number)) answers \(describe(outcome))"
        }
    }

    private func name(_ number: Int) -> String { Authority.name(of: number) }

    private func name(_ id: NodeID) -> String {
        world.machines.first { $0.id == id }.map(\.name) ?? "somebody"
    }

    private mutating func describe(_ bytes: [UInt8], _ from: Int, _ to: Int?) -> String {
        if let hello = try? Hello(decoding: bytes, in: world.authority.anchor.cluster) {
            if hello.head.isEmpty { return "call" }
            return "hello" + (hello.wantsAnswer ? ", asks for one" : "")
        }
        guard let to, let packet = world.open(bytes, from: from, to: to) else { return "?" }
        return "sealed " + packet.frames.map { describe($0) }.joined(separator: ", ")
    }

    private mutating func describe(_ frame: Frame) -> String {
        switch frame {
        case .probe(let number, _): return "probe \(place(of: number))"
        case .acknowledgement(let number, _): return "ack \(place(of: number))"
        case .relayProbe(let number, let target):
            return "probe \(name(target)) for me \(place(of: number))"
        case .noAnswer(let number): return "no answer \(place(of: number))"
        case .news(let bytes): return "news \(describe(record: bytes))"
        case .repair(let bytes): return "repair \(describe(record: bytes))"
        case .accusation(let signed):
            let word = signed.accusation
            return "\(name(word.accuser)) accuses \(name(word.subject))"
        case .tree(let tree):
            let parts = tree.parts.map { part -> String in
                switch part {
                case .overview: "overview"
                case .children: "children"
                case .listing(_, let items): "listing of \(items.count)"
                case .pull: "pull"
                case .pulled(_, let next): next == nil ? "all of it" : "part of it"
                }
            }
            return "tree of \(tree.half) \(parts.joined(separator: " "))"
        case .want(let keys): return "want \(keys.count)"
        case .digest(_, let wantsAnswer): return wantsAnswer ? "digest?" : "digest"
        case .busy: return "busy"
        case .inquiry(_, let versions): return "inquiry after \(versions.count)"
        case .receipt: return "receipt"
        case .have(let items): return "have \(items.count)"
        case .missing(let slots): return "missing \(slots.count)"
        case .renewal(let head): return "renewal of head \(head.item.sequence)"
        case .wantRenewals(let keys): return "want \(keys.count) renewed"
        }
    }

    private mutating func place(of number: ProbeNumber) -> Int {
        let place = probes[number] ?? probes.count + 1
        probes[number] = place
        return place
    }

    private func describe(record bytes: [UInt8]) -> String {
        guard let record = try? Record(decoding: bytes) else { return "?" }
        let header = record.header
        let slot = record.key.kind.isControl ? "" : " in slot \(header.slot)"
        return "\(name(header.author)) \(header.kind) \(header.sequence)\(slot)"
    }

    private func describe(_ publication: Publication) -> String {
        let members = publication.members.map { "\(name($0.id)) \($0.state)" }.sorted()
        let services = publication.view.services.map { service in
            let address = service.clusterIP?.description ?? "without address"
            let endpoints = service.endpoints.map { "\($0.address)\($0.isSuspect ? "?" : "")" }
            return ([service.name.description, address] + endpoints).joined(separator: " ")
        }
        return (["\(publication.phase)"] + members + services).joined(separator: ", ")
    }

    private func describe(_ outcome: Outcome) -> String {
        switch outcome {
        case .declared(let change, let view):
            return "\(view.name) \(change) \(view.clusterIP?.description ?? "without address")"
        case .offered(let change): return "endpoints \(change)"
        case .withdrawn: return "withdrawn"
        case .spread(let spread):
            let missing = spread.missing.isEmpty ? "" : ", not by \(spread.missing.map(name))"
            return "seen by \(spread.seen.map(name))\(missing), after \(spread.time)"
        default: return "\(outcome)"
        }
    }
}

extension Story {
    /// Compares the story with the one that is kept.
    ///
    /// `GRAPEVINE_RECORD=1` keeps this one instead, for somebody to read.
    func expectTranscript(_ title: String) throws {
        let text = lines.joined(separator: "\n") + "\n"
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Transcripts/\(title).txt")
        if ProcessInfo.processInfo.environment["GRAPEVINE_RECORD"] != nil {
            return try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n").map(String.init)
        let difference = zip(lines, kept).first { $0 != $1 }
        #expect(difference == nil, "\(title): the first line that differs, new and kept")
        #expect(lines.count == kept.count, "\(title) has another number of lines")
    }
}
