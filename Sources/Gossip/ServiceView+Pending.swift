import Registry
import Vocabulary

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
