import CSodium
import Vocabulary

/// A 32-byte hash.
package struct Hash256: Hashable, Comparable, Sendable, CustomStringConvertible {
    private let words: (UInt128, UInt128)

    /// - Parameter bytes: Exactly 32 bytes; anything else gives `nil`.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        words = (
            bytes.prefix(16).reduce(0) { $0 << 8 | UInt128($1) },
            bytes.dropFirst(16).reduce(0) { $0 << 8 | UInt128($1) }
        )
    }

    package var bytes: [UInt8] { Words(words.0).bytes + Words(words.1).bytes }

    /// The first 16 bytes, where less will do.
    package var truncated: UInt128 { words.0 }

    package static func == (left: Hash256, right: Hash256) -> Bool { left.words == right.words }

    package static func < (left: Hash256, right: Hash256) -> Bool { left.words < right.words }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }

    package var description: String { Words(words.0).description + Words(words.1).description }

    /// Borrows the text and byte forms of an identifier.
    private struct Words: Identifier {
        let number: UInt128
        init(_ number: UInt128) { self.number = number }
    }
}

/// BLAKE2b (RFC 7693) through libsodium's `crypto_generichash`.
package enum BLAKE2b {
    /// The digest of a message of any length, under a key of 0...64 bytes.
    ///
    /// The length is 1...64 bytes; a shorter digest is no prefix of a longer one.
    package static func hash(
        _ message: [UInt8],
        key: [UInt8] = [],
        length: Int = 32
    ) -> [UInt8] {
        precondition((1...64).contains(length), "a BLAKE2b digest of \(length) bytes")
        precondition(key.count <= 64, "a BLAKE2b key of \(key.count) bytes")
        var digest = [UInt8](repeating: 0, count: length)
        let status = crypto_generichash(
            &digest,
            length,
            message,
            UInt64(message.count),
            key.isEmpty ? nil : key,
            key.count
        )
        precondition(status == 0, "libsodium refused a BLAKE2b digest of \(length) bytes")
        return digest
    }

    /// The 32-byte digest.
    package static func hash256(_ message: [UInt8], key: [UInt8] = []) -> Hash256 {
        guard let hash = Hash256(bytes: hash(message, key: key, length: 32)) else {
            preconditionFailure("BLAKE2b gave another length than the 32 bytes asked for")
        }
        return hash
    }

    /// The 16-byte digest, as a number.
    package static func hash128(_ message: [UInt8], key: [UInt8] = []) -> UInt128 {
        hash(message, key: key, length: 16).reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The 8-byte digest, as a number.
    package static func hash64(_ message: [UInt8], key: [UInt8] = []) -> UInt64 {
        hash(message, key: key, length: 8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
