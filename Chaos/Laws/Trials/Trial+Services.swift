import Gossip
import Registry
import Simulation
import Vocabulary

/// What several authors' wishes for one service come to.
extension Trial {
    static var serviceTrials: [Trial] {
        [
            Trial(.spec, "the spec in force is one author's, as a whole") { seed in
                var meeting = Meeting(seed)
                _ = meeting.declare("both")
                let stamp = HybridTime(meeting.encounter.time)
                meeting.say(
                    .declaration,
                    .declaration(
                        Declaration(
                            service: .trial("both"),
                            revision: UInt32(seed.value % 3),
                            specStamp: stamp,
                            spec: .withNodePort,
                            claims: []
                        )
                    )
                )
                guard let spec = meeting.view("both")?.spec else { return "it is gone" }
                let expected = seed.value % 3 == 0 ? ServiceSpec.plain : .withNodePort
                return spec == expected || (seed.value % 3 == 1 && spec == .plain)
                    ? nil : "the spec is neither's"
            },
            Trial(.spec, "a spec from the future comes into force when its time has come") { seed in
                var meeting = Meeting(seed)
                _ = meeting.declare("both")
                let time = meeting.encounter.time.advanced(by: .seconds(8 + Int(seed.value % 20)))
                meeting.say(
                    .declaration,
                    .declaration(
                        Declaration(
                            service: .trial("both"),
                            specStamp: HybridTime(time),
                            spec: .withNodePort,
                            claims: []
                        )
                    )
                )
                if meeting.view("both")?.spec != .plain { return "it is in force at once" }
                meeting.encounter.wait(.seconds(30))
                return meeting.view("both")?.spec == .withNodePort ? nil : "it never is"
            },
            Trial(.adoption, "a copy does not count while its author may speak") { seed in
                var meeting = Meeting(seed)
                let origin = meeting.encounter.node.id
                meeting.say(
                    .declaration,
                    .declaration(
                        Declaration(
                            service: .trial("copied"),
                            specStamp: HybridTime(meeting.encounter.time),
                            adoptedFrom: origin,
                            spec: .plain,
                            claims: []
                        )
                    )
                )
                return meeting.view("copied") == nil ? nil : "the copy of a deleted wish counts"
            },
            Trial(.deletion, "what an administrator retracts goes, whoever wished for it") { seed in
                let isAdmin = seed.value % 2 == 0
                var meeting = Meeting(seed) { $0.isAdmin = isAdmin }
                _ = meeting.declare("unwanted")
                let service = ServiceID(
                    of: .trial("unwanted"),
                    in: meeting.encounter.authority.anchor.cluster
                )
                let now = HybridTime(meeting.encounter.time.advanced(by: .seconds(1)))
                meeting.say(.retract, .retractions([Retraction(service: service, upTo: now)]))
                meeting.encounter.wait(.seconds(2))
                let isGone = meeting.view("unwanted") == nil
                guard isGone == isAdmin else {
                    return isAdmin ? "it is still there" : "anybody can delete"
                }
                guard isAdmin else { return nil }
                meeting.encounter.wait(.seconds(2))
                _ = meeting.declare("unwanted")
                return meeting.view("unwanted") == nil ? "it can never be wished for again" : nil
            },
        ]
    }
}
