import Gossip
import Registry
import Vocabulary

extension Incident {
    /// What it means for a service; `nil` where it belongs to none.
    var happening: EventLog.Happening? {
        switch self {
        case .addressChanged(let change):
            return EventLog.Happening(
                service: change.service,
                isWarning: change.isWarning,
                reason: change.title,
                message: change.words
            )
        case .claimLost(let service, let resource, let winner):
            return EventLog.Happening(
                service: service,
                isWarning: true,
                reason: "ClaimLost",
                message: "This node's claim on \(resource.words) lost to an older one"
                    + (winner.map { " of \($0)" } ?? "") + "; it claims another place."
            )
        case .poolExhausted(let service):
            return EventLog.Happening(
                service: service,
                isWarning: true,
                reason: "PoolExhausted",
                message: "No address or NodePort is free: delete services, or give the cluster a "
                    + "larger range."
            )
        case .retracted(let service):
            return EventLog.Happening(
                service: service,
                isWarning: true,
                reason: "Retracted",
                message: "An administrator deleted it: this node no longer declares it."
            )
        case .datagramRefused, .recordMalformed, .recordRefused, .recordUnread,
            .accusationRefused,
            .memberChanged, .refuted, .incarnationSurpassed, .clockUnbelievable,
            .duplicateIdentity, .reconciling, .queueFull, .troubleBegan, .troubleEnded, .revoked,
            .faultProven,
            .authorForgotten, .expelled, .nameShared, .recertified:
            return nil
        }
    }
}

extension AddressChange {
    /// Whether somebody may want to look at it: clients lose an address that nobody gave up.
    var isWarning: Bool {
        switch reason {
        case .assigned, .serviceGone, .notWanted, .requested: false
        case .rangeGone, .withdrawn, .lost, .betterClaim: true
        }
    }

    /// The label of the metric.
    var label: String {
        switch reason {
        case .assigned: "assigned"
        case .serviceGone: "service_gone"
        case .notWanted: "not_wanted"
        case .requested: "requested"
        case .rangeGone: "range_gone"
        case .withdrawn: "withdrawn"
        case .lost: "lost"
        case .betterClaim: "better_claim"
        }
    }

    /// One word for programs.
    var title: String {
        switch reason {
        case .assigned: "AddressAssigned"
        case .serviceGone, .notWanted: "AddressReleased"
        case .requested: "AddressRequested"
        case .rangeGone: "AddressRangeGone"
        case .withdrawn: "AddressWithdrawn"
        case .lost: "AddressLost"
        case .betterClaim: "AddressReclaimed"
        }
    }

    /// A sentence that does not name the service.
    var words: String {
        let old = from?.description ?? "no \(family) address"
        let new = to?.description ?? "no \(family) address"
        return switch reason {
        case .assigned: "Its \(family) address is \(new)."
        case .serviceGone: "Nobody declares it any more: it gives up \(old)."
        case .notWanted: "Its spec asks for no \(family) address any more: it gives up \(old)."
        case .requested: "Its spec asks for \(new): that takes the place of \(old)."
        case .rangeGone: "No service range has \(old) any more; it has \(new) now."
        case .withdrawn: "All who declare it gave up \(old); it has \(new) now."
        case .lost(let winner):
            "\(old) went to \(winner?.description ?? "another service"), whose claim is better; "
                + "it has \(new) now."
        case .betterClaim:
            "A better claim of its own, on \(new), came into sight: that takes the place of \(old)."
        }
    }
}
