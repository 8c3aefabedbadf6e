import ArgumentParser
import ControlAPI

/// How scripts call an object: `service/web`, or `service/shop/web` where more than one namespace
/// is shown; both are arguments of other commands (`ObjectArguments`).
struct ObjectReference: Hashable, Sendable {
    /// `nil` for what has no kind, such as a setting.
    let kind: String?
    let name: String
    /// `nil` for what has none.
    let namespace: String?

    init(_ kind: String?, _ name: String, in namespace: String? = nil) {
        self.kind = kind
        self.name = name
        self.namespace = namespace
    }

    init(_ name: String) { self.init(nil, name) }

    init(_ service: ServiceObject) {
        self.init("service", service.metadata.name, in: service.metadata.namespace)
    }

    init(_ slice: EndpointSliceObject) {
        self.init("endpointslice", slice.metadata.name, in: slice.metadata.namespace)
    }

    init(_ node: NodeObject) { self.init("node", node.name) }

    init(_ member: Member) { self.init("member", member.name) }

    /// What can be written for it on a command line.
    ///
    /// - Parameter isQualified: Whether the namespace must be said, too.
    /// - Returns: One word.
    func text(isQualified: Bool) -> String {
        [kind, isQualified ? namespace : nil, name].compactMap(\.self).joined(separator: "/")
    }
}

/// Lets what `-o name` prints be an argument again, wherever a command wants an object.
enum ObjectArguments {
    /// How a command wants to be told of an object.
    private enum Form {
        /// `get service web`
        case words
        /// `delete service/web`
        case path
        /// `trace web`, of services alone
        case name
    }

    private static let forms: [String: Form] = [
        "get": .words, "describe": .words, "delete": .path, "wait": .path, "trace": .name,
        "events": .name,
    ]

    /// Options of these commands with a value that may look like an object: `-f service/web`.
    private static let takingValues: Set = [
        "-f", "--filename", "-o", "--output", "--for", "--socket", "-n", "--namespace",
    ]

    private static let services: [String] = KnownKinds.names(GetServices.configuration)
    private static let kinds: [String] =
        GetCommand.configuration.subcommands.flatMap { KnownKinds.names($0.configuration) }
        + ["member", "members"]

    /// The arguments with the first `KIND/NAME` or `KIND/NAMESPACE/NAME` as its command wants it.
    ///
    /// - Throws: `Failure` where a namespace is said twice.
    static func settled(_ arguments: [String]) throws(Failure) -> [String] {
        guard let command = arguments.first, let form = forms[command] else { return arguments }
        let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
        for index in 1..<max(end, 1) where !takingValues.contains(arguments[index - 1]) {
            let parts = arguments[index].split(separator: "/", omittingEmptySubsequences: false)
                .map(String.init)
            guard (2...3).contains(parts.count), !parts.contains(""), kinds.contains(parts[0]),
                form != .name || services.contains(parts[0])
            else { continue }
            var words: [String]
            switch form {
            case .words: words = [parts[0], parts[parts.count - 1]]
            case .path: words = ["\(parts[0])/\(parts[parts.count - 1])"]
            case .name: words = [parts[parts.count - 1]]
            }
            if parts.count == 3 {
                if let other = arguments[..<end].first(where: saysNamespace) {
                    throw Failure(
                        .usage,
                        "\(other) and the namespace in \(arguments[index]) exclude each other"
                    )
                }
                words += ["-n", parts[1]]
            }
            return arguments[..<index] + words + arguments[(index + 1)...]
        }
        return arguments
    }

    private static func saysNamespace(_ argument: String) -> Bool {
        argument.hasPrefix("-n") || argument == "--namespace"
            || argument.hasPrefix("--namespace=") || argument == "-A"
            || argument == "--all-namespaces"
    }
}
