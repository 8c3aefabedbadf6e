package import Gossip

/// An incident without its details: what is counted.
package enum IncidentKind: String, Hashable, Comparable, Sendable, CaseIterable {
    case datagramRefused, recordMalformed, recordRefused, recordUnread, accusationRefused,
        memberChanged
    case refuted, incarnationSurpassed, claimLost, poolExhausted, addressChanged, reconciling,
        troubleBegan, troubleEnded
    case authorForgotten, revoked, faultProven, duplicateIdentity, clockUnbelievable
    case queueFull, retracted, expelled, nameShared, recertified

    package static func < (left: IncidentKind, right: IncidentKind) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension Incident {
    package var kind: IncidentKind {
        switch self {
        case .datagramRefused: .datagramRefused
        case .recordMalformed: .recordMalformed
        case .recordRefused: .recordRefused
        case .recordUnread: .recordUnread
        case .accusationRefused: .accusationRefused
        case .memberChanged: .memberChanged
        case .refuted: .refuted
        case .incarnationSurpassed: .incarnationSurpassed
        case .claimLost: .claimLost
        case .poolExhausted: .poolExhausted
        case .addressChanged: .addressChanged
        case .reconciling: .reconciling
        case .queueFull: .queueFull
        case .troubleBegan: .troubleBegan
        case .troubleEnded: .troubleEnded
        case .authorForgotten: .authorForgotten
        case .revoked: .revoked
        case .faultProven: .faultProven
        case .expelled: .expelled
        case .nameShared: .nameShared
        case .recertified: .recertified
        case .duplicateIdentity: .duplicateIdentity
        case .clockUnbelievable: .clockUnbelievable
        case .retracted: .retracted
        }
    }
}
