import ControlAPI
import Gossip
import Registry

/// Files between the root and this node.
extension APIHandler {
    /// Believes what a root signed, or says why not.
    func load(_ body: [UInt8]) async -> APIAnswer {
        let file: TrustFile
        do {
            file = try TrustFile(text: body, path: "the body")
        } catch {
            return problem(
                Problem(
                    .badRequest,
                    detail: "\(error)",
                    hint: "`trust renew`, `trust revoke` and `trust cluster` write such files"
                )
            )
        }
        let document: TrustDocument =
            switch file {
            case .certificate(let certificate): .certificate(certificate)
            case .record(let record): .record(record)
            }
        switch await inbox.carryOut(.load(document)) {
        case .failed(let reason):
            return problem(Problem(.machineFailed, detail: reason))
        case .done(.loaded(let isNews)):
            return json(LoadReply(what: file.title, isNews: isNews))
        case .done(.refused(let refusal)):
            return problem(refusal.problem(board.names, of: file.title))
        case .done:
            return notReady()
        }
    }

    /// This node's certificate, which is what a root renews.
    func credential() -> APIAnswer {
        guard let publication = board.publication else { return notReady() }
        let file = TrustFile.certificate(publication.credential)
        return APIAnswer(status: 200, contentType: JSON.contentType, body: file.text)
    }
}
