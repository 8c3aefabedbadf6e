import CSodium
package import Vocabulary

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
    private let words: (UInt64, UInt64, UInt64, UInt64)
    /// Whether it only looks like a key.
    private let isPlain: Bool

    package static let nonceLength = 24
    package static let tagLength = 16

    /// - Parameter bytes: Exactly 32 secret bytes; anything else gives `nil`.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        words = bytes.withUnsafeBytes {
            $0.loadUnaligned(as: (UInt64, UInt64, UInt64, UInt64).self)
        }
        isPlain = false
    }

    private init(plain number: UInt128) {
        let high = UInt64(truncatingIfNeeded: number >> 64)
        words = (UInt64(truncatingIfNeeded: number), high, 0, 0)
        isPlain = true
    }

    /// A key that hides nothing and takes no time: for large simulations, never for a network.
    ///
    /// What it seals is as long as what a key seals, and opens with the same number alone; a bit
    /// that was turned on the way is noticed.
    package static func plain(_ number: UInt128) -> SealingKey { SealingKey(plain: number) }

    /// The sealed text: its length plus 16 bytes.
    ///
    /// The nonce is 24 bytes, never used twice with one key. The context is authenticated with the
    /// text, and not part of the result.
    package func seal(_ text: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8] {
        precondition(nonce.count == Self.nonceLength, "a nonce of \(nonce.count) bytes")
        var sealed = text
        sealed.append(contentsOf: repeatElement(0, count: Self.tagLength))
        sealed.withUnsafeMutableBytes { sealed in
            nonce.withUnsafeBytes { nonce in
                context.withUnsafeBytes { lock(sealed, nonce: nonce, context: $0) }
            }
        }
        return sealed
    }

    /// The text, or `nil` where key, nonce, context or bytes are not those of the sealing.
    package func open(_ sealed: [UInt8], nonce: [UInt8], context: [UInt8]) -> [UInt8]? {
        guard sealed.count >= Self.tagLength, nonce.count == Self.nonceLength else { return nil }
        return sealed.withUnsafeBytes { sealed in
            nonce.withUnsafeBytes { nonce in
                context.withUnsafeBytes { unlock(sealed, nonce: nonce, context: $0) }
            }
        }
    }
}

// MARK: - Packets

extension SealingKey {
    /// Seals, in its place, what stands behind the header of a packet, and puts the tag behind it.
    ///
    /// The header ends with the nonce. It and the receiver are the context.
    package func seal(_ packet: inout [UInt8], behind header: Int, for receiver: NodeID) {
        precondition(
            (Self.nonceLength...packet.count).contains(header),
            "a header of \(header) bytes in a packet of \(packet.count)"
        )
        packet.append(contentsOf: repeatElement(0, count: Self.tagLength))
        packet.withUnsafeMutableBytes { packet in
            let text = UnsafeMutableRawBufferPointer(rebasing: packet[header...])
            withContext(UnsafeRawBufferPointer(rebasing: packet[..<header]), receiver) {
                lock(text, nonce: $0, context: $1)
            }
        }
    }

    /// The text behind a packet's header, or `nil` where anything is not as it was sealed.
    package func open(
        _ packet: [UInt8],
        behind header: Int,
        for receiver: NodeID
    ) -> [UInt8]? {
        guard header >= Self.nonceLength, packet.count >= header + Self.tagLength else {
            return nil
        }
        return packet.withUnsafeBytes { packet in
            let sealed = UnsafeRawBufferPointer(rebasing: packet[header...])
            return withContext(UnsafeRawBufferPointer(rebasing: packet[..<header]), receiver) {
                unlock(sealed, nonce: $0, context: $1)
            }
        }
    }

