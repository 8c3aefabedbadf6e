import Registry
import Testing
import Translation
import Vocabulary

/// Who answers while endpoints come and go: ready ones, else those that end and still serve.
struct TerminatingTests {
    private static let ending: Endpoint.Conditions = [.serving, .terminating]

    private static func endpoint(
        _ node: Int,
        _ conditions: Endpoint.Conditions = [.ready, .serving],
        isSuspect: Bool = false
    ) -> EndpointView {
        Village.endpoint(
            "10.1.\(node).5",
            on: node,
            conditions: conditions,
            isSuspect: isSuspect
        )
    }

    /// What a pod at the ClusterIP and a stranger at the NodePort meet.
    private func outcomes(
        _ policy: TrafficPolicy,
        _ endpoints: [EndpointView],
        publishesAll: Bool = false
    ) throws -> (inside: [Outcome], outside: [Outcome]) {
        let service = Village.service("web", at: "10.96.1.1", nodePorts: [30_080], to: endpoints) {
            $0.externalTrafficPolicy = policy
            $0.publishNotReadyAddresses = publishesAll
        }
        return (
            try Village.outcomes([service], to: "10.96.1.1", port: 80).outcomes,
            try Village.outcomes([service], from: Village.stranger, to: "10.0.0.1", port: 30_080)
                .outcomes
        )
    }

    private func on(_ node: Int, masqueraded: Bool = false) -> Outcome {
        Village.delivered("10.1.\(node).5:8080", masqueraded: masqueraded)
    }

    private let refused = [Outcome.rejected(.tcpReset)]

    @Test func `16 Local: with a ready one here, one that ends is not chosen`() throws {
        let ending = Village.endpoint("10.1.1.6", on: 1, conditions: Self.ending)
        let ready = [Self.endpoint(1), ending]
        let (inside, outside) = try outcomes(.local, ready + [Self.endpoint(2)])
        #expect(inside == [on(1), on(2)])
        #expect(outside == [on(1)])
    }

    @Test func `17 Local: with only ending ones here strangers reach them, pods the ready ones`()
        throws
    {
        let (inside, outside) = try outcomes(
            .local,
            [Self.endpoint(1, Self.ending), Self.endpoint(2)]
        )
        #expect(inside == [on(2)])
        #expect(outside == [on(1)])
    }

    @Test func `18 one that ends and does not serve is never chosen`() throws {
        for policy in [TrafficPolicy.cluster, .local] {
            let (inside, outside) = try outcomes(policy, [Self.endpoint(1, [.terminating])])
            #expect(inside == refused)
            #expect(outside == refused)
        }
        let (inside, outside) = try outcomes(
            .local,
            [Self.endpoint(1, [.terminating]), Self.endpoint(2)]
        )
        #expect(inside == [on(2)])
        #expect(outside == [.dropped])
    }

    @Test func `19 Local: an ending one elsewhere serves the ClusterIP, strangers are dropped`()
        throws
    {
        let (inside, outside) = try outcomes(.local, [Self.endpoint(2, Self.ending)])
        #expect(inside == [on(2)])
        #expect(outside == [.dropped])
    }

    @Test func `20 nobody usable anywhere refuses both`() throws {
        for policy in [TrafficPolicy.cluster, .local] {
            let none = [Self.endpoint(1, []), Self.endpoint(2, [.serving])]
            let (inside, outside) = try outcomes(policy, none)
            #expect(inside == refused)
            #expect(outside == refused)
        }
    }

    @Test func `21 Cluster: the same fallback over all machines`() throws {
        let mixed = [Self.endpoint(1, Self.ending), Self.endpoint(2)]
        var (inside, outside) = try outcomes(.cluster, mixed)
        #expect(inside == [on(2)])
        #expect(outside == [on(2, masqueraded: true)])
        (inside, outside) = try outcomes(
            .cluster,
            [Self.endpoint(1, Self.ending), Self.endpoint(2, Self.ending)]
        )
        #expect(inside == [on(1), on(2)])
        #expect(outside == [on(1), on(2, masqueraded: true)])
    }

    @Test(arguments: [TrafficPolicy.cluster, .local])
    func `58 internal policy: ending ones are the fallback here or everywhere`(
        policy: TrafficPolicy
    ) throws {
        let ending = [Self.endpoint(1, Self.ending), Self.endpoint(2, Self.ending)]
        let service = Village.service("web", at: "10.96.1.1", to: ending) {
            $0.internalTrafficPolicy = policy
        }
        let reached = try Village.outcomes([service], to: "10.96.1.1", port: 80).outcomes
        #expect(reached == (policy == .local ? [on(1)] : [on(1), on(2)]))
    }

    @Test func `57 publishNotReadyAddresses makes everybody count as ready`() throws {
        let unready = [
            Self.endpoint(1, []), Self.endpoint(2, Self.ending), Self.endpoint(3, [.terminating]),
        ]
        let (inside, outside) = try outcomes(.local, unready, publishesAll: true)
        #expect(inside == [on(1), on(2), on(3)])
        #expect(outside == [on(1)])
        let (without, _) = try outcomes(.local, unready)
        #expect(without == [on(2)])
    }

    @Test func `a suspect gives way to a ready one, not to one that ends`() throws {
        let suspect = Self.endpoint(2, isSuspect: true)
        #expect(try outcomes(.cluster, [suspect, Self.endpoint(3)]).inside == [on(3)])
        #expect(try outcomes(.cluster, [suspect, Self.endpoint(3, Self.ending)]).inside == [on(2)])
        #expect(try outcomes(.cluster, [suspect]).inside == [on(2)])
    }

    @Test func `of those that end a suspect gives way to another`() throws {
        let suspect = Self.endpoint(2, Self.ending, isSuspect: true)
        #expect(try outcomes(.cluster, [suspect, Self.endpoint(3, Self.ending)]).inside == [on(3)])
        #expect(try outcomes(.cluster, [suspect]).inside == [on(2)])
    }
}
