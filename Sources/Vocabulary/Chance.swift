/// The one number from which a simulation follows.
package struct Seed: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init(_ value: UInt64) { self.value = value }

    package var description: String { "0x" + String(value, radix: 16) }

    /// The first `count` seeds, for laws that are checked over many.
    package static func sweep(_ count: Int) -> [Seed] {
        (0..<UInt64(count)).map(Seed.init)
    }
}

/// Chance as a value: a counter-based stream, named by a seed and a purpose.
///
/// Two purposes never share draws, so removing one fault, link or node from a plan leaves all
/// other draws as they were. The mixing is SplitMix64 (Steele, Lea, Flood, 2014); it is not
/// secret, so nothing that must not be guessed is drawn here.
package struct RandomStream: Sendable {
    private let key: UInt64
    private var counter: UInt64 = 0

    package init(_ seed: Seed, _ purpose: StaticString, _ indices: UInt64...) {
        var key = Self.mix(seed.value ^ 0x6772_6170_6576_696e)
        purpose.withUTF8Buffer { letters in
            for letter in letters { key = Self.mix(key ^ UInt64(letter)) }
        }
        for index in indices { key = Self.mix(key ^ Self.mix(index &+ 0x9e37_79b9_7f4a_7c15)) }
        self.key = key
    }

    private init(key: UInt64) { self.key = key }

    /// A stream of its own for each index, whatever is drawn from this one.
    package func branch(_ index: UInt64) -> RandomStream {
        RandomStream(key: Self.mix(key ^ Self.mix(index &+ 0x9e37_79b9_7f4a_7c15)))
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        counter &+= 1
        return Self.mix(key &+ counter &* 0x9e37_79b9_7f4a_7c15)
    }

    /// A number from `0..<bound`; `bound` must be positive.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "cannot draw below \(bound)")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True `numerator` times in `denominator`.
    package mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
        below(denominator) < numerator
    }

    /// A duration from `0..<bound`, in whole nanoseconds; zero where `bound` is not positive.
    package mutating func duration(below bound: Duration) -> Duration {
        bound.nanoseconds > 0 ? .nanoseconds(below(Int(bound.nanoseconds))) : .zero
    }

    /// One of the elements, or `nil` where there are none.
    package mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[below(elements.count)]
    }

    /// Up to `count` different elements in drawn order.
    package mutating func sample<Element>(_ count: Int, of elements: [Element]) -> [Element] {
        var rest = elements
        let wanted = min(max(count, 0), rest.count)
        for index in 0..<wanted {
            rest.swapAt(index, index + below(rest.count - index))
        }
        return Array(rest.prefix(wanted))
    }

    private static func mix(_ input: UInt64) -> UInt64 {
        var word = input
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }
}
