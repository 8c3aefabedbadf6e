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

    fileprivate init(words first: UInt128, _ second: UInt128) { words = (first, second) }

    /// The 32 bytes as two big-endian numbers.
    package var numbers: (UInt128, UInt128) { words }

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
        return [UInt8](unsafeUninitializedCapacity: length) { digest, initialized in
            let place = UnsafeMutableRawBufferPointer(start: digest.baseAddress, count: length)
            message.withUnsafeBytes { hash($0, key: key, into: place) }
            initialized = length
        }
    }

    /// The 32-byte digest.
    package static func hash256(_ message: [UInt8], key: [UInt8] = []) -> Hash256 {
        message.withUnsafeBytes { hash256($0, key: key) }
    }

    /// The 32-byte digest of bytes in memory.
    package static func hash256(_ message: UnsafeRawBufferPointer, key: [UInt8] = []) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 16) { digest in
            hash(message, key: key, into: digest)
            return Hash256(
                words: UInt128(bigEndian: digest.load(as: UInt128.self)),
                UInt128(bigEndian: digest.load(fromByteOffset: 16, as: UInt128.self))
            )
        }
    }

    /// The 16-byte digest, as a number.
    package static func hash128(_ message: [UInt8], key: [UInt8] = []) -> UInt128 {
        message.withUnsafeBytes { number($0, key: key) }
    }

    /// The 8-byte digest, as a number.
    package static func hash64(_ message: [UInt8], key: [UInt8] = []) -> UInt64 {
        message.withUnsafeBytes { hash64($0, key: key) }
    }

    /// The 8-byte digest of bytes in memory, as a number.
    package static func hash64(_ message: UnsafeRawBufferPointer, key: [UInt8] = []) -> UInt64 {
        number(message, key: key)
    }

    /// The digest of as many bytes as a number has.
    private static func number<Number: FixedWidthInteger & BitwiseCopyable>(
        _ message: UnsafeRawBufferPointer,
        key: [UInt8]
    ) -> Number {
        withUnsafeTemporaryAllocation(byteCount: Number.bitWidth / 8, alignment: 16) { digest in
            hash(message, key: key, into: digest)
            return Number(bigEndian: digest.load(as: Number.self))
        }
    }

    private static func hash(
        _ message: UnsafeRawBufferPointer,
        key: [UInt8],
        into digest: UnsafeMutableRawBufferPointer
    ) {
        precondition(key.count <= 64, "a BLAKE2b key of \(key.count) bytes")
        guard let place = digest.baseAddress else { preconditionFailure("a digest of no bytes") }
        let status = crypto_generichash(
            place,
            digest.count,
            message.baseAddress,
            UInt64(message.count),
            key.isEmpty ? nil : key,
            key.count
        )
        precondition(status == 0, "libsodium refused a BLAKE2b digest of \(digest.count) bytes")
    }
}
