import Sodium
import Testing

/// Ed25519, against RFC 8032, section 7.1.
struct SigningTests {
    struct Vector: Sendable {
        let seed: [UInt8]
        let key: [UInt8]
        let message: [UInt8]
        let signature: [UInt8]
    }

    /// TEST 1, TEST 2, TEST 3.
    static let vectors = [
        Vector(
            seed: hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
            key: hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"),
            message: [],
            signature: hex(
                """
                e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
                5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b
                """
            )
        ),
        Vector(
            seed: hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
            key: hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"),
            message: hex("72"),
            signature: hex(
                """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
                085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
                """
            )
        ),
        Vector(
            seed: hex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
            key: hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"),
            message: hex("af82"),
            signature: hex(
                """
                6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac
                18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a
                """
            )
        ),
    ]

    @Test(arguments: vectors.indices)
    func `seed, key and signature are those of the RFC`(index: Int) throws {
        let vector = Self.vectors[index]
        let key = try #require(SigningKey(seed: vector.seed))
        #expect(key.seed == vector.seed)
        #expect(key.verifyingKey.bytes == vector.key)
        #expect(key.sign(vector.message) == vector.signature)
        #expect(key.verifyingKey.isValid(vector.signature, for: vector.message))
    }

    @Test
    func `no other signature, message or key is valid`() throws {
        let vector = Self.vectors[2]
        let key = try #require(VerifyingKey(bytes: vector.key))
        let other = try #require(VerifyingKey(bytes: Self.vectors[1].key))
        for place in 0..<64 {
            var signature = vector.signature
            signature[place] ^= 1
            #expect(!key.isValid(signature, for: vector.message))
        }
        #expect(!key.isValid(vector.signature, for: []))
        #expect(!key.isValid(vector.signature, for: vector.message + [0]))
        #expect(!other.isValid(vector.signature, for: vector.message))
    }

    @Test(arguments: [0, 1, 31, 33, 63, 65, 1000])
    func `another length is no key and no signature, and never a trap`(length: Int) throws {
        let bytes = [UInt8](repeating: 7, count: length)
        #expect(SigningKey(seed: bytes) == nil)
        #expect(VerifyingKey(bytes: bytes) == nil)
        let key = try #require(VerifyingKey(bytes: Self.vectors[0].key))
        #expect(!key.isValid(bytes, for: []))
    }

    @Test(arguments: [UInt8(0), 1, 0xff])
    func `points of small order and no points verify nothing`(byte: UInt8) throws {
        var bytes = [UInt8](repeating: byte == 0xff ? 0xff : 0, count: 32)
        bytes[0] = byte
        let key = try #require(VerifyingKey(bytes: bytes))
        // R = A and S = 0 satisfies the equation for a key of small order.
        #expect(!key.isValid(bytes + [UInt8](repeating: 0, count: 32), for: [1, 2, 3]))
    }

    @Test
    func `two generated pairs differ, and sign for themselves`() {
        let (one, two) = (SigningKey.generate(), SigningKey.generate())
        #expect(one.seed != two.seed)
        #expect(one.verifyingKey.isValid(one.sign([1]), for: [1]))
        #expect(!two.verifyingKey.isValid(one.sign([1]), for: [1]))
    }

    @Test(arguments: [0, 1, 24, 1000])
    func `entropy has the length asked for, and does not repeat`(count: Int) {
        let bytes = SecretBytes.draw(count)
        #expect(bytes.count == count)
        if count >= 24 { #expect(bytes != SecretBytes.draw(count)) }
    }
}
