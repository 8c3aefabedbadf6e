/// A partition as a scenario words it (chaos design, section 3.1).
struct Partition: Sendable {
    let shape: Shape
    let mode: Mode
    /// Whom the shape is about, where it is about somebody.
    let nodes: Selector?
    let groups: [Selector]
    /// Of `k-way`.
    let parts: Int
    /// Of `random-links`: parts of a million.
    let share: Int
    /// Of `rolling` and `flapping`, milliseconds.
    let period: Int

    enum Shape: String, CaseIterable, Sendable {
        case isolate, halves, third, shatter, bridge, chain, star, deaf, mute, zone, groups
        case rolling, flapping
        case majorityMinority = "majority-minority"
        case kWay = "k-way"
        case majoritiesRing = "majorities-ring"
        case oneWayHalves = "one-way-halves"
        case singleLink = "single-link"
        case randomLinks = "random-links"
        case swizzleClog = "swizzle-clog"
    }

    private enum Plane: String, CaseIterable { case control, data, both }

    init(_ fields: inout Fields) throws(ScenarioMistake) {
        let shape = try fields.require("shape").word(Shape.self)
        self.shape = shape
        mode =
            try fields.take("mode")?.word(Mode.self) ?? (shape == .swizzleClog ? .slow : .drop)
        if let item = fields.take("plane"), try item.word(Plane.self) != .control {
            throw item.mistake(
                "the simulator has no data plane yet: write control, or leave it out",
                isUnsupported: true
            )
        }
        var nodes: Selector?
        switch shape {
        case .isolate, .deaf, .mute: nodes = try fields.take("nodes")?.selector() ?? .one
        case .zone: nodes = try fields.require("nodes").selector()
        case .bridge: nodes = try fields.take("bridge")?.selector() ?? .one
        case .star: nodes = try fields.take("hub")?.selector() ?? .one
        default: break
        }
        self.nodes = nodes
        var groups: [Selector] = []
        if shape == .groups {
            let item = try fields.require("groups")
            for group in try item.list() { groups.append(try group.selector()) }
            guard groups.count > 1 else { throw item.mistake("needs two groups or more") }
        }
        self.groups = groups
        parts = shape == .kWay ? try fields.require("parts").number(in: 2...1000) : 2
        share = shape == .randomLinks ? try fields.require("p").perMillion() : 0
        let isPeriodic = shape == .rolling || shape == .flapping
        period = isPeriodic ? try fields.require("period").milliseconds() : 0
        if isPeriodic, period < 2 { throw fields.item.mistake("needs a period of 2ms or more") }
    }
}

/// What becomes of a datagram on a link that is cut.
package enum Mode: String, Codable, Hashable, Sendable, CaseIterable {
    /// It is lost.
    case drop
    /// It waits until the link is mended, and all that waited comes at once.
    case jam
    /// It takes two seconds longer; for `swizzle-clog`, until the link is free.
    case slow
}
