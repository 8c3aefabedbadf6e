/// One fault as a scenario words it: when, for how long, and what.
struct FaultText: Sendable {
    /// Where what goes wrong stands in the text.
    let place: Place
    let timing: Timing
    /// Milliseconds; `nil` until the faults end.
    let duration: ClosedRange<Int>?
    let heal: PlannedFault.Heal
    let act: Act

    enum Timing: Sendable {
        /// With the machines' first start.
        case start
        /// Milliseconds after the chaos began.
        case at(ClosedRange<Int>)
        /// Again and again, with so many milliseconds between on average.
        case every(mean: Int, Spread)
        /// When some rare state came about for the nth time.
        case mark(String, nth: Int)
    }

    enum Spread: String, CaseIterable, Sendable { case exp, even, exact }

    /// What goes wrong.
    enum Act: Sendable {
        case partition(Partition)
        case link(from: Selector, to: Selector, LinkSpec, FilterSpec?)
        case kill(Selector, DiskLoss, restartAfter: ClosedRange<Int>?)
        case pause(Selector, stopsClock: Bool)
        case slow(Selector, factor: Int)
        case clock(Selector, ClockSpec)
        case byzantine(Selector, [String], stolenKey: Selector?)
        case allocate(service: String, on: [Selector])
        case leave(Selector)
        case disk(Selector, DiskAct)
        case join(count: Int, within: Int)
    }

    enum DiskAct: String, CaseIterable, Sendable { case full, snapshot, clone }
}

/// What a machine's disk has lost when it starts again.
package enum DiskLoss: String, Codable, Hashable, Sendable, CaseIterable {
    case keep, wipe
    case loseUnsynced = "lose-unsynced"
    /// It holds again what it held at the last `disk: {do: snapshot}`.
    case restore
}

/// Which datagrams a link loses, and no others.
package struct FilterSpec: Codable, Hashable, Sendable {
    /// `hello` or `sealed`; `nil` for both.
    var form: Form?
    /// Only those of at least so many bytes.
    var size: Int?

    enum Form: String, Codable, CaseIterable, Sendable { case hello, sealed }
}

/// What a machine's clocks do.
package struct ClockSpec: Codable, Hashable, Sendable {
    /// The wall clock leaps by so many milliseconds.
    var step: Int?
    /// It gains so many parts of a million.
    var drift: Int?
    /// It stands still.
    var stops: Bool?
    /// The monotonic clock gains so many parts of a million.
    var monotonicDrift: Int?
}

extension FaultText {
    private static let acts = [
        "partition", "link", "kill", "pause", "slow", "clock", "byzantine", "allocate", "leave",
        "disk", "join",
    ]
    private static let notHere = ["iptables", "swarm", "do"]

    init(_ item: Item) throws(ScenarioMistake) {
        var fields = try item.fields()
        let when = try fields.only(of: ["at", "every", "when"])
        timing = try Self.timing(when.name, when.value)
        duration = try fields.take("for")?.span()
        for name in Self.notHere {
            guard let value = fields.take(name) else { continue }
            throw value.mistake(
                "is not possible in the simulator yet: leave this fault out to play the rest",
                isUnsupported: true
            )
        }
        let (name, value) = try fields.only(of: Self.acts)
        place = value.place
        var heal = PlannedFault.Heal.atomic
        act = try Self.act(name, value, &heal)
        self.heal = heal
        try fields.finish()
        let lasting = ["partition", "link", "pause", "slow", "clock", "kill", "disk"]
        if duration != nil, !lasting.contains(name) {
            throw value.mistake("ends at once: \"for\" means nothing beside it")
        }
        if case .mark = timing, addsMachines {
            throw value.mistake("adds machines, so it must come at a time, not when a mark is hit")
        }
        if case .every = timing, addsMachines {
            throw value.mistake("adds machines, so it may come only once")
        }
    }

    private var addsMachines: Bool {
        switch act {
        case .join, .disk(_, .clone): true
        default: false
        }
    }

    private static func timing(_ name: String, _ item: Item) throws(ScenarioMistake) -> Timing {
        switch name {
        case "at":
            return try item.text() == "start" ? .start : .at(item.span())
        case "every":
            if item.isScalar { return .every(mean: try item.gap(), .exact) }
            var fields = try item.fields()
            let mean = try fields.require("mean").gap()
            let spread = try fields.take("dist")?.word(Spread.self) ?? .exp
            try fields.finish()
            return .every(mean: mean, spread)
        default:
            var fields = try item.fields()
            let mark = try fields.require("mark").mark()
            let nth = try fields.take("nth")?.number(in: 1...1_000_000) ?? 1
            try fields.finish()
            return .mark(mark, nth: nth)
        }
    }

