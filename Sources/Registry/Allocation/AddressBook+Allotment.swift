package import Vocabulary

extension AddressBook {
    /// What a service has of what its spec asks for.
    package struct Allotment: Hashable, Sendable {
        /// At most one of each family wanted, in the order of the spec: the fixed address asked
        /// for, if owned; else the oldest one owned.
        package var primaries: [IPAddress]
        /// Further addresses owned, sorted.
        package var aliases: [IPAddress]
        /// One for each port of the spec.
        package var nodePorts: [UInt16?]

        /// The address people are told in a family.
        package func primary(in family: IPAddress.Family) -> IPAddress? {
            primaries.first { $0.family == family }
        }
    }

    /// What a service has now of the places that its spec asks for.
    package func allotment(
        of service: ServiceID,
        spec: ServiceSpec,
        seals: SealJudge? = nil
    ) -> Allotment {
        let owned = owned(by: service, seals)
        var primaries: [IPAddress] = []
        var aliases: [IPAddress] = []
        if spec.requiresAddress {
            let addresses = owned.compactMap { claim -> IPAddress? in
                if case .address(let address) = claim.resource { address } else { nil }
            }
            primaries = spec.families.compactMap { family in
                let wanted = spec.fixedAddress(in: family)
                return addresses.first { $0 == wanted } ?? addresses.first { $0.family == family }
            }
            aliases = addresses.filter { !primaries.contains($0) }.sorted()
        }
        return Allotment(
            primaries: primaries,
            aliases: aliases,
            nodePorts: spec.type == .nodePort
                ? nodePorts(for: spec, of: owned) : spec.ports.map { _ in nil }
        )
    }

    /// One packet cannot go to two ports of a service, so each NodePort is given once: to who
    /// asks for it by number, else to the first.
    private func nodePorts(for spec: ServiceSpec, of owned: [Claim]) -> [UInt16?] {
        var given = spec.requestedNodePorts
        return spec.ports.enumerated().map { index, port in
            let mine = owned.compactMap { claim -> UInt16? in
                guard case .nodePort(port.transport, let number) = claim.resource,
                    Int(claim.portIndex) == index
                else { return nil }
                return number
            }
            if let wanted = port.requestedNodePort { return mine.contains(wanted) ? wanted : nil }
            let number = mine.first { !given.contains(.nodePort(port.transport, $0)) }
            if let number { given.append(.nodePort(port.transport, number)) }
            return number
        }
    }
}
