import Vocabulary

/// Where an agent tells its peers that they reach it, where nobody said so and it listens at any
/// address.
///
/// Peers believe its certificate, so it is one of the addresses in there: one that this machine has;
/// of several the one that packets to the peers come from.
struct AdvertisedAddress: Hashable {
    let address: IPAddress
    /// Whether an interface has it.
    ///
    /// A machine whose cable is out may have none, and works on; it may
    /// also stand behind a NAT that has it.
    let isHere: Bool

    /// `nil` where the certificate has no address.
    ///
    /// - Parameters:
    ///   - certified: The certificate's addresses, best first.
    ///   - family: Of what the agent listens at: at 0.0.0.0 nobody hears IPv6.
    ///   - present: What the interfaces have.
    ///   - sources: Where packets to the configured peers come from.
    init?(
        among certified: [IPAddress],
        heardIn family: IPAddress.Family,
        present: [IPAddress],
        sources: [IPAddress]
    ) {
        let heard = certified.filter { family == .v6 || $0.family == family }
        let here = heard.filter(present.contains)
        guard
            let address = here.first(where: sources.contains) ?? here.first ?? heard.first
                ?? certified.first
        else { return nil }
        self.address = address
        isHere = present.contains(address)
    }
}
