import ControlAPI
import Gossip
import Membership
import Registry
import Synchronization
import Vocabulary

/// Writes what is known now into the metrics, just before they are read.
extension Board {
    /// Above so many members the metrics name those only that are not alive, longest unheard first,
    /// and no more than this: a series for each of 10,000 peers on each of 10,000 machines would
    /// cost whoever collects them more than they tell.
    static let mostNamedPeers = 256

    func measure(into journal: Journal, traffic: Traffic, at now: Instant) {
        let build = ["version": Version.current, "commit": Version.commit ?? "unknown"]
        journal.gauge(.buildInfo, build, to: 1)
        measure(traffic, into: journal)
        inspection?.measure(into: journal)
        guard let publication else { return }
        publication.measureMembers(into: journal)
        publication.measurePeers(into: journal.metrics, at: now)
        publication.measureWays(into: journal)
        publication.measureServices(into: journal.metrics)
        measureConnections(into: journal.metrics)
        journal.gauge(.selfHealth, to: Double(publication.selfHealth))
        journal.gauge(.clockSkew, to: Double(publication.clockBehind) / 1000)
        journal.gauge(.identityExpiry, to: Double(publication.certificate.notAfter))
        for code in Gossip.Trouble.codes {
            let count = publication.troubles.count { $0.trouble.code == code }
            journal.gauge(.troubles, ["code": code], to: Double(count))
        }
        journal.gauge(.troubles, ["code": UnresolvedPeer.code], to: Double(unresolved.count))
    }

    private func measure(_ traffic: Traffic, into journal: Journal) {
        for (direction, counts) in [("in", traffic.dropped), ("out", traffic.unsent)] {
            for reason in counts.keys.sorted() {
                let labels = ["direction": direction, "reason": reason]
                journal.total(.droppedPackets, labels, is: counts[reason] ?? 0)
            }
        }
        journal.total(.icmpAnswers, ["meaning": "refused"], is: traffic.refused)
        journal.total(.icmpAnswers, ["meaning": "unreachable"], is: traffic.unreachable)
        journal.gauge(.receiveBuffer, to: Double(traffic.receiveBufferBytes))
    }

    /// Above so many endpoints metrics name services only.
    private static let mostNamedEndpoints = 2_000

    /// The counts of connections, made anew each time, so that a series goes with its service.
    private func measureConnections(into metrics: TextMetrics) {
        let ports = connectionsByPort
        let hasFew = ports.reduce(0) { $0 + $1.endpoints.count } <= Self.mostNamedEndpoints
        var services: [[String]: Double] = [:]
        var endpoints: [[String]: Double] = [:]
        for port in ports {
            let labels = [port.namespace, port.port, port.name]
            services[labels] = Double(port.connections)
            for endpoint in hasFew ? port.endpoints : [] {
                endpoints[[endpoint.address] + labels] = Double(endpoint.connections)
            }
        }
        metrics.replace(.serviceConnections, with: services)
        metrics.replace(.endpointConnections, with: endpoints)
    }
}

extension Inspection {
    fileprivate func measure(into journal: Journal) {
        for direction in PacketTally.Direction.allCases {
            let word = direction == .came ? "in" : "out"
            for kind in PacketKind.allCases where direction == .came || kind != .refused {
                let labels = ["direction": word, "kind": "\(kind)"]
                journal.total(.gossipPackets, labels, is: packets.packets(direction, kind))
                journal.total(.gossipBytes, labels, is: packets.bytes(direction, kind))
            }
        }
        for kind in RecordKind.allCases {
            let labels = ["kind": "\(kind)", "state": kind.isTombstone ? "tombstone" : "live"]
            journal.gauge(.records, labels, to: Double(records[kind]))
            guard kind.isNumbered else { continue }
            let waits = ["kind": "\(kind)", "state": "quarantined"]
            journal.gauge(.records, waits, to: Double(waiting[kind]))
        }
    }
}

extension Publication {
    fileprivate func measureMembers(into journal: Journal) {
        let members = self.members
        for state in Membership.MemberState.allCases {
            var count = members.count { $0.state == state }
            if state == .alive, phase != .left { count += 1 }
            if state == .left, phase == .left { count += 1 }
            journal.gauge(.members, ["state": "\(state)"], to: Double(count))
        }
        let agreement = Agreement(of: members, phase: phase)
        journal.gauge(.agreeRatio, to: agreement.ratio)
        journal.gauge(.converged, to: agreement.isConverged ? 1 : 0)
        journal.gauge(.partitionSuspected, to: agreement.isPartitionSuspected ? 1 : 0)
    }

    fileprivate func measurePeers(into metrics: TextMetrics, at now: Instant) {
        let names = NameList(self)
        var heard: [[String]: Double] = [:]
        for peer in members.namedInMetrics {
            if let last = peer.lastHeard { heard[[names[peer.id]]] = max(0, (now - last).seconds) }
        }
        metrics.replace(.peerLastHeard, with: heard)
    }

    /// What probes told, by the name of the peer, and of those without a place by none.
    fileprivate func measureWays(into journal: Journal) {
        let names = NameList(self)
        let present = Set(members.filter { $0.state != .left }.map(\.id))
        let meters = journal.peers.withLock { meters in
            meters.keep(only: present)
            return meters
        }
        var named: [String: PeerMeters.Meter] = [:]
        // Order does not matter: sums.
        for (peer, meter) in meters.byPeer {
            named[names[peer], default: PeerMeters.Meter()].add(meter)
        }
        named[""] = meters.others
        var roundTrips: [[String]: Series.Distribution] = [:]
        var failures: [[String]: Double] = [:]
        for (name, meter) in named {
            roundTrips[[name]] = Series.Distribution(
                counts: meter.roundTrips,
                sum: meter.roundTripSum
            )
            for way in Measurement.Way.allCases {
                failures[["\(way)", name]] = Double(meter.failures[way.rawValue])
            }
        }
        journal.metrics.replace(.peerRoundTrip, withDistributions: roundTrips)
        journal.metrics.replace(.probeFailures, with: failures)
    }

    fileprivate func measureServices(into metrics: TextMetrics) {
        let census = ServiceCensus(of: view)
        metrics.replace(.services, with: census.services)
        metrics.replace(.endpoints, with: census.endpoints)
        metrics.replace(.poolAddresses, with: census.pools)
    }
}

extension [Membership.Member] {
    /// Those that did not leave; of too many, those that are not alive, longest unheard first.
    var namedInMetrics: [Membership.Member] {
        let present = filter { $0.state != .left }
        guard present.count > Board.mostNamedPeers else { return present }
        let silent = present.filter { $0.state != .alive }.sorted {
            ($0.lastHeard ?? .zero, $0.id) < ($1.lastHeard ?? .zero, $1.id)
        }
        return Array(silent.prefix(Board.mostNamedPeers))
    }
}
