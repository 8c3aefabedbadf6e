import Registry
package import Vocabulary
import Wire

/// Something that must never be.
package struct Violation: Hashable, Sendable {
    package let time: Instant
    package let machine: Int
    package let kind: Kind

    package enum Kind: Hashable, Sendable {
        /// A datagram of so many bytes.
        case oversizedDatagram(Int)
        /// One node sees one address as that of two services.
        case sharedAddress(IPAddress, ServiceName, ServiceName)
        /// A node asks to be woken again and again at one moment.
        case restless
    }
}

/// What must hold at every moment, looked at where it could change.
extension World {
    mutating func examine(_ datagram: [UInt8], of machine: Int) {
        guard datagram.count > Datagram.maximumLength else { return }
        note(.oversizedDatagram(datagram.count), of: machine)
    }

    mutating func examine(_ view: ClusterView, of machine: Int) {
        guard view.digest != machines[machine].soundView else { return }
        machines[machine].soundView = view.digest
        // Most see what others saw just before.
        guard !soundViews.contains(view.digest) else { return }
        if let (address, one, other) = view.sharedAddress {
            note(.sharedAddress(address, one, other), of: machine)
        } else {
            if soundViews.count >= Self.maximumSoundViews { soundViews.removeFirst() }
            soundViews.append(view.digest)
        }
    }

    mutating func note(_ kind: Violation.Kind, of machine: Int) {
        guard violations.count < Self.maximumViolations else { return }
        violations.append(Violation(time: now, machine: machine, kind: kind))
    }
}
