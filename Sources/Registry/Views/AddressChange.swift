package import Vocabulary

/// A service's address in one family came, went or changed, and why: never without one of these
/// reasons (registry design, invariant 24).
package struct AddressChange: Hashable, Sendable {
    package let service: ServiceName
    package let family: IPAddress.Family
    package let from: IPAddress?
    package let to: IPAddress?
    package let reason: Reason

    package enum Reason: Hashable, Sendable {
        /// It had none, and claims one now.
        case assigned
        /// Nobody declares the service any more.
        case serviceGone
        /// Its spec asks for no address of this family any more.
        case notWanted
        /// Its spec asks for the new address by number.
        case requested
        /// The cluster's settings no longer have a range with the old one.
        case rangeGone
        /// All its declarers withdrew their claims on the old one.
        case withdrawn
        /// A better claim of another service on the old one came into sight.
        case lost(to: ServiceName?)
        /// A better claim of its own on the new one came into force.
        case betterClaim
    }
}

extension AddressBook {
    /// Why a service that had an address has another one, or none, now that this book is true.
    func reason(
        for service: ServiceID,
        in family: IPAddress.Family,
        from old: IPAddress?,
        to new: IPAddress?,
        spec: ServiceSpec,
        ranges: AddressRanges,
        name: (ServiceID) -> ServiceName?
    ) -> AddressChange.Reason {
        guard let old else { return .assigned }
        if !spec.requiresAddress || !spec.families.contains(family) { return .notWanted }
        if new != nil, new == spec.fixedAddress(in: family) { return .requested }
        if !ranges.admits(.address(old)) { return .rangeGone }
        if !claims(.address(old), for: service) { return .withdrawn }
        if let owner = owner(of: .address(old)), owner != service {
            return .lost(to: name(owner))
        }
        return .betterClaim
    }
}
