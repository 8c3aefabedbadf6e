import ControlAPI
import Names
import Vocabulary

/// What whoever sets up a resolver must know.
extension APIHandler {
    func whereNamesAre() -> APIAnswer {
        guard let names else {
            return problem(
                Problem(
                    .refused,
                    detail: "this agent does not answer for names: it runs with --dns off",
                    hint: "start it without that option"
                )
            )
        }
        guard let order = board.nameOrder else { return notReady() }
        let ranges = order.ranges
        let servers = board.nameServers.map(\.address.family)
        return json(
            NamesReply(
                zone: "\(names.zone.name)",
                listener: "\(names.listener)",
                addresses: ranges.filter { servers.contains($0.family) }
                    .compactMap { $0.address(at: NamesIndex.serverOffset)?.description },
                reverseZones: ranges.flatMap(\.reverseZones),
                troubles: board.nameFindings.map { "\($0.code) \($0.words)" }
            )
        )
    }
}
