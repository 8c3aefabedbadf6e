import Gossip
import Registry
import Simulation
import Testing
import Vocabulary

/// Stories of two and three nodes, kept in `Transcripts`.
///
/// Read one before you read the code.
struct TranscriptTests {
    private let name: ServiceName
    private let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])

    init() throws { name = try #require(ServiceName(namespace: "default", name: "web")) }

    @Test
    func `a join of two`() throws {
        var story = Story(machines: 2)
        story.watch(.seconds(2))
        try story.expectTranscript("join")
    }

    @Test
    func `an apply that spreads`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(5))
        story.note("a declares a service and offers an endpoint")
        story.world.declare(name, spec, on: 0)
        try offer(&story.world)
        story.watch(.milliseconds(100))
        try story.expectTranscript("apply")
    }

    @Test
    func `a delete`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(3))
        story.world.declare(name, spec, on: 0)
        story.skip(.seconds(3))
        story.note("a withdraws the service")
        story.world.command(.withdraw(name), on: 0)
        story.watch(.milliseconds(100))
        try story.expectTranscript("delete")
    }

    @Test
    func `a lost ack, and a relay that helps`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(5))
        story.note("what b says to a is lost")
        story.world.cut(from: 1, to: 0)
        story.watch(.milliseconds(1500))
        try story.expectTranscript("lost-ack")
    }

    @Test
    func `a false accusation and its refutation`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(3))
        try offer(&story.world)
        story.world.declare(name, spec, on: 0)
        story.skip(.seconds(2))
        story.note("nobody hears a")
        story.world.cut(from: 0, to: 1)
        story.world.cut(from: 0, to: 2)
        story.watch(.milliseconds(1600))
        story.note("they hear it again")
        story.world.heal()
        story.watch(.milliseconds(1500))
        try story.expectTranscript("refutation")
    }

    @Test
    func `a reconcile of one record`() throws {
        var story = Story(machines: 2)
        story.skip(.milliseconds(5050))
        story.note("a declares a service, and all it says is lost for a moment")
        story.world.cut(from: 0, to: 1)
        story.world.declare(name, spec, on: 0)
        story.watch(.milliseconds(5))
        story.world.heal()
        story.watch(.seconds(2))
        try story.expectTranscript("reconcile")
    }

    @Test
    func `a leave, make before break`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(3))
        try offer(&story.world)
        story.world.declare(name, spec, on: 1)
        story.skip(.seconds(2))
        story.note("a is asked to leave; b declares the service that it has an endpoint of")
        story.world.command(.leave, on: 0)
        story.watch(.milliseconds(2600))
        try story.expectTranscript("leave")
    }

    @Test
    func `a heal after a cut`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(3))
        story.note("a and b do not hear c, nor c them, for twelve seconds")
        story.world.partition([[0, 1], [2]])
        story.skip(.seconds(6))
        story.note("a declares a service meanwhile")
        story.world.declare(name, spec, on: 0)
        story.skip(.seconds(6))
        story.note("the cut is mended")
        story.world.heal()
        story.watch(.milliseconds(5500))
        try story.expectTranscript("heal")
    }

    @Test
    func `a receipt, and one that is lost at first`() throws {
        var story = Story(machines: 3)
        story.skip(.seconds(5))
        story.note("a declares a service and asks who has seen it; what c says to a is lost")
        story.world.cut(from: 2, to: 0)
        story.world.declare(name, spec, on: 0)
        story.world.command(.confirm(within: .seconds(2)), on: 0)
        story.watch(.milliseconds(40))
        story.note("a hears c again")
        story.world.heal()
        story.watch(.milliseconds(100))
        try story.expectTranscript("receipt")
    }

    private func offer(_ world: inout World) throws {
        let address = try #require(IPAddress("100.64.0.7"))
        world.command(
            .offer(
                EndpointSet(
                    service: name,
                    ports: [EndpointPort(port: 8080)],
                    endpoints: [Endpoint(address: address)]
                )
            ),
            on: 0
        )
    }
}
