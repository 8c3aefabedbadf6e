import Gossip
import Membership
import Registry
import Wire

/// A state that is rare enough to ask whether it was ever reached (chaos design, section 2.7).
///
/// The raw values are what scenarios name.
package enum Mark: String, Hashable, Comparable, Sendable, CaseIterable {
    // Membership.
    case memberJoined = "member.joined"
    case suspicionRaised = "suspicion.raised"
    case suspicionWithdrawn = "suspicion.withdrawn"
    case suspicionFulfilled = "suspicion.fulfilled"
    case memberReturned = "member.returned"
    case memberLeft = "member.left"
    case refuteSelf = "refute.self"
    case accusationForged = "accusation.forged"
    case nameShared = "name.shared"
    case selfSick = "self.sick"
    case selfWell = "self.well"

    // Phases of a node.
    case nodeWorking = "node.working"
    case nodeAlone = "node.alone"
    case nodeReunited = "node.reunited"
    case nodeStopped = "node.stopped"

    // Claims.
    case clusterIPConflictLoser = "clusterip.conflict.loser"
    case clusterIPConflictResolved = "clusterip.conflict.resolved"
    case nodePortConflictLoser = "nodeport.conflict.loser"
    case clusterIPAssigned = "clusterip.assigned"
    case clusterIPWithdrawn = "clusterip.withdrawn"
    case clusterIPBetterClaim = "clusterip.better-claim"
    case poolExhausted = "pool.exhausted"

    // Starts, keys and trust.
    case incarnationSurpassed = "incarnation.surpassed"
    case identityDuplicate = "identity.duplicate"
    case clockUnbelievable = "clock.unbelievable"
    case faultProven = "fault.proven"
    case authorForgotten = "author.forgotten"
    case memberRevoked = "member.revoked"
    case selfExpelled = "self.expelled"
    case certificateRenewed = "certificate.renewed"
    case serviceRetracted = "service.retracted"

    // Reconciling.
    case reconcileControl = "reconcile.control"
    case reconcileData = "reconcile.data"

    // What is refused.
    case datagramReplayed = "datagram.replayed"
    case datagramStranger = "datagram.stranger"
    case datagramUnsealed = "datagram.unsealed"
    case datagramMalformed = "datagram.malformed"
    case datagramUnknownSender = "datagram.unknown-sender"
    case datagramVersion = "datagram.version"
    case datagramEcho = "datagram.echo"
    case recordMalformed = "record.malformed"
    case recordForged = "record.forged"
    case recordFuture = "record.future"
    case recordDead = "record.dead"
    case recordOlder = "record.older"
    case recordWaiting = "record.waiting"
    case recordRefused = "record.refused"
    case commandRefused = "command.refused"

    // Troubles.
    case troubleSeed = "trouble.seed"
    case troubleCluster = "trouble.cluster"
    case troubleVersion = "trouble.version"
    case troubleDeaf = "trouble.deaf"
    case troubleMute = "trouble.mute"
    case troubleMTU = "trouble.mtu"
    case troubleAddress = "trouble.address"
    case troubleNobody = "trouble.nobody"
    case troubleTwin = "trouble.twin"
    case troubleEnded = "trouble.ended"
    case queueFull = "queue.full"

    // What the world did.
    case linkDropped = "link.dropped"
    case linkFiltered = "link.filtered"
    case linkLost = "link.lost"
    case linkDelayed = "link.delayed"
    case linkHeld = "link.held"
    case linkDuplicated = "link.duplicated"
    case linkCorrupted = "link.corrupted"
    case linkOversize = "link.oversize"
    case linkOverflow = "link.overflow"
    case receiveOverflow = "receive.overflow"
    case nodeResumed = "node.resumed"
    case nodeRestarted = "node.restarted"
    case portRefused = "port.refused"
    case diskRefused = "disk.refused"
    case diskLost = "disk.lost"
    case machineTurned = "machine.turned"

    package static func < (left: Mark, right: Mark) -> Bool { left.rawValue < right.rawValue }
}

extension Incident {
    /// What this incident shows to have been reached; `nil` where it is nothing rare.
    var mark: Mark? {
        switch self {
        case .datagramRefused(let error, _): error.mark
        case .recordMalformed: .recordMalformed
        case .recordRefused(let refusal, _, _): refusal.mark
        case .recordUnread: .recordForged
        case .accusationRefused: .accusationForged
        case .memberChanged(_, _, let old, let new): Mark(from: old, to: new)
        case .refuted: .refuteSelf
        case .incarnationSurpassed: .incarnationSurpassed
        case .clockUnbelievable: .clockUnbelievable
        case .duplicateIdentity: .identityDuplicate
        case .claimLost(_, .address, _): .clusterIPConflictLoser
        case .claimLost(_, .nodePort, _): .nodePortConflictLoser
        case .poolExhausted: .poolExhausted
        case .addressChanged(let change): change.reason.mark
        case .retracted: .serviceRetracted
        case .reconciling(_, .control): .reconcileControl
        case .reconciling(_, .data): .reconcileData
        case .queueFull: .queueFull
        case .troubleBegan(let trouble): trouble.mark
        case .troubleEnded: .troubleEnded
        case .revoked: .memberRevoked
        case .faultProven: .faultProven
        case .authorForgotten: .authorForgotten
        case .expelled: .selfExpelled
        case .nameShared: .nameShared
        case .recertified: .certificateRenewed
        }
    }
}

extension Mark {
    fileprivate init?(from old: MemberState?, to new: MemberState) {
        switch (old, new) {
        case (nil, .alive): self = .memberJoined
        case (_, .suspect): self = .suspicionRaised
        case (.suspect, .alive): self = .suspicionWithdrawn
        case (.suspect, .dead): self = .suspicionFulfilled
        case (.dead, .alive), (.left, .alive): self = .memberReturned
        case (_, .left): self = .memberLeft
        case (_, .dead), (.alive, .alive): return nil
        }
    }
}

extension WireError {
    fileprivate var mark: Mark {
        switch self {
        case .oversized, .form, .format: .datagramMalformed
        case .version: .datagramVersion
        case .stranger: .datagramStranger
        case .seal: .datagramUnsealed
        case .unknownSender: .datagramUnknownSender
        case .replay: .datagramReplayed
        case .ownEcho: .datagramEcho
        }
    }
}

extension Refusal {
    fileprivate var mark: Mark? {
        switch self {
        case .known: nil
        case .older: .recordOlder
        case .dead: .recordDead
        case .waiting: .recordWaiting
        case .future: .recordFuture
        case .signature: .recordForged
        case .certificate, .expired, .lease, .namespace, .address, .quota, .slot, .right,
            .revoked, .faulty:
            .recordRefused
        }
    }
}

extension AddressChange.Reason {
    fileprivate var mark: Mark? {
        switch self {
        case .assigned: .clusterIPAssigned
        case .lost: .clusterIPConflictResolved
        case .withdrawn: .clusterIPWithdrawn
        case .betterClaim: .clusterIPBetterClaim
        case .serviceGone, .notWanted, .requested, .rangeGone: nil
        }
    }
}

extension Trouble {
    fileprivate var mark: Mark {
        switch self {
        case .seedSilent, .seedRefused: .troubleSeed
        case .otherCluster: .troubleCluster
        case .newerVersion: .troubleVersion
        case .deaf: .troubleDeaf
        case .mute: .troubleMute
        case .largeLost: .troubleMTU
        case .addressDiffers, .addressReused: .troubleAddress
        case .nobody, .nobodySince: .troubleNobody
        case .twin, .twoMachines: .troubleTwin
        }
    }
}
