import Host
import Registry
import Translation
import Vocabulary

/// Finds the services whose rules iptables refuses, so that all others have theirs.
extension TableWork {
    /// Which services iptables refuses, of those that a write is about.
    func refused(
        _ order: TableOrder,
        _ target: TranslationTable,
        _ current: TranslationTable,
        at now: Instant
    ) async throws -> [Quarantine.Case] {
        let ports = Set(TableChange(from: current, to: target).ports)
        let services = order.view.services.filter { !quarantine.contains($0.name) }
        let suspects = services.filter { service in
            service.spec.ports.contains { port in
                let chain = ChainName.service(service.name, port)
                return ChainName.portKey(of: chain).map(ports.contains) == true
            }
        }
        var found = try await culprits(among: suspects.map(\.name), order)
        if found.isEmpty, suspects.count < services.count {
            // Its own chains may be there already, from a try before this one.
            found = try await culprits(among: services.map(\.name), order)
        }
        return found.map { service, complaint in
            Quarantine.Case(
                service: service,
                complaint: complaint,
                rules: order.rendering(family) { $0 == service }.table,
                since: now
            )
        }
    }

    private func culprits(
        among services: [ServiceName],
        _ order: TableOrder
    ) async throws -> [(service: ServiceName, complaint: String)] {
        try await Quarantine.culprits(among: services) { names in
            let some = Set(names)
            let table = order.rendering(family) { some.contains($0) }.table
            let text = table.runs(from: .empty, chainsPerRun: .max).map(\.text).joined()
            do {
                try await iptables.restore(text, family: family, isTrial: true)
                return nil
            } catch let error as IptablesError {
                guard case .rejected = error else { throw error }
                return error.description
            }
        }
    }
}
