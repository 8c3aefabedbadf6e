import Agent
import ControlAPI
import Host
import Registry
import Vocabulary

/// The range of services, beside the routes and addresses of this machine.
extension NetworkExamination {
    /// Whether a network of this machine lies inside the range that services have.
    func serviceRange() async -> [Check] {
        var ranges = (word.status?.serviceCIDR ?? "").split { ", ".contains($0) }
            .compactMap { CIDR(String($0)) }
        var origin = ""
        if ranges.isEmpty, let settings = identity.bundle?.settings {
            ranges =
                settings.ranges.serviceRanges(of: .v4).sorted()
                + settings.ranges.serviceRanges(of: .v6).sorted()
        }
        if ranges.isEmpty {
            ranges = [CIDR("10.96.0.0/16")].compactMap(\.self)
            origin = " (the usual one; this machine knows of no cluster)"
        }
        var checks: [Check] = []
        for range in ranges { checks += await self.range(range, origin) }
        return checks
    }

    private func range(_ range: CIDR, _ origin: String) async -> [Check] {
        var inTheWay: [String] = []
        do {
            inTheWay = try await Routes().overlapping(range).map { route in
                "route \(route.destination)" + (route.interface.map { " dev \($0)" } ?? "")
            }
        } catch {
            return [.skipped("service-cidr", "\(error)")]
        }
        inTheWay += InterfaceAddress.all().filter { $0.network.overlaps(range) }
            .map { "address \($0.address) of \($0.interface)" }
        if let first = inTheWay.first {
            return [
                .bad(
                    "service-cidr",
                    "GV2016 service CIDR \(range) overlaps \(first)\(origin): its packets would "
                        + "go to services",
                    next: "ip route; make the cluster with another --service-cidr"
                )
            ]
        }
        var checks: [Check] = [
            .good("service-cidr", "service CIDR \(range) overlaps no route and no address\(origin)")
        ]
        guard word.status != nil, let probe = range.address(at: 1) else { return checks }
        if let reaches = try? await Routes().reaches(probe), !reaches {
            checks.append(
                .bad(
                    "service-route",
                    "GV2015 no route leads to \(range), so programs here do not reach services",
                    next: "sudo ip route add \(range) dev INTERFACE"
                )
            )
        }
        return checks
    }
}
