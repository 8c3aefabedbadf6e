import Gossip
import Registry
import Vocabulary

/// What a test asks of the effects of an event.
extension [Effect] {
    /// The labels under which something was refused, in order.
    var refusals: [String] {
        compactMap { if case .report(let incident) = $0 { incident.refusalLabel } else { nil } }
    }

    var sent: [(bytes: [UInt8], to: PeerAddress)] {
        compactMap { if case .send(let bytes, let address) = $0 { (bytes, address) } else { nil } }
    }

    var published: [Publication] {
        compactMap { if case .publish(let publication) = $0 { publication } else { nil } }
    }

    var secured: [UInt64] {
        compactMap { if case .secure(let incarnation) = $0 { incarnation } else { nil } }
    }

    var persisted: [DiskChange] {
        flatMap { effect -> [DiskChange] in
            if case .persist(let changes) = effect { changes } else { [] }
        }
    }

    var surpassed: Bool {
        contains { if case .report(.incarnationSurpassed) = $0 { true } else { false } }
    }
}
