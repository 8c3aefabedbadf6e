/// What a scenario says of links, as text and plans write it; `nil` leaves a thing as it is.
package struct LinkSpec: Codable, Hashable, Sendable {
    /// Microseconds.
    var latency: Int?
    /// Microseconds.
    var jitter: Int?
    /// Some datagrams take so much longer: parts of a million, microseconds.
    var tailShare: Int?
    var tail: Int?
    /// Parts of a million.
    var loss: Int?
    var burst: Burst?
    /// Parts of a million come twice, the second up to so many microseconds later.
    var duplicates: Int?
    var duplicateDelay: Int?
    /// Parts of a million arrive changed.
    var corruption: Int?
    /// Bytes of UDP payload; larger datagrams are lost.
    var mtu: Int?
    /// Bytes in a second, and bytes that may wait.
    var bandwidth: Int?
    var queue: Int?

    /// Good and bad times of a link, all in parts of a million (Gilbert and Elliott).
    struct Burst: Codable, Hashable, Sendable {
        let toBad: Int
        let toGood: Int
        let lossInGood: Int
        let lossInBad: Int
    }

    init() {}

    /// Takes what is said of links from the keys of a map.
    init(_ fields: inout Fields) throws(ScenarioMistake) {
        if let item = fields.take("latency") { try readLatency(item) }
        loss = try fields.take("loss")?.perMillion()
        if let item = fields.take("burst") {
            if loss != nil { throw item.mistake("cannot stand beside loss") }
            var burst = try item.fields()
            self.burst = Burst(
                toBad: try burst.require("to_bad").perMillion(),
                toGood: try burst.require("to_good").perMillion(),
                lossInGood: try burst.take("loss_in_good")?.perMillion() ?? 0,
                lossInBad: try burst.require("loss_in_bad").perMillion()
            )
            try burst.finish()
        }
        if let item = fields.take("duplicate") {
            if item.isScalar {
                duplicates = try item.perMillion()
            } else {
                var twofold = try item.fields()
                duplicates = try twofold.require("p").perMillion()
                duplicateDelay = try twofold.take("within")?.microseconds()
                try twofold.finish()
            }
        }
        corruption = try fields.take("corrupt")?.perMillion()
        mtu = try fields.take("mtu")?.number(in: 0...65_507)
        if let item = fields.take("bandwidth") {
            bandwidth = try item.bytes()
            // Over no bandwidth nothing would ever come: that is a cut.
            if bandwidth == 0 { throw item.mistake("must be more than nothing: say loss: 100%") }
        }
        queue = try fields.take("queue")?.bytes()
    }

    private mutating func readLatency(_ item: Item) throws(ScenarioMistake) {
        if item.isScalar {
            latency = try item.microseconds()
            return
        }
        var fields = try item.fields()
        latency = try fields.take("base")?.microseconds()
        jitter = try fields.take("jitter")?.microseconds()
        if let item = fields.take("tail") {
            var tail = try item.fields()
            tailShare = try tail.require("p").perMillion()
            self.tail = try tail.require("add").microseconds()
            try tail.finish()
        }
        try fields.finish()
    }

    /// Whether members may lose sight of each other over such a link: more than the envelope of
    /// the design's section 6 allows.
    var isBeyondEnvelope: Bool {
        (loss ?? 0) > 200_000 || (latency ?? 0) > 500_000 || (tail ?? 0) > 500_000
            || (jitter ?? 0) > 500_000 || (corruption ?? 0) > 200_000 || burst != nil
            || mtu != nil || bandwidth != nil
    }
}
