import CSodium

/// The public half of an Ed25519 key pair (RFC 8032): checks what the secret half signed.
package struct VerifyingKey: Hashable, Sendable {
    /// 32 bytes.
    package let bytes: [UInt8]

    /// - Parameter bytes: Exactly 32 bytes; anything else gives `nil`.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 32 else { return nil }
        self.bytes = Array(bytes)
    }

    /// Whether `signature` is this key's signature of `message`.
    ///
    /// A signature of another length than 64 bytes is simply not one.
    package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        return crypto_sign_verify_detached(signature, message, UInt64(message.count), bytes) == 0
    }
}

/// An Ed25519 key pair.
///
/// Its seed is the secret: whoever has it is the node.
package struct SigningKey: Sendable {
    /// The 32 secret bytes from which the pair follows.
    package let seed: [UInt8]
    package let verifyingKey: VerifyingKey
    private let secret: [UInt8]

    /// - Parameter seed: Exactly 32 secret bytes; anything else gives `nil`.
    package init?(seed: some Collection<UInt8>) {
        guard seed.count == 32 else { return nil }
        self.seed = Array(seed)
        var publicHalf = [UInt8](repeating: 0, count: 32)
        var secret = [UInt8](repeating: 0, count: 64)
        guard crypto_sign_seed_keypair(&publicHalf, &secret, self.seed) == 0,
            let key = VerifyingKey(bytes: publicHalf)
        else { return nil }
        verifyingKey = key
        self.secret = secret
    }

    /// A new pair from the machine's entropy: the one thing here that is not a function.
    package static func generate() -> SigningKey {
        guard let key = SigningKey(seed: SecretBytes.draw(32)) else {
            preconditionFailure("libsodium made no key pair from 32 bytes")
        }
        return key
    }

    /// The 64-byte signature; the same message gives the same bytes.
    package func sign(_ message: [UInt8]) -> [UInt8] {
        var signature = [UInt8](repeating: 0, count: 64)
        let status = crypto_sign_detached(
            &signature,
            nil,
            message,
            UInt64(message.count),
            secret
        )
        precondition(status == 0, "libsodium did not sign \(message.count) bytes")
        return signature
    }
}

/// Bytes from the machine's entropy.
///
/// Only the agent's start and `trust` draw here.
package enum SecretBytes {
    /// That many bytes, from the kernel; a machine without entropy stops here.
    package static func draw(_ count: Int) -> [UInt8] {
        precondition(sodium_init() >= 0, "libsodium could not start: no source of entropy")
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }
}
