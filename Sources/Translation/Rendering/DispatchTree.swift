import Vocabulary

/// Finds one of many rules by a number in a few steps: chains that split the number space into
/// sixteen, as deep as needed to leave at most `leafRules` in one.
///
/// A packet that finds nothing leaves from wherever it is: inner rules go, they do not jump.
struct DispatchTree {
    /// Up to so many rules are tried one after another.
    static let leafRules = 16
    /// nf_tables refuses more than fifteen chained jumps; eight are for everyone's trees.
    static let maximumDepth = 8
    private static let bitsPerStep = 4

    /// A rule and the number a packet must have to find it.
    struct Leaf {
        let key: UInt128
        let rule: Rule
    }

    /// Numbers with the same leading bits.
    struct Block {
        let base: UInt128
        let prefixLength: Int
    }

    /// Begins the name of every chain below the root.
    let prefix: String
    /// How long a number is.
    let bits: Int
    /// Where the tree begins.
    let root: Block
    /// What a packet of a block has, as matches.
    let selector: (Block) -> [Match]

    /// - Parameter leaves: Within the root's block, sorted by key.
    /// - Returns: The rules that belong into the root chain, and all chains below it.
    func plant(_ leaves: [Leaf]) -> (root: [Rule], chains: [Chain]) {
        var chains: [Chain] = []
        let rules = grow(leaves[...], in: root, depth: 0, into: &chains)
        return (rules, chains)
    }

    private func grow(
        _ leaves: ArraySlice<Leaf>,
        in block: Block,
        depth: Int,
        into chains: inout [Chain]
    ) -> [Rule] {
        guard leaves.count > Self.leafRules, depth < Self.maximumDepth else {
            return leaves.map(\.rule)
        }
        var parts = split(leaves, of: block)
        // A level at which all go one way is no level.
        while parts.count == 1, let only = parts.first, only.block.prefixLength < bits {
            parts = split(leaves, of: only.block)
        }
        guard parts.count > 1 else { return leaves.map(\.rule) }
        return parts.map { part in
            let name = prefix + digits(of: part.block)
            let rules = grow(part.leaves, in: part.block, depth: depth + 1, into: &chains)
            chains.append(Chain(name, rules))
            return Rule(selector(part.block), .goto(name))
        }
    }

    private func split(
        _ leaves: ArraySlice<Leaf>,
        of block: Block
    ) -> [(block: Block, leaves: ArraySlice<Leaf>)] {
        let length = min(block.prefixLength + Self.bitsPerStep, bits)
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

    /// One hexadecimal digit for each level between the root and the block.
    private func digits(of block: Block) -> String {
        var text = ""
        var length = root.prefixLength
        while length < block.prefixLength {
            let next = min(length + Self.bitsPerStep, bits)
            let mask = (UInt128(1) << UInt128(next - length)) - 1
            let digit = block.base >> UInt128(bits - next) & mask
            text += String(digit, radix: 16, uppercase: true)
            length = next
        }
        return text
    }
}
