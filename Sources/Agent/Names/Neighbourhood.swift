import Host
import Synchronization
import Vocabulary

/// Whose questions come to this machine by right at an address that others can dial: its own, and
/// those of containers and pods behind it.
///
/// Other machines have agents of their own; whoever else asks at that address is not answered, so
/// that nobody far away uses it to send answers to a third.
final class Neighbourhood: Sendable {
    private let ranges = Mutex<[CIDR]>([])

    /// Looks again at what interfaces there are.
    ///
    /// - Parameters:
    ///   - addresses: Where names are asked for; a bridge that has one of them is the way to other
    ///     machines, and not to containers.
    ///   - podCIDRs: Where this machine's pods are.
    func look(around addresses: [IPAddress], podCIDRs: [CIDR]) {
        let all = InterfaceAddress.all()
        let outward = Set(all.filter { addresses.contains($0.address) }.map(\.interface))
        var found = podCIDRs
        for entry in all {
            found.append(CIDR(entry.address))
            guard !outward.contains(entry.interface), Interfaces.isBridge(entry.interface) else {
                continue
            }
            found.append(entry.network)
        }
        let now = found
        ranges.withLock { $0 = now }
    }

    func admits(_ source: IPAddress) -> Bool {
        source.isLoopback || ranges.withLock { ranges in ranges.contains { $0.contains(source) } }
    }
}
