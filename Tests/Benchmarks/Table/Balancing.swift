import BenchWorld
import Glibc
import Registry
import Translation
import Vocabulary

/// Whether each endpoint gets its share of many flows.
struct Balancing {
    let flavour: Flavour

    private static let flows = 100_000
    /// After so many the kernel is made to forget them: by itself it takes half a minute.
    private static let flowsRemembered = 20_000

    func run() throws {
        for count in [3, 10, 100] {
            try run("equal shares of \(count)", [UInt8](repeating: 1, count: count))
        }
        try run("shares of 1:2:7", [1, 2, 7])
    }

    private func run(_ what: String, _ weights: [UInt8]) throws {
        // Every second service speaks UDP: the one that is rung, among a few others.
        let world = TableWorld(services: 10, endpoints: weights.count, weights: weights)
        let service = world.services[1]
        var layout = OurLayout(flavour)
        let machine = try Machine(flavour)
        for text in layout.first(world) { try machine.restoreWell(text, layout.options) }
        let doorbell = try Doorbell(machine, namesEndpoints: true)
        guard let address = service.clusterIP, let own = IPAddress(Machine.ownAddress) else {
            throw BenchFailure("no address")
        }
        let place = SocketAddress(address, port: TableWorld.port)
        var counts: [IPAddress: Int] = [:]
        for flow in 1...Self.flows {
            // A port of its own: a flow that the kernel remembers goes where it went, and is no
            // choice.
            let port = UInt16(2_000 + flow % Self.flowsRemembered)
            let source = SocketAddress(own, port: port)
            let endpoint = try doorbell.ring(place, .udp, from: source).endpoint
            if let endpoint { counts[endpoint, default: 0] += 1 }
            if flow % Self.flowsRemembered == 0 { try machine.forgetFlows() }
        }
        let whole = weights.reduce(0.0) { $0 + Double($1) }
        let distance = zip(service.endpoints, weights).reduce(0.0) { sum, pair in
            let expected = Double(Self.flows) * Double(pair.1) / whole
            let difference = Double(counts[pair.0.address] ?? 0) - expected
            return sum + difference * difference / expected
        }
        let strangers = Set(counts.keys).subtracting(service.endpoints.map(\.address)).count
        let chance = ChiSquare.chance(above: distance, degrees: weights.count - 1)
        Line(
            target: "10",
            what: "balance, \(what): p of chi-square",
            wanted: "> 0.01",
            reached: hundredths(chance) + (strangers > 0 ? ", \(strangers) strangers" : ""),
            isReached: chance > 0.01 && strangers == 0,
            rival: "",
            ratio: "",
            trials: "\(flavour.rawValue), \(grouped(Self.flows)) flows"
        )
        .show()
    }
}

/// The distribution of sums of squares.
enum ChiSquare {
    /// How often chance alone gives more than this.
    static func chance(above value: Double, degrees: Int) -> Double {
        let (a, x) = (Double(degrees) / 2, value / 2)
        if x <= 0 { return 1 }
        let scale = exp(a * log(x) - x - lgamma(a))
        // Below the mean the series of the lower tail, above it the fraction of the upper one
        // (Abramowitz and Stegun, 6.5.29 and 6.5.31).
        return x < a + 1 ? 1 - scale * series(a, x) : scale * fraction(a, x)
    }

    private static func series(_ a: Double, _ x: Double) -> Double {
        var (term, sum, n) = (1 / a, 1 / a, a)
        while term > sum * 1e-15 {
            n += 1
            term *= x / n
            sum += term
        }
        return sum
    }

    private static func fraction(_ a: Double, _ x: Double) -> Double {
        var value = 0.0
        for n in stride(from: 500.0, through: 1, by: -1) {
            value = n * (n - a) / (x + 2 * n + 1 - a - value)
        }
        return 1 / (x + 1 - a - value)
    }
}
