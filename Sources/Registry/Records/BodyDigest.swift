package import Sodium

/// The hash of a record's body that its signature covers (FORMAT.md, section 2).
///
/// Of most kinds it is the plain hash. Manifests and HEADs are hashed in parts, so that a proof can
/// show the part that convicts their author, and of the rest a few hashes: two whole bodies would
/// not fit a record.
package enum BodyDigest {
    /// Of a manifest's bits; so a page speaks of 512 slots.
    static let pageLength = 64
    static let slotsPerPage = pageLength * 8

    /// - Parameters:
    ///   - body: Any bytes; what is no body of that kind is hashed as a whole.
    ///   - kind: What the record's header says; `nil` where it is no kind.
    /// - Returns: What the header is signed with.
    package static func of(_ body: UnsafeRawBufferPointer, kind: RecordKind?) -> Hash256 {
        switch kind {
        case .manifest where body.count >= 2:
            let bits = UnsafeRawBufferPointer(rebasing: body[2...])
            let next = UInt16(body[0]) << 8 | UInt16(body[1])
            return manifest(next, root: root(of: leaves(of: bits)))
        case .head where body.count >= 2:
            let end = 2 + Int(body[0]) << 8 + Int(body[1])
            guard end <= body.count else { return BLAKE2b.hash256(body) }
            let certificate = BLAKE2b.hash256(UnsafeRawBufferPointer(rebasing: body[..<end]))
            return head(certificate: certificate, rest: Array(body[end...]))
        default: return BLAKE2b.hash256(body)
        }
    }

    /// - Parameters:
    ///   - certificate: The hash of the certificate with its length.
    ///   - rest: Everything after it.
    /// - Returns: The digest of the HEAD's body.
    static func head(certificate: Hash256, rest: [UInt8]) -> Hash256 {
        BLAKE2b.hash256([UInt8(ascii: "H")] + certificate.bytes + rest)
    }

    /// - Parameters:
    ///   - next: The watermark.
    ///   - root: Of the tree over the pages.
    /// - Returns: The digest of the manifest's body.
    static func manifest(_ next: UInt16, root: Hash256) -> Hash256 {
        BLAKE2b.hash256([UInt8(ascii: "M"), UInt8(next >> 8), UInt8(next & 0xff)] + root.bytes)
    }

    // MARK: The tree over the pages

    /// The hashes of the pages; no bits are one empty page.
    static func leaves(of bits: UnsafeRawBufferPointer) -> [Hash256] {
        var leaves: [Hash256] = []
        var start = 0
        repeat {
            let end = min(start + pageLength, bits.count)
            leaves.append(leaf(Array(bits[start..<end])))
            start = end
        } while start < bits.count
        return leaves
    }

    static func leaf(_ page: [UInt8]) -> Hash256 { BLAKE2b.hash256([UInt8(ascii: "L")] + page) }

    private static func branch(_ left: Hash256, _ right: Hash256) -> Hash256 {
        BLAKE2b.hash256([UInt8(ascii: "N")] + left.bytes + right.bytes)
    }

    /// How many of several leaves are on the left: the greatest power of two that is less.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    private static func root(of leaves: [Hash256]) -> Hash256 {
        guard leaves.count > 1 else { return leaves[0] }
        let middle = split(leaves.count)
        return branch(root(of: Array(leaves[..<middle])), root(of: Array(leaves[middle...])))
    }

    /// The hashes beside a leaf's way to the root, from the leaf on.
    static func path(to leaf: Int, among leaves: [Hash256]) -> [Hash256] {
        guard leaves.count > 1 else { return [] }
        let middle = split(leaves.count)
        let (left, right) = (Array(leaves[..<middle]), Array(leaves[middle...]))
        return leaf < middle
            ? path(to: leaf, among: left) + [root(of: right)]
            : path(to: leaf - middle, among: right) + [root(of: left)]
    }

    /// How many hashes are beside a leaf's way to the root.
    static func pathLength(to leaf: Int, of count: Int) -> Int {
        guard count > 1 else { return 0 }
        let middle = split(count)
        return 1
            + (leaf < middle
                ? pathLength(to: leaf, of: middle)
                : pathLength(to: leaf - middle, of: count - middle))
    }

    /// The root that follows from one leaf and its path, which is as long as it must be.
    static func root(from hash: Hash256, at leaf: Int, of count: Int, path: ArraySlice<Hash256>)
        -> Hash256
    {
        guard count > 1, let beside = path.last else { return hash }
        let middle = split(count)
        let rest = path.dropLast()
        return leaf < middle
            ? branch(root(from: hash, at: leaf, of: middle, path: rest), beside)
            : branch(beside, root(from: hash, at: leaf - middle, of: count - middle, path: rest))
    }
}
