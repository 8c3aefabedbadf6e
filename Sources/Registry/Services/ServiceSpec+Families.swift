package import Vocabulary

/// Which families of addresses a service wants: what follows from three fields together, as
/// Kubernetes has it.
extension ServiceSpec {
    /// Whether it has an address of its own: not where it is headless or another name.
    package var requiresAddress: Bool {
        type != .externalName && addressRequest != .headless
    }

    /// The families wanted, the first one first; one or two.
    ///
    /// A second one that is merely preferred counts only where the cluster has a range of it.
    package var families: [IPAddress.Family] {
        var wanted = ipFamilies
        for address in fixedAddresses where !wanted.contains(address.family) {
            wanted.append(address.family)
        }
        if wanted.isEmpty { wanted = [.v4] }
        guard ipFamilyPolicy != .singleStack else { return [wanted[0]] }
        return wanted + IPAddress.Family.allCases.filter { !wanted.contains($0) }
    }

    /// The fixed address asked for in a family, or `nil` for whatever is free.
    package func fixedAddress(in family: IPAddress.Family) -> IPAddress? {
        fixedAddresses.first { $0.family == family }
    }

    /// `clusterIPs` as far as they are fixed: none, one, or one of each family.
    package var fixedAddresses: [IPAddress] {
        guard case .fixed(let first) = addressRequest else { return [] }
        return [first] + (secondAddress.map { [$0] } ?? [])
    }
}