    /// Gives the nonce that ends a header, and header and receiver as one.
    private func withContext<Result>(
        _ header: UnsafeRawBufferPointer,
        _ receiver: NodeID,
        _ use: (_ nonce: UnsafeRawBufferPointer, _ context: UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let number = receiver.number.bigEndian
        return withUnsafeTemporaryAllocation(byteCount: header.count + 16, alignment: 16) {
            $0.copyMemory(from: header)
            $0.storeBytes(of: number, toByteOffset: header.count, as: UInt128.self)
            let context = UnsafeRawBufferPointer($0)
            let place = header.count - Self.nonceLength..<header.count
            return use(UnsafeRawBufferPointer(rebasing: context[place]), context)
        }
    }
}

// MARK: - libsodium

extension SealingKey {
    /// Seals in its place what stands before the room for the tag.
    private func lock(
        _ bytes: UnsafeMutableRawBufferPointer,
        nonce: UnsafeRawBufferPointer,
        context: UnsafeRawBufferPointer
    ) {
        let count = bytes.count - Self.tagLength
        guard !isPlain else {
            let sum = checksum(UnsafeRawBufferPointer(rebasing: bytes[..<count]), nonce, context)
            return bytes.storeBytes(of: sum, toByteOffset: count, as: UInt128.self)
        }
        guard let place = bytes.bindMemory(to: UInt8.self).baseAddress else {
            preconditionFailure("no room for a tag")
        }
        let status = withKey { key in
            crypto_aead_xchacha20poly1305_ietf_encrypt(
                place,
                nil,
                place,
                UInt64(count),
                start(of: context),
                UInt64(context.count),
                nil,
                start(of: nonce),
                key
            )
        }
        precondition(status == 0, "libsodium did not seal \(count) bytes")
    }

    private func unlock(
        _ sealed: UnsafeRawBufferPointer,
        nonce: UnsafeRawBufferPointer,
        context: UnsafeRawBufferPointer
    ) -> [UInt8]? {
        let count = sealed.count - Self.tagLength
        guard !isPlain else {
            let text = UnsafeRawBufferPointer(rebasing: sealed[..<count])
            let sum = sealed.loadUnaligned(fromByteOffset: count, as: UInt128.self)
            return checksum(text, nonce, context) == sum ? Array(text) : nil
        }
        var isTrue = false
        let text = [UInt8](unsafeUninitializedCapacity: max(count, 1)) { text, initialized in
            guard let place = text.baseAddress else { return }
            let status = withKey { key in
                crypto_aead_xchacha20poly1305_ietf_decrypt(
                    place,
                    nil,
                    nil,
                    start(of: sealed),
                    UInt64(sealed.count),
                    start(of: context),
                    UInt64(context.count),
                    start(of: nonce),
                    key
                )
            }
            isTrue = status == 0
            initialized = isTrue ? count : 0
        }
        return isTrue ? text : nil
    }

    private func withKey<Result>(_ use: (UnsafePointer<UInt8>) -> Result) -> Result {
        withUnsafeBytes(of: words) { use(start(of: $0)) }
    }

    private func start(of bytes: UnsafeRawBufferPointer) -> UnsafePointer<UInt8> {
        guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else {
            preconditionFailure("\(bytes.count) bytes that are nowhere")
        }
        return start
    }

    /// A number that follows from everything, and that anybody can make.
    private func checksum(
        _ text: UnsafeRawBufferPointer,
        _ nonce: UnsafeRawBufferPointer,
        _ context: UnsafeRawBufferPointer
    ) -> UInt128 {
        var sum = words.0
        for bytes in [text, nonce, context] {
            sum = Self.mixed(sum ^ UInt64(bytes.count))
            let whole = bytes.count & ~7
            for place in stride(from: 0, to: whole, by: 8) {
                sum = Self.mixed(sum ^ bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            }
            for byte in bytes[whole...] { sum = Self.mixed(sum ^ UInt64(byte)) }
        }
        return UInt128(Self.mixed(sum ^ words.1)) << 64 | UInt128(sum)
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        let product = (word ^ 0x9e37_79b9_7f4a_7c15).multipliedFullWidth(by: 0xbf58_476d_1ce4_e5b9)
        return product.high ^ product.low
    }
}
