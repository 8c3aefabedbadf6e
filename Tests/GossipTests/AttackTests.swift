import Foundation
import Testing

/// Section 6 of the gossip design as a table: each attack that must fail, and the sentences that
/// hold it.
struct AttackTests {
    static let table: [(attack: String, sentences: [String])] = [
        // An outsider.
        (
            "replayed datagram",
            [
                "a packet kept for half a minute is refused, one that was overtaken is not",
                "what was recorded is worth nothing at another node, nor after a restart",
            ]
        ),
        ("spoofed source", ["nothing is ever sent to a source that only claims to be a member"]),
        (
            "hello flood",
            [
                "a flood of hellos from outside costs no signature and no answer",
                "a recorded hello is checked once, however often it comes",
                "no answer to whoever has no seal is larger than the question",
            ]
        ),
        (
            "length and count bombs",
            [
                "frames that say more than they hold are refused as malformed",
                "a count that no datagram could hold is refused before anything is made of it",
                "a datagram above the limit is refused unread",
            ]
        ),
        ("record of another cluster", ["a record of another cluster is refused"]),
        // A member gone bad.
        (
            "forged record of another author",
            [
                "a record in another author's name is refused",
                "records that nobody signed cost a check a second, and nothing else of their sender",
            ]
        ),
        ("forged accusation", ["an accusation signed by someone else is refused"]),
        (
            "one accuser alone",
            [
                "one accuser alone evicts nobody",
                "a member that accuses everybody for long evicts nobody and takes nothing out",
            ]
        ),
        (
            "accusation spam",
            [
                "five thousand words cost no more checks than they have signatures, and go nowhere",
                "a node that is accused says that it lives, twice a second at most",
                "a word that its accuser did not sign, or no member says, makes the node sign nothing",
                "a member alone gets an answer to its word, and then ever fewer",
            ]
        ),
        (
            "forged leave",
            [
                "a farewell in another member's name is refused",
                "a farewell of an earlier start does not end the next one",
            ]
        ),
        (
            "version and time bombs",
            [
                "a spec stamped far ahead is refused, and wins nothing when it is deleted",
                "a word about a version that never was changes nothing",
                "the last version there is harms only whoever signed it",
                "a sender ten years ahead moves no clock",
                "a record from two hours ahead is refused",
            ]
        ),
        (
            "name outside the certificate",
            [
                "a namespace outside the certificate is refused",
                "a certificate that names another node is refused",
            ]
        ),
        (
            "endpoint outside the certificate",
            ["an endpoint outside the certificate's addresses is refused"]
        ),
        (
            "re-lit manifest bit",
            ["a bit that is lit again brings nothing back, and convicts its author"]
        ),
        (
            "equivocation",
            ["a proof against whoever signs twice is on all nodes within a second"]
        ),
        // Where the cluster asks for seals; by default it asks for none, for a site of few members could
        // not seal at all: then the older stamp wins, and who backdates one is bounded by its quota of
        // services alone (registry design, sections 5.2 and 11).
        (
            "hoarded claim",
            [
                "a seal is worth nothing in another slot or for another service",
                "a sealed claim beats an older one without seals, where seals count",
            ]
        ),
        (
            "crafted trie keys",
            [
                "entries whose keys fall together stand side by side",
                "records crafted to fall into one subtree do not keep honest ones from coming",
            ]
        ),
        (
            "flooding with provisional slots",
            ["slots that no manifest speaks of fill an author's quota and no more"]
        ),
        (
            "stolen key, revoked",
            ["what a revoked key signed is gone everywhere within five seconds"]
        ),
    ]

    /// All sentences of the tests of this repository.
    private static let sentences: String = {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent()
        let files = FileManager.default.enumerator(at: tests, includingPropertiesForKeys: nil)
        let paths = (files?.allObjects ?? []).compactMap { $0 as? URL }
        return paths.filter { $0.pathExtension == "swift" && !$0.path.hasSuffix(#fileID) }
            .compactMap { try? String(contentsOf: $0, encoding: .utf8) }
            .joined(separator: "\n")
    }()

    @Test(arguments: table.map(\.attack))
    func `each attack of the design has its test`(attack: String) throws {
        let sentences = try #require(Self.table.first { $0.attack == attack }).sentences
        #expect(!sentences.isEmpty)
        for sentence in sentences {
            #expect(Self.sentences.contains("func `\(sentence)`"), "no test: \(sentence)")
        }
    }
}
