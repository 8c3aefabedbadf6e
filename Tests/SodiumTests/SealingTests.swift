import Sodium
import Testing

/// X25519, against RFC 7748.
struct AgreementTests {
    @Test
    func `Alice and Bob of section 6.1 share what the RFC says`() throws {
        let alice = try #require(
            AgreementKey(
                secret: hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
            )
        )
        let bob = try #require(
            AgreementKey(
                secret: hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")
            )
        )
        let shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        #expect(
            alice.publicHalf
                == hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
        )
        #expect(
            bob.publicHalf
                == hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
        )
        #expect(alice.shared(with: bob.publicHalf) == shared)
        #expect(bob.shared(with: alice.publicHalf) == shared)
    }

    @Test
    func `the two vectors of section 5.2 hold`() {
        let first = AgreementKey(
            secret: hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
        )
        #expect(
            first?.shared(
                with: hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
            ) == hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
        )
        let second = AgreementKey(
            secret: hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d")
        )
        #expect(
            second?.shared(
                with: hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")
            ) == hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957")
        )
    }

    @Test
    func `a thousand rounds of section 5.2 end where the RFC ends`() throws {
        var scalar = [9] + [UInt8](repeating: 0, count: 31)
        var point = scalar
        for round in 1...1000 {
            let next = try #require(AgreementKey(secret: scalar)?.shared(with: point))
            (point, scalar) = (scalar, next)
            if round == 1 {
                #expect(
                    scalar
                        == hex("422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079")
                )
            }
        }
        #expect(
            scalar == hex("684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51")
        )
    }

    @Test(arguments: [0, 1, 31, 33, 64])
    func `another length is no key, and a point of small order shares nothing`(length: Int) throws {
        let bytes = [UInt8](repeating: 9, count: length)
        #expect(AgreementKey(secret: bytes) == nil)
        let key = try #require(AgreementKey(secret: [UInt8](repeating: 9, count: 32)))
        #expect(key.shared(with: bytes) == nil)
        let zero = [UInt8](repeating: 0, count: 32)
        #expect(key.shared(with: zero) == nil)
        #expect(key.shared(with: [1] + zero.dropLast()) == nil)
    }
}

/// XChaCha20-Poly1305, against draft-irtf-cfrg-xchacha-03, appendix A.3.1.
struct SealingTests {
    let text = Array(
        ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
            + "the future, sunscreen would be it.").utf8
    )
    let context = hex("50515253c0c1c2c3c4c5c6c7")
    let nonce = (0x40...0x57).map(UInt8.init)
    let keyBytes = (0x80...0x9f).map(UInt8.init)
    let sealed = hex(
        """
        bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb
        731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452
        2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
        21f9664c97637da9768812f615c68b13b52e
        c0875924c1c7987947deafd8780acf49
        """
    )

    @Test
    func `the draft's text is sealed to the draft's bytes, and opened again`() throws {
        let key = try #require(SealingKey(bytes: keyBytes))
        #expect(key.seal(text, nonce: nonce, context: context) == sealed)
        #expect(key.open(sealed, nonce: nonce, context: context) == text)
    }

    @Test
    func `any other byte, key, nonce or context opens nothing`() throws {
        let key = try #require(SealingKey(bytes: keyBytes))
        for place in sealed.indices {
            var broken = sealed
            broken[place] ^= 0x80
            #expect(key.open(broken, nonce: nonce, context: context) == nil)
        }
        for place in nonce.indices {
            var other = nonce
            other[place] ^= 1
            #expect(key.open(sealed, nonce: other, context: context) == nil)
        }
        for place in keyBytes.indices {
            var other = keyBytes
            other[place] ^= 1
            let wrong = try #require(SealingKey(bytes: other))
            #expect(wrong.open(sealed, nonce: nonce, context: context) == nil)
        }
        #expect(key.open(sealed, nonce: nonce, context: []) == nil)
        #expect(key.open(sealed, nonce: nonce, context: context + [0]) == nil)
    }

    @Test
    func `another length of key, nonce or text gives nil and no trap`() throws {
        for length in [0, 1, 31, 33] {
            #expect(SealingKey(bytes: [UInt8](repeating: 1, count: length)) == nil)
        }
        let key = try #require(SealingKey(bytes: keyBytes))
        for length in [0, 1, 12, 23, 25] {
            let other = [UInt8](repeating: 1, count: length)
            #expect(key.open(sealed, nonce: other, context: context) == nil)
        }
        for length in 0..<sealed.count {
            let part = Array(sealed.prefix(length))
            #expect(key.open(part, nonce: nonce, context: context) == nil)
        }
        #expect(key.open(sealed + [0], nonce: nonce, context: context) == nil)
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1312])
    func `what is sealed opens, and is sixteen bytes longer`(length: Int) throws {
        let key = try #require(SealingKey(bytes: keyBytes))
        let text = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = key.seal(text, nonce: nonce, context: [])
        #expect(sealed.count == length + SealingKey.tagLength)
        #expect(key.open(sealed, nonce: nonce, context: []) == text)
    }
}
