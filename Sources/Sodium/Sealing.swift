import CSodium

/// An X25519 key pair (RFC 7748), drawn afresh on every start and kept in memory only.
package struct AgreementKey: Sendable {
    /// 32 bytes, for everyone to see.
    package let publicHalf: [UInt8]
    private let secret: [UInt8]

    /// - Parameter secret: Exactly 32 secret bytes; anything else gives `nil`.
    package init?(secret: [UInt8]) {
        guard secret.count == 32 else { return nil }
        var publicHalf = [UInt8](repeating: 0, count: 32)
        guard crypto_scalarmult_base(&publicHalf, secret) == 0 else { return nil }
        self.secret = secret
        self.publicHalf = publicHalf
    }

    /// What both sides can compute and nobody else; `nil` where the other half is no proper
    /// point (all-zero result, RFC 7748, section 6.1).
    package func shared(with other: [UInt8]) -> [UInt8]? {
        guard other.count == 32 else { return nil }
        var shared = [UInt8](repeating: 0, count: 32)
        return crypto_scalarmult(&shared, secret, other) == 0 ? shared : nil
    }
}

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03): sealed bytes that nobody without the key
/// can read, and nobody can change unseen.
package struct SealingKey: Sendable {
    private let bytes: [UInt8]

    package static let nonceLength = 24
    package static let tagLength = 16

    /// - Parameter bytes: Exactly 32 secret bytes; anything else gives `nil`.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The sealed text: its length plus 16 bytes.
    ///
    /// The nonce is 24 bytes, never used twice with one key. The context is authenticated with the
    /// text, and not part of the result.
    package func seal(_ text: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8] {
        precondition(nonce.count == Self.nonceLength, "a nonce of \(nonce.count) bytes")
        var sealed = [UInt8](repeating: 0, count: text.count + Self.tagLength)
        let status = crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed,
            nil,
            text,
            UInt64(text.count),
            context,
            UInt64(context.count),
            nil,
            nonce,
            bytes
        )
        precondition(status == 0, "libsodium did not seal \(text.count) bytes")
        return sealed
    }

    /// The text, or `nil` where key, nonce, context or bytes are not those of the sealing.
    package func open(_ sealed: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.tagLength, nonce.count == Self.nonceLength else { return nil }
        var text = [UInt8](repeating: 0, count: sealed.count - Self.tagLength)
        let status = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &text,
            nil,
            nil,
            sealed,
            UInt64(sealed.count),
            context,
            UInt64(context.count),
            nonce,
            bytes
        )
        return status == 0 ? text : nil
    }
}
