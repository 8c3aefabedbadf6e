import Registry
import Sodium

/// From text to a scenario, or to the first mistake in it.
extension Scenario {
    /// Reads a scenario file.
    ///
    /// - Parameter text: YAML as `Chaos/README.md` describes it.
    /// - Throws: The first mistake in it.
    package init(reading text: String) throws(ScenarioMistake) {
        let top = try Item.top(of: text)
        var fields = try top.fields()
        _ = try fields.require("chaos").number(in: 1...1)
        let title = try fields.require("name")
        name = try title.text()
        guard Self.isName(name) else {
            throw title.mistake("must be small letters, digits and - only: it names a folder")
        }
        source = name
        about = try fields.require("about").text()
        seed = UInt64(try fields.take("seed")?.number(in: 0...Int.max) ?? 1)
        if let backends = fields.take("backends") { try Self.readBackends(backends) }
        cluster = try Cluster(try fields.require("cluster"))
        var workload = Workload()
        if let item = fields.take("workload") { workload = try Workload(item) }
        self.workload = workload
        phases = try Phases(try fields.require("phases"))
        var faults: [FaultText] = []
        if let list = fields.take("faults") {
            for item in try list.list() { faults.append(try FaultText(item)) }
        }
        self.faults = faults
        var expect = Expectation()
        if let item = fields.take("expect") { expect = try Expectation(item) }
        self.expect = expect
        try fields.finish()
        digest = BLAKE2b.hash256(Array(text.utf8)).bytes.prefix(4).hex
    }

    /// Whether a text may be the name of a scenario: folders are called so.
    static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { letter in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(letter)
                || letter == UInt8(ascii: "-")
        }
        return isPlain && (1...100).contains(text.utf8.count)
    }

    private enum Backend: String, CaseIterable { case sim, netns }

    /// What runs in namespaces only cannot run here.
    private static func readBackends(_ item: Item) throws(ScenarioMistake) {
        var backends: [Backend] = []
        for backend in try item.list() { backends.append(try backend.word(Backend.self)) }
        guard backends.contains(.sim) else {
            throw item.mistake(
                "only the simulator is here yet: write backends: [sim], or leave it out",
                isUnsupported: true
            )
        }
    }
}

extension Scenario.Cluster {
    fileprivate init(_ item: Item) throws(ScenarioMistake) {
        var fields = try item.fields()
        nodes = try fields.require("nodes").number(in: 1...20_000)
        if let zones = fields.take("zones") {
            for entry in try zones.fields().all {
                self.zones.append((entry.key, try entry.value.number(in: 1...nodes)))
            }
            let sum = self.zones.reduce(0) { $0 + $1.size }
            guard sum == nodes else {
                throw zones.mistake("the zones have \(sum) nodes, and the cluster \(nodes)")
            }
        }
        if let item = fields.take("seeds") {
            seeds =
                try item.text() == "per-zone"
                ? .perZone : .first(try item.number(in: 1...nodes))
        }
        if let item = fields.take("start_within") { startSpread = try item.milliseconds() }
        if let item = fields.take("config") { settings = try SettingValue.list(item) }
        if let item = fields.take("link") {
            var fields = try item.fields()
            link = try LinkSpec(&fields)
            try fields.finish()
        }
        if let item = fields.take("latency_between_zones") {
            latencyBetweenZones = try item.microseconds()
            guard !zones.isEmpty else { throw item.mistake("needs zones") }
        }
        try fields.finish()
    }
}

extension Scenario.Workload {
    fileprivate init(_ item: Item) throws(ScenarioMistake) {
        var fields = try item.fields()
        if let item = fields.take("services") {
            var services = try item.fields()
            self.services = try services.require("count").number(in: 0...20_000)
            endpoints = try services.take("endpoints")?.number(in: 0...1000) ?? 1
            try services.finish()
        }
        if let item = fields.take("churn") {
            var churn = try item.fields()
            registerGap = try churn.take("register")?.meanGap()
            deregisterGap = try churn.take("deregister")?.meanGap()
            flipGap = try churn.take("endpoint_flip")?.meanGap()
            try churn.finish()
        }
        if let item = fields.take("probes") {
            throw item.mistake(
                "clients are not simulated yet: leave it out to play the rest",
                isUnsupported: true
            )
        }
        try fields.finish()
    }
}

extension Scenario.Phases {
    fileprivate init(_ item: Item) throws(ScenarioMistake) {
        let order = ["warmup", "chaos", "settle", "quiet"]
        var reached = -1
        for phase in try item.list() {
            var fields = try phase.fields()
            let (name, value) = try fields.only(of: order)
            let place = order.firstIndex(of: name) ?? 0
            guard place > reached else {
                throw value.mistake("phases come in this order, each once: \(order)")
            }
            reached = place
            let time = try value.milliseconds()
            switch name {
            case "warmup": warmup = time
            case "chaos": chaos = time
            case "settle":
                settle = time
                if let item = fields.take("core") { core = try Core(item) }
            default: quiet = time
            }
            try fields.finish()
        }
        guard chaos > 0, settle > 0 else { throw item.mistake("needs the phases chaos and settle") }
    }
}

extension Scenario.Phases.Core {
    fileprivate init(_ item: Item) throws(ScenarioMistake) {
        if item.isScalar {
            switch try item.text() {
            case "all": self = .all
            case "random": self = .random
            default: throw item.mistake("must be all, random or {nodes: ...}")
            }
            return
        }
        var fields = try item.fields()
        let nodes = try fields.require("nodes")
        self = .nodes(try nodes.selector(), nodes.place)
        try fields.finish()
    }
}

extension Expectation {
    init(_ item: Item) throws(ScenarioMistake) {
        var fields = try item.fields()
        if let item = fields.take("always") {
            checks = []
            for check in try item.list() { checks.append(try check.word(Check.self)) }
        }
        if let item = fields.take("within") { try readBounds(item) }
        if let item = fields.take("at_most") {
            var limits = try item.fields()
            falseEvictions = try limits.take("false_evictions")?.number(in: 0...1_000_000) ?? 0
            bytesPerSecond = try limits.take("bytes_per_node")?.bytes()
            try limits.finish()
        }
        if let item = fields.take("reach") {
            for mark in try item.list() { marks.append(try mark.mark()) }
        }
        if let item = fields.take("slo") {
            throw item.mistake(
                "clients are not simulated yet: leave it out to play the rest",
                isUnsupported: true
            )
        }
        try fields.finish()
    }

    private mutating func readBounds(_ item: Item) throws(ScenarioMistake) {
        var fields = try item.fields()
        for what in Bound.What.allCases {
            guard let item = fields.take(what.rawValue) else { continue }
            bounds.append(Bound(what: what, milliseconds: try item.milliseconds()))
        }
        if let item = fields.take("repair") {
            throw item.mistake(
                "tables are not simulated yet: leave it out to play the rest",
                isUnsupported: true
            )
        }
        try fields.finish()
    }
}

extension Sequence<UInt8> {
    /// Two digits for each byte.
    var hex: String {
        map { String($0 / 16, radix: 16) + String($0 % 16, radix: 16) }.joined()
    }
}
