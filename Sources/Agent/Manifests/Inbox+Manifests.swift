import Gossip
import Manifests
import Registry
import Vocabulary

/// What files declare, as commands to the node.
extension Inbox {
    enum Reception: Sendable {
        case declared
        case notReady
        case refused(String)
    }

    func declare(_ item: Manifest.Item, names: NameList) async -> Reception {
        switch await carryOut(item.command(takeOwnership: false)) {
        case .failed(let reason): .refused(reason)
        case .done(.refused(.notReady)): .notReady
        case .done(.refused(let refusal)): .refused(refusal.words(names))
        case .done: .declared
        }
    }

    /// Takes back what an item with this key declared.
    ///
    /// - Returns: Whether nothing of it is left.
    func withdraw(_ key: String) async -> Bool {
        guard let command = Self.withdrawal(of: key) else { return true }
        if case .done(let outcome) = await carryOut(command) {
            return outcome != .refused(.notReady)
        }
        return false
    }

    private static func withdrawal(of key: String) -> Command? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 3, let name = ServiceName(namespace: parts[1], name: parts[2]) else {
            return nil
        }
        return parts.count == 4 ? .retire(name, slice: parts[3]) : .withdraw(name)
    }
}

extension Manifest.Item {
    /// `service/NAMESPACE/NAME`, or `endpoints/NAMESPACE/SERVICE/SLICE`.
    var key: String {
        switch declaration {
        case .service(let service, _): "service/\(service)"
        case .endpoints(let set): "endpoints/\(set.service)/\(name)"
        }
    }
}