    private static func act(
        _ name: String,
        _ item: Item,
        _ heal: inout PlannedFault.Heal
    ) throws(ScenarioMistake) -> Act {
        var fields = try item.fields()
        let act = try act(name, &fields, &heal)
        try fields.finish()
        return act
    }

    private static func act(
        _ name: String,
        _ fields: inout Fields,
        _ heal: inout PlannedFault.Heal
    ) throws(ScenarioMistake) -> Act {
        switch name {
        case "partition":
            let partition = try Partition(&fields)
            heal = try fields.take("heal")?.word(PlannedFault.Heal.self) ?? .atomic
            return .partition(partition)
        case "link":
            let from = try fields.take("from")?.selector() ?? .all
            let to = try fields.take("to")?.selector() ?? .all
            let spec = try LinkSpec(&fields)
            var filter: FilterSpec?
            if let item = fields.take("drop") { filter = try FilterSpec(item) }
            guard spec != LinkSpec() || filter != nil else {
                throw fields.item.mistake("says nothing that goes wrong")
            }
            heal = try fields.take("heal")?.word(PlannedFault.Heal.self) ?? .atomic
            return .link(from: from, to: to, spec, filter)
        case "kill":
            let nodes = try fields.require("nodes").selector()
            if let signal = fields.take("signal"), try signal.text() != "KILL" {
                throw signal.mistake("must be KILL")
            }
            let disk = try fields.take("disk")?.word(DiskLoss.self) ?? .keep
            let restart = try fields.take("restart_after")?.span()
            return .kill(nodes, disk, restartAfter: restart)
        case "pause":
            let nodes = try fields.require("nodes").selector()
            return .pause(nodes, stopsClock: try fields.take("stops_clock")?.truth() ?? false)
        case "slow":
            let nodes = try fields.require("nodes").selector()
            return .slow(nodes, factor: try fields.require("factor").number(in: 2...10_000))
        case "clock":
            return .clock(try fields.require("nodes").selector(), try ClockSpec(&fields))
        case "byzantine":
            let nodes = try fields.require("nodes").selector()
            let list = try fields.require("mischiefs")
            var mischiefs: [String] = []
            for item in try list.list() { mischiefs.append(try item.mischief()) }
            if mischiefs.isEmpty { throw list.mistake("names no mischief") }
            let stolen = try fields.take("stolen_key")?.selector()
            return .byzantine(nodes, mischiefs.sorted(), stolenKey: stolen)
        case "allocate":
            let service = try fields.require("service").serviceName()
            let place = try fields.require("on")
            var nodes: [Selector] = []
            if place.isList {
                for item in try place.list() { nodes.append(try item.selector()) }
            } else {
                nodes = [try place.selector()]
            }
            return .allocate(service: service, on: nodes)
        case "leave":
            return .leave(try fields.require("nodes").selector())
        case "disk":
            let nodes = try fields.require("nodes").selector()
            return .disk(nodes, try fields.require("do").word(DiskAct.self))
        default:
            let count = try fields.require("count").number(in: 1...20_000)
            return .join(count: count, within: try fields.take("within")?.milliseconds() ?? 0)
        }
    }
}

extension FilterSpec {
    fileprivate init(_ item: Item) throws(ScenarioMistake) {
        var fields = try item.fields()
        form = try fields.take("form")?.word(Form.self)
        size = try fields.take("larger_than")?.number(in: 0...65_507)
        try fields.finish()
    }
}

extension ClockSpec {
    fileprivate init(_ fields: inout Fields) throws(ScenarioMistake) {
        if let item = fields.take("wall") {
            var wall = try item.fields()
            step = try wall.take("step")?.milliseconds(mayBeNegative: true)
            drift = try wall.take("drift")?.partsPerMillion()
            stops = try wall.take("stop")?.truth()
            try wall.finish()
        }
        if let item = fields.take("mono") {
            var mono = try item.fields()
            monotonicDrift = try mono.take("drift")?.partsPerMillion()
            try mono.finish()
        }
        guard self != ClockSpec() else { throw fields.item.mistake("says nothing of a clock") }
    }
}

extension Item {
    /// A time above nothing, in milliseconds.
    fileprivate func gap() throws(ScenarioMistake) -> Int {
        let gap = try milliseconds()
        guard gap > 0 else { throw mistake("must be longer than nothing") }
        return gap
    }

    fileprivate func partsPerMillion() throws(ScenarioMistake) -> Int {
        let text = try text()
        guard text.hasSuffix("ppm"), let parts = Int(text.dropLast(3)), parts.magnitude <= 500_000
        else { throw mistake("must be like 300ppm or -300ppm, not \"\(text)\"") }
        return parts
    }
}
