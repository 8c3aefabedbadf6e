package import Registry
import Vocabulary

/// Whether the machine's table does what a view says of a service.
///
/// The table runs a moment behind the view: of what it was written for it holds all, of what came
/// since nothing yet, and each service is judged alone.
package struct Programming: Sendable {
    private enum Extent: Sendable {
        case everything
        case nothing
        case views([ClusterView], besides: Set<String>)
    }

    private let extent: Extent
    /// Why a service is not in the table, in a sentence.
    private let reason: String
    /// Differs from that of another one by which more is in the table.
    package var stamp = 0

    /// All services are in the table.
    package static let done = Programming(extent: .everything, reason: "")

    /// None is, or none is known to be, and why, in a sentence.
    package static func pending(because reason: String) -> Programming {
        Programming(extent: .nothing, reason: reason)
    }

    /// What these views say alike is in the table.
    ///
    /// - Parameters:
    ///   - views: What the rules were written for, and what they are being written for.
    ///   - leftOut: Services, `namespace/name`, that iptables refuses.
    ///   - reason: Why what is otherwise now is not written, in a sentence.
    /// - Returns: Done for a service that stands in all of them as it is now and is not left out.
    package static func written(
        _ views: [ClusterView],
        besides leftOut: [String],
        because reason: String
    ) -> Programming {
        Programming(extent: .views(views, besides: Set(leftOut)), reason: reason)
    }

    /// Whether no service is in the table.
    package var isEmpty: Bool { if case .nothing = extent { true } else { false } }

    /// Why the table does not hold a service as it is now, in a sentence; `nil` where it does.
    func obstacle(for service: ServiceView) -> String? {
        switch extent {
        case .everything: return nil
        case .nothing: return reason
        case .views(let views, let leftOut):
            if !leftOut.isEmpty, leftOut.contains(service.name.description) {
                return "iptables refuses its rules: grapevine status"
            }
            return views.allSatisfy { $0[service.name] == service } ? nil : reason
        }
    }
}
