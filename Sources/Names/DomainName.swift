import Vocabulary

/// A name in wire form and in lower case: each label after its length, then a zero (RFC 1035,
/// section 3.1; RFC 4343).
package struct DomainName: Hashable, Sendable {
    /// 1...255 bytes, the last one zero.
    package let bytes: [UInt8]

    package static let maximumBytes = 255
    package static let maximumLabelBytes = 63

    /// The root: no label at all.
    static let root = DomainName(bytes: [0])

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads `web.default.svc.cluster.local`, with or without a dot at its end; letters of any case.
    ///
    /// - Returns: `nil` where a label is empty or longer than 63 bytes, or the name than 255.
    package init?(_ text: some StringProtocol) {
        var bytes: [UInt8] = []
        let dot = UInt8(ascii: ".")
        var letters = Array(text.utf8)
        if letters.last == dot { letters.removeLast() }
        guard !letters.isEmpty else { return nil }
        for label in letters.split(separator: dot, omittingEmptySubsequences: false) {
            guard (1...Self.maximumLabelBytes).contains(label.count) else { return nil }
            bytes.append(UInt8(label.count))
            for letter in label { bytes.append(letter.lowercased) }
        }
        bytes.append(0)
        guard bytes.count <= Self.maximumBytes else { return nil }
        self.bytes = bytes
    }

    /// All bytes at once: an array hashes them one by one.
    package func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }

    /// What a parser has checked: whole labels in lower case, and a zero.
    init(checked bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    /// This name below another one.
    ///
    /// - Returns: `nil` where that is longer than a name may be.
    func under(_ parent: DomainName) -> DomainName? {
        let all = bytes.dropLast() + parent.bytes
        return all.count <= Self.maximumBytes ? DomainName(bytes: Array(all)) : nil
    }

    /// A label before this name.
    ///
    /// - Returns: `nil` where the label or the whole is longer than it may be.
    func prefixed(by label: some StringProtocol) -> DomainName? {
        DomainName(label)?.under(self)
    }

    /// Its labels, the leftmost first.
    var labels: [ArraySlice<UInt8>] { labels(before: bytes.count) }

    /// Those that begin before a place.
    func labels(before limit: Int) -> [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        found.reserveCapacity(8)
        var place = 0
        while place < limit, bytes[place] != 0 {
            let end = place + 1 + Int(bytes[place])
            found.append(bytes[(place + 1)..<end])
            place = end
        }
        return found
    }

    /// How many bytes of it stand before another name that it ends with, or `nil` where it is not
    /// that name and not below it.
    func place(of parent: DomainName) -> Int? { place(of: parent, from: 0) }

    /// The same for what is left of another name from a label on.
    func place(of parent: DomainName, from label: Int) -> Int? {
        let start = bytes.count - (parent.bytes.count - label)
        guard start >= 0 else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            parent.bytes.withUnsafeBufferPointer { parent in
                var place = 0
                while place < start { place += 1 + Int(bytes[place]) }
                guard place == start else { return nil }
                for offset in 0..<(parent.count - label)
                where bytes[start + offset] != parent[label + offset] {
                    return nil
                }
                return start
            }
        }
    }
}

extension DomainName: CustomStringConvertible {
    /// Without a dot at the end; a letter that no host name has, as `\DDD`.
    package var description: String {
        let labels = labels.map { label in
            label.map { letter in
                (0x21...0x7e).contains(letter) && letter != UInt8(ascii: ".")
                    ? String(UnicodeScalar(letter)) : "\\" + String(1000 + Int(letter)).dropFirst()
            }.joined()
        }
        return labels.isEmpty ? "." : labels.joined(separator: ".")
    }
}

extension UInt8 {
    /// The same letter in lower case, as DNS compares them: those of ASCII and no others.
    var lowercased: UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self
    }
}
