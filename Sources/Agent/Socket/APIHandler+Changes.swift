import ControlAPI
import Gossip
import Manifests
import Registry
import Vocabulary

/// Changes: what is applied and deleted.
extension APIHandler {
    /// Declares everything in a YAML body, or nothing where anything of it is refused.
    func apply(_ request: APIRequest, _ body: [UInt8]) async -> APIAnswer {
        let manifest: Manifest
        switch parse(request, body) {
        case .success(let parsed): manifest = parsed
        case .failure(let failure): return problem(failure.problem)
        }
        let file = fileName(of: request)
        let takesOwnership = request.query.contains { $0 == (Route.ownershipQuery, "true") }
        let commands = manifest.items.map { $0.command(takeOwnership: takesOwnership) }
        switch await inbox.carryOut(.together(commands)) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(.together(let outcomes)):
            return applied(manifest, outcomes, file: file)
        case .done:
            return notReady()
        }
    }

    /// Says what would become of a YAML body, whoever declares it now, and changes nothing.
    func rehearse(_ request: APIRequest, _ body: [UInt8]) async -> APIAnswer {
        let manifest: Manifest
        switch parse(request, body) {
        case .success(let parsed): manifest = parsed
        case .failure(let failure): return problem(failure.problem)
        }
        let commands = manifest.items.map { $0.command(takeOwnership: true) }
        switch await inbox.rehearse(.together(commands)) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(.together(let outcomes)):
            return applied(manifest, outcomes, file: fileName(of: request))
        case .done:
            return notReady()
        }
    }

    private func applied(_ manifest: Manifest, _ outcomes: [Outcome], file: String) -> APIAnswer {
        let names = board.names
        let refusals = zip(manifest.items, outcomes).compactMap { item, outcome in
            if case .refused(let refusal) = outcome { (item, refusal) } else { nil }
        }
        guard refusals.isEmpty else {
            let mistakes = refusals.map { item, refusal in
                Problem.Mistake(
                    file: file,
                    line: item.line,
                    path: item.title,
                    detail: refusal.words(names)
                )
            }
            var hints: [String] = []
            for (_, refusal) in refusals {
                if let hint = refusal.hint(names), !hints.contains(hint) { hints.append(hint) }
            }
            let isReady = refusals.allSatisfy { $0.1 != .notReady }
            return problem(
                Problem(
                    isReady ? .refused : .notReady,
                    detail: "nothing was applied: "
                        + refusals.map { "\($0.0.title): \($0.1.words(names))" }
                        .joined(separator: "; "),
                    hint: hints.isEmpty ? nil : hints.joined(separator: "\n"),
                    errors: mistakes
                )
            )
        }
        let items = zip(manifest.items, outcomes).compactMap { item, outcome in
            ApplyReply.Item(item, outcome)
        }
        return json(ApplyReply(items: items, warnings: manifest.warnings.map(\.description)))
    }

    /// Withdraws everything that a YAML body names.
    func delete(_ request: APIRequest, _ body: [UInt8]) async -> APIAnswer {
        let manifest: Manifest
        switch parse(request, body) {
        case .success(let parsed): manifest = parsed
        case .failure(let failure): return problem(failure.problem)
        }
        // What is not there is told and passed over; the rest goes together or not at all.
        var missing: Set<Int> = []
        while true {
            let present = manifest.items.indices.filter { !missing.contains($0) }
            let result = await inbox.carryOut(
                .together(present.map { manifest.items[$0].withdrawal })
            )
            guard case .done(.together(let outcomes)) = result else {
                if case .failed(let reason) = result {
                    return problem(Problem(.machineFailed, detail: reason))
                }
                return notReady()
            }
            let before = missing.count
            for (place, outcome) in zip(present, outcomes) {
                guard case .refused(let refusal) = outcome else { continue }
                guard case .unknown = refusal else {
                    return problem(refusal.problem(board.names, of: manifest.items[place].title))
                }
                missing.insert(place)
            }
            guard missing.count == before else { continue }
            let kept = Dictionary(uniqueKeysWithValues: zip(present, outcomes))
            return json(
                DeleteReply(
                    items: manifest.items.indices.map { place in
                        manifest.items[place].deletion(
                            missing.contains(place) ? .notFound : .deleted,
                            stillDeclaredBy: kept[place]?.declarers(board.names)
                        )
                    }
                )
            )
        }
    }

    func deleteService(namespace: String, name: String) async -> APIAnswer {
        guard let service = ServiceName(namespace: namespace, name: name) else {
            return problem(
                Problem(
                    .serviceNotFound,
                    detail: "\(namespace)/\(name) is no name of a Service",
                    hint: "names are 1...63 of a-z, 0-9 and -"
                )
            )
        }
        switch await inbox.carryOut(.withdraw(service)) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(let outcome) where outcome.declarers(board.names) != nil:
            let item = DeleteReply.Item(
                kind: "Service",
                namespace: namespace,
                name: name,
                result: .deleted,
                stillDeclaredBy: outcome.declarers(board.names)
            )
            return json(DeleteReply(items: [item]))
        case .done(.refused(let refusal)):
            return problem(refusal.problem(board.names, of: "service \(name)"))
        case .done:
            return notReady()
        }
    }

    private struct Rejected: Error { let problem: Problem }

    private func parse(
        _ request: APIRequest,
        _ body: [UInt8]
    ) -> Result<Manifest, Rejected> {
        guard let text = String(validating: body, as: UTF8.self) else {
            return .failure(
                Rejected(problem: Problem(.badRequest, detail: "the body is not UTF-8 text"))
            )
        }
        let namespace = request.query.first { $0.name == Route.namespaceQuery }?.value
        do throws(ManifestError) {
            return .success(
                try Manifest(
                    parsing: text,
                    file: fileName(of: request),
                    namespace: namespace ?? "default"
                )
            )
        } catch {
            journal.count(.manifestProblems, by: error.problems.count)
            let mistakes = error.problems.map {
                Problem.Mistake(file: $0.file, line: $0.line, path: $0.path, detail: $0.explanation)
            }
            let detail = "nothing was applied: \(error.problems.count) mistake(s) in the manifest"
            return .failure(
                Rejected(
                    problem: Problem(.invalidManifest, detail: detail, errors: mistakes)
                )
            )
        }
    }

    private func fileName(of request: APIRequest) -> String {
        request.query.first { $0.name == Route.fileQuery }?.value ?? "-"
    }
}

