import Registry
import Sodium
import Testing
import Vocabulary

/// One line of text that lets a machine in.
struct JoinTokenTests {
    private let realm = Realm()
    private let key = Realm.key(77)

    private func token(peers: [String] = ["10.0.0.1:7747"]) throws -> JoinToken {
        let content = Delegation.Content(
            cluster: realm.cluster,
            key: key.verifyingKey,
            serial: 5,
            notBefore: Realm.beginning.seconds,
            notAfter: Realm.beginning.seconds + 3600
        )
        let delegation = try #require(Delegation(signing: content, by: realm.root))
        return try #require(
            JoinToken(
                anchor: realm.anchor,
                delegation: delegation,
                key: key,
                clusterName: "home",
                peers: peers
            )
        )
    }

    private func problem(_ text: some StringProtocol) -> JoinToken.Problem? {
        do throws(JoinToken.Problem) { _ = try JoinToken(text) } catch { return error }
        return nil
    }

    @Test func `a token is its text`() throws {
        let token = try token(peers: ["pi-1.lan:7747", "[fd00::1]:7747"])
        let read = try JoinToken(token.text)
        #expect(read.text == token.text)
        #expect(read.anchor == realm.anchor)
        #expect(read.delegation == token.delegation)
        #expect(read.key.seed == key.seed)
        #expect(read.clusterName == "home")
        #expect(read.peers == token.peers)
    }

    @Test func `a usual token fits five lines of a terminal`() throws {
        #expect(try token().text.utf8.count <= 400)
    }

    @Test func `line ends and spaces of a terminal do no harm`() throws {
        let text = try token().text
        let middle = text.index(text.startIndex, offsetBy: 80)
        #expect(problem("  \(text[..<middle])\n  \(text[middle...])\n") == nil)
    }

    @Test func `a token that lost a part says so, wherever it was cut`() throws {
        let text = try token().text
        for length in 4..<text.count {
            #expect(problem(text.prefix(length)) == .damaged, "\(length) letters")
        }
        #expect(problem("") == .noToken)
        #expect(problem("gv2.abc") == .noToken)
        #expect(problem("/etc/grapevine/pi-1.bundle") == .noToken)
    }

    @Test(arguments: Seed.sweep(200))
    func `a token with a wrong letter is damaged`(seed: Seed) throws {
        var random = RandomStream(seed, "letters")
        var letters = Array(try token().text)
        let place = 4 + random.below(letters.count - 4)
        letters[place] = letters[place] == "A" ? "B" : "A"
        #expect(problem(String(letters)) == .damaged)
    }

    @Test func `a token whose parts do not belong together is not made`() throws {
        let good = try token()
        func made(
            _ anchor: TrustAnchor? = nil,
            _ key: SigningKey? = nil,
            _ peers: [String] = []
        ) -> JoinToken? {
            JoinToken(
                anchor: anchor ?? good.anchor,
                delegation: good.delegation,
                key: key ?? good.key,
                clusterName: "home",
                peers: peers
            )
        }
        #expect(made() != nil)
        #expect(made(Realm(2).anchor) == nil)
        #expect(made(nil, Realm.key(3)) == nil)
        #expect(made(nil, nil, Array(repeating: "a:1", count: 9)) == nil)
        #expect(made(nil, nil, [String(repeating: "a", count: 256)]) == nil)
    }

    @Test func `a delegation that the token's own roots did not sign is noticed`() throws {
        let anchor = TrustAnchor(cluster: realm.cluster, roots: [Realm.key(9).verifyingKey])
        let good = try token()
        let forged = try #require(
            JoinToken(
                anchor: anchor,
                delegation: good.delegation,
                key: key,
                clusterName: "home",
                peers: []
            )
        )
        #expect(problem(forged.text) == .unsigned)
    }

    @Test(arguments: Seed.sweep(100))
    func `bytes are their letters, and letters have one form`(seed: Seed) {
        var random = RandomStream(seed, "base64")
        let bytes = random.bytes(random.below(40))
        let text = Base64URL.encode(bytes)
        #expect(Base64URL.decode(text) == bytes)
        for letter in ["A", "B", "_", "=", "é"] {
            let longer = text + letter
            if let decoded = Base64URL.decode(longer) {
                #expect(Base64URL.encode(decoded) == longer)
            }
        }
    }

    @Test func `letters are those of RFC 4648`() {
        #expect(Base64URL.encode([0x14, 0xfb, 0x9c, 0x03, 0xd9, 0x7e]) == "FPucA9l-")
        #expect(Base64URL.encode(Array("foob".utf8)) == "Zm9vYg")
        #expect(Base64URL.decode("Zm9vYh") == nil)
        #expect(Base64URL.decode("Zm9v Yg") == nil)
    }
}
