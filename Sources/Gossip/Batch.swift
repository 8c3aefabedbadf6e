import Registry
import Vocabulary

/// What commands that are carried out together share, so that a thousand of them do not count
/// all services a thousand times.
struct Batch: Sendable {
    var tally: Tally
}

extension ServiceView {
    /// A service of a batch whose view is not made yet.
    init(pending declaration: Declaration, in identity: Identity) {
        self.init(
            name: declaration.service,
            id: ServiceID(of: declaration.service, in: identity.anchor.cluster),
            spec: declaration.spec,
            clusterIP: nil,
            nodePorts: declaration.spec.ports.map { _ in nil },
            endpoints: []
        )
    }
}