extension Manifest.Item {
    /// `service web`, `endpointslice web-a`: how people call it.
    var title: String {
        switch declaration {
        case .service(let service, _): "service \(service)"
        case .endpoints(let set): "endpointslice \(set.service.namespace)/\(name)"
        }
    }

    func command(takeOwnership: Bool) -> Command {
        switch declaration {
        case .service(let service, let spec):
            .declare(service, spec, takeOwnership: takeOwnership)
        case .endpoints(let set): .offer(set.named(name))
        }
    }

    var withdrawal: Command {
        switch declaration {
        case .service(let service, _): .withdraw(service)
        case .endpoints(let set): .retire(set.service, slice: name)
        }
    }

    fileprivate func deletion(
        _ result: DeleteReply.Result,
        stillDeclaredBy others: [String]?
    ) -> DeleteReply.Item {
        switch declaration {
        case .service(let service, _):
            DeleteReply.Item(
                kind: "Service",
                namespace: service.namespace,
                name: service.name,
                result: result,
                stillDeclaredBy: others
            )
        case .endpoints(let set):
            DeleteReply.Item(
                kind: "EndpointSlice",
                namespace: set.service.namespace,
                name: name,
                result: result
            )
        }
    }
}

extension EndpointSet {
    /// The same set under the name of the object that declares it.
    fileprivate func named(_ slice: String) -> EndpointSet {
        EndpointSet(service: service, slice: slice, ports: ports, endpoints: endpoints)
    }
}

extension ApplyReply.Item {
    fileprivate init?(_ item: Manifest.Item, _ outcome: Outcome) {
        switch (item.declaration, outcome) {
        case (.service(let service, _), .declared(let change, let view)):
            let ports = view.nodePorts.compactMap { $0.map { Int($0) } }
            self.init(
                kind: "Service",
                namespace: service.namespace,
                name: service.name,
                result: change.result,
                clusterIP: view.spec.addressRequest == .headless
                    ? "None" : view.spec.requiresAddress ? view.clusterIP?.description : nil,
                nodePorts: ports.isEmpty ? nil : ports,
                externalName: view.spec.externalName.isEmpty ? nil : view.spec.externalName
            )
        case (.endpoints(let set), .offered(let change)):
            self.init(
                kind: "EndpointSlice",
                namespace: set.service.namespace,
                name: item.name,
                result: change.result
            )
        default:
            return nil
        }
    }
}

extension Outcome {
    /// Who else still declares what was withdrawn, by name; `nil` where nothing was withdrawn.
    fileprivate func declarers(_ names: NameList) -> [String]? {
        guard case .withdrawn(let others) = self else { return nil }
        return others.map { names[$0] }.sorted()
    }
}

extension Outcome.Change {
    fileprivate var result: ApplyReply.Result {
        switch self {
        case .created: .created
        case .configured: .configured
        case .unchanged: .unchanged
        }
    }
}
