import ControlAPI
import Gossip
import Registry
import Vocabulary

/// Refusals in a person's words, with what to do next.
extension CommandRefusal {
    func words(_ names: NameList) -> String {
        switch self {
        case .notReady:
            "the agent has just started and is not ready"
        case .stopped:
            "another machine runs under this node's key, and this agent fell silent"
        case .leaving:
            "this node is leaving the cluster"
        case .invalid(let problem):
            problem
        case .namespace(let namespace):
            "this node's certificate does not cover the namespace \(namespace)"
        case .address(let address, let owner):
            "the endpoint \(address) is outside this node's certificate"
                + (owner.map { ": it belongs to \(names[$0])" } ?? "")
        case .outsideRange(let address, let range) where range.contains(address):
            "spec.clusterIP \(address) cannot be given out: the first and the last address of "
                + "\(range) are no service's, and while a range is drained none in it is"
        case .outsideRange(let address, let range):
            "spec.clusterIP \(address) cannot be given out: the service range is \(range)"
        case .addressReserved(let address):
            "spec.clusterIP \(address) is kept for DNS: at that address every machine answers for "
                + "names itself, and a service there would silence it"
        case .addressTaken(let address, let other):
            "spec.clusterIP \(address) is taken" + (other.map { " by service \($0)" } ?? "")
        case .portOutsideRange(let port, let range):
            "nodePort \(port) is outside the range \(range.lowerBound)-\(range.upperBound)"
        case .portTaken(let port, let other):
            "nodePort \(port) is taken" + (other.map { " by service \($0)" } ?? "")
        case .foreign(let service, let authors, let time):
            "service \(service) is declared by \(list(authors, names)) with another spec, of "
                + time.timestamp
        case .notOurs(let service, let authors):
            "service \(service) is declared by \(list(authors, names)), not by this node"
        case .unknown(let service):
            "there is no service \(service)"
        case .noMember(let node):
            "no member \(names[node]) is known here"
        case .quota(let limit):
            "this node's certificate allows \(limit) services, and it declares so many"
        case .recordQuota(let limit):
            "this node's certificate allows \(limit) records, and it has so many alive"
        case .revoked(let reason):
            "a root revoked this node" + (reason.isEmpty ? "" : " (\(reason))")
                + ": it is a member no more"
        case .untrusted(let words): words
        case .tooLarge:
            "it does not fit a record of \(Record.maximumLength) bytes: shorten labels and "
                + "annotations, or split it"
        }
    }

    /// What to do next, or `nil`.
    func hint(_ names: NameList) -> String? {
        switch self {
        case .notReady: "try again in a second"
        case .stopped: "grapevine status says which machines; give one a bundle of its own"
        case .leaving: "start the agent again if it is to stay"
        case .namespace:
            "issue the bundle again with --namespace, or declare it on another machine"
        case .address(_, let owner?): "apply this EndpointSlice on \(names[owner])"
        case .address(_, nil):
            "a node offers endpoints at its own --address and --pod-cidr only: issue the bundle "
                + "again with more of them, or apply the EndpointSlice where the address is"
        case .outsideRange, .addressTaken: "leave clusterIP out to get a free one"
        case .addressReserved:
            "leave clusterIP out to get a free one. A DNS server of your own can forward the zone: "
                + "grapevine dns install --dry-run says how"
        case .portOutsideRange, .portTaken: "leave nodePort out to get a free one"
        case .foreign(_, let authors, _):
            "use --take-ownership to replace it, or change it on \(list(authors, names))"
        case .notOurs(_, let authors): "delete it on \(list(authors, names))"
        case .unknown: "grapevine get services"
        case .noMember: "grapevine members lists all of them"
        case .quota, .recordQuota: "issue the bundle again with a larger --max-services"
        case .revoked: "issue a bundle with a new key: grapevine trust issue --replace"
        case .untrusted: "grapevine trust show FILE"
        case .invalid, .tooLarge: nil
        }
    }

    func problem(_ names: NameList, of what: String) -> Problem {
        let code: Problem.Code =
            switch self {
            case .notReady, .stopped, .leaving: .notReady
            case .unknown: .serviceNotFound
            case .invalid, .namespace, .address, .outsideRange, .addressReserved, .addressTaken,
                .portOutsideRange, .portTaken, .foreign, .notOurs, .quota, .recordQuota, .tooLarge,
                .revoked,
                .untrusted,
                .noMember:
                .refused
            }
        return Problem(code, detail: words(names), hint: hint(names))
    }

    private func list(_ authors: [NodeID], _ names: NameList) -> String {
        authors.map { names[$0] }.sorted().joined(separator: ", ")
    }
}
