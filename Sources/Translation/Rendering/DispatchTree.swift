import Vocabulary

/// Finds one of many rules by a number in a few steps: chains that split the number space into
/// at most sixteen, as deep as needed to leave at most `leafRules` in one.
///
/// A packet that finds nothing leaves from wherever it is: inner rules go, they do not jump.
struct DispatchTree {
    /// Up to so many rules are tried one after another.
    static let leafRules = 16
    /// nf_tables refuses more than fifteen chained jumps; eight are for everyone's trees.
    static let maximumDepth = 8
    private static let bitsPerStep = 4

    /// A rule and the number a packet must have to find it.
    struct Leaf: Hashable {
        let key: UInt128
        /// Tells leaves of one number apart, and says which is tried first.
        var order: UInt32 = 0
        let rule: Rule

        static func precedes(_ left: Leaf, _ right: Leaf) -> Bool {
            (left.key, left.order) < (right.key, right.order)
        }
    }

    /// Numbers with the same leading bits.
    struct Block {
        let base: UInt128
        let prefixLength: Int
    }

    /// How long a number is.
    let bits: Int
    /// Where the tree begins.
    let root: Block
    /// What the chain of a block is called.
    let name: (Block) -> String
    /// What a packet of a block has, as matches.
    let selector: (Block) -> [Match]

    /// A tree over leaves.
    struct Planted {
        /// What belongs into the chain that the tree begins in.
        let root: [Rule]
        /// All chains below that one.
        let chains: [Chain]
    }

    /// The tree over leaves that are within the root's block, sorted by key.
    func plant(_ leaves: [Leaf]) -> Planted {
        var chains: [Chain] = []
        let rules = grow(leaves[...], depth: 0, into: &chains)
        return Planted(root: rules, chains: chains.sorted { $0.name < $1.name })
    }

    private func grow(
        _ leaves: ArraySlice<Leaf>,
        depth: Int,
        into chains: inout [Chain]
    ) -> [Rule] {
        guard leaves.count > Self.leafRules, depth < Self.maximumDepth,
            let first = leaves.first?.key, let last = leaves.last?.key, first != last
        else { return leaves.map(\.rule) }
        return split(leaves, sharing: sharedLength(first, last)).map { part in
            let rules = grow(part.leaves, depth: depth + 1, into: &chains)
            chains.append(Chain(name(part.block), rules))
            return Rule(selector(part.block), .goto(name(part.block)))
        }
    }

    /// How many leading bits two numbers share, down to a whole step from the root: a level at
    /// which all go one way is no level, and steps at fixed places make for small changes.
    private func sharedLength(_ first: UInt128, _ last: UInt128) -> Int {
        let shared = bits - (UInt128.bitWidth - (first ^ last).leadingZeroBitCount)
        return shared - (shared - root.prefixLength) % Self.bitsPerStep
    }

    /// Splits by a whole step, or by fewer bits where that is enough.
    private func split(
        _ leaves: ArraySlice<Leaf>,
        sharing shared: Int
    ) -> [(block: Block, leaves: ArraySlice<Leaf>)] {
        let deepest = min(shared + Self.bitsPerStep, bits)
        for length in shared + 1..<deepest {
            let parts = split(leaves, to: length)
            if parts.allSatisfy({ $0.leaves.count <= Self.leafRules }) { return parts }
        }
        return split(leaves, to: deepest)
    }

    private func split(
        _ leaves: ArraySlice<Leaf>,
        to length: Int
    ) -> [(block: Block, leaves: ArraySlice<Leaf>)] {
        let shift = UInt128(bits - length)
        var parts: [(block: Block, leaves: ArraySlice<Leaf>)] = []
        var rest = leaves
        while let first = rest.first {
            let number = first.key >> shift
            let end = rest.firstIndex { $0.key >> shift != number } ?? rest.endIndex
            parts.append((Block(base: number << shift, prefixLength: length), rest[..<end]))
            rest = rest[end...]
        }
        return parts
    }
}
