import Registry
import Testing
import Translation
import Vocabulary

/// Whose address an endpoint sees: the client's wherever the answer finds back.
struct SourceTests {
    let near = Village.service(
        "near",
        at: "10.96.1.1",
        nodePorts: [30_001],
        to: [Village.endpoint("10.1.1.5", on: 1)]
    )
    let far = Village.service(
        "far",
        at: "10.96.1.2",
        nodePorts: [30_002],
        to: [Village.endpoint("10.1.2.5")]
    )
    let host = Village.service(
        "host",
        at: "10.96.1.3",
        nodePorts: [30_003],
        to: [Village.endpoint("10.0.0.1", on: 1)]
    )

    private func isMasqueraded(
        from source: IPAddress,
        to destination: String,
        port: UInt16
    ) throws -> Bool {
        let outcomes = try Village.outcomes(
            [near, far, host],
            from: source,
            to: destination,
            port: port
        )
        guard outcomes.count == 1, case .delivered(_, let masqueraded) = outcomes[0].outcome else {
            Issue.record("\(outcomes) is not one delivery")
            return false
        }
        return masqueraded
    }

    @Test func `a pod of this machine keeps its address on the way to a ClusterIP`() throws {
        #expect(try !isMasqueraded(from: Village.podHere, to: "10.96.1.1", port: 80))
        #expect(try !isMasqueraded(from: Village.podHere, to: "10.96.1.2", port: 80))
        #expect(try !isMasqueraded(from: Village.podHere, to: "10.96.1.3", port: 80))
    }

    @Test func `a process of this machine keeps its address on the way to a ClusterIP`() throws {
        #expect(try !isMasqueraded(from: Village.ownAddresses[0], to: "10.96.1.1", port: 80))
        #expect(try !isMasqueraded(from: Village.ownAddresses[0], to: "10.96.1.2", port: 80))
    }

    @Test func `a ClusterIP client off the machine is masqueraded`() throws {
        #expect(try isMasqueraded(from: Village.stranger, to: "10.96.1.1", port: 80))
        #expect(try isMasqueraded(from: Village.podElsewhere, to: "10.96.1.2", port: 80))
    }

    @Test func `9 and 10 a NodePort client is masqueraded where the endpoint is elsewhere`() throws
    {
        for source in [Village.stranger, Village.podHere, Village.ownAddresses[1]] {
            #expect(try isMasqueraded(from: source, to: "10.0.0.1", port: 30_002))
        }
    }

    @Test func `a NodePort client keeps its address where the endpoint is here`() throws {
        for source in [Village.stranger, Village.podHere, Village.ownAddresses[1]] {
            #expect(try !isMasqueraded(from: source, to: "10.0.0.1", port: 30_001))
            #expect(try !isMasqueraded(from: source, to: "10.0.0.1", port: 30_003))
        }
    }

    @Test func `our flows pass a FORWARD chain that drops by policy, others do not`() throws {
        let text = Rendering(of: Village.view([near, far]), on: Village.machine).table.text
            .replacing(":FORWARD ACCEPT", with: ":FORWARD DROP")
        let walk = try Village.walk(text)
        for (destination, port) in [("10.96.1.2", UInt16(80)), ("10.0.0.1", 30_002)] {
            let packet = Village.packet(from: Village.stranger, to: destination, port: port)
            let outcomes = try walk.outcomes(of: packet).outcomes
            #expect(outcomes == [Village.delivered("10.1.2.5:8080", masqueraded: true)])
        }
        let other = Village.packet(from: Village.stranger, to: "10.1.2.5", port: 8080)
        #expect(try walk.outcomes(of: other).outcomes == [.dropped])
    }
}
