import Sodium
import Testing

/// BLAKE2b, against RFC 7693 and the known answers of its authors.
struct HashTests {
    @Test
    func `BLAKE2b-512 of abc is that of appendix A`() {
        #expect(
            BLAKE2b.hash(Array("abc".utf8), length: 64)
                == hex(
                    """
                    ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1
                    7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923
                    """
                )
        )
    }

    @Test
    func `keyed digests are the known answers of blake2b-kat`() {
        let key = (0..<64).map(UInt8.init)
        #expect(
            BLAKE2b.hash([], key: key, length: 64)
                == hex(
                    """
                    10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786
                    b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568
                    """
                )
        )
        #expect(
            BLAKE2b.hash((0..<255).map(UInt8.init), key: key, length: 64)
                == hex(
                    """
                    142709d62e28fcccd0af97fad0f8465b971e82201dc51070faa0372aa43e9248
                    4be1c1e73ba10906d5d1853db6a4106e0a7bf9800d373d6dee2d46d62ef2a461
                    """
                )
        )
    }

    /// The digests are those of Python's hashlib, an independent implementation.
    @Test
    func `shorter digests are digests of their own`() {
        let (abc, key) = (Array("abc".utf8), Array("grapevine".utf8))
        #expect(BLAKE2b.hash64(abc) == 0xd8bb_14d8_33d5_9559)
        #expect(BLAKE2b.hash64(abc, key: key) == 0x1a70_fb59_7464_6f67)
        #expect(BLAKE2b.hash128(abc) == 0xcf4a_b791_c62b_8d2b_2109_c902_7528_7816)
        #expect(BLAKE2b.hash128(abc, key: key) == 0xd3a2_2dd4_7f1e_7b21_2638_73ea_3e7f_ffe2)
        #expect(
            BLAKE2b.hash256(abc).bytes
                == hex("bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
        )
        #expect(
            BLAKE2b.hash256(abc, key: key).description
                == "04f300a7e4547594c80fbd95f3abee19ebfd386936a9e0d79914e4118a12be44"
        )
        for length in 1...64 {
            #expect(BLAKE2b.hash(abc, length: length).count == length)
        }
    }

    @Test
    func `a hash keeps its bytes, and its order is that of the bytes`() throws {
        let low = [UInt8](repeating: 0, count: 31) + [1]
        let high = [1] + [UInt8](repeating: 0, count: 31)
        let (one, two) = (try #require(Hash256(bytes: low)), try #require(Hash256(bytes: high)))
        #expect(one.bytes == low)
        #expect(one < two)
        #expect(one != two)
        #expect(two.truncated == 1 << 120)
        for length in [0, 31, 33] {
            #expect(Hash256(bytes: [UInt8](repeating: 0, count: length)) == nil)
        }
    }
}
