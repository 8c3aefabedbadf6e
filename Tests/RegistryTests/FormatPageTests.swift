import Foundation
import Registry
import Sodium
import Testing
import Vocabulary

/// The page beside the code speaks of every number of the code, and of no other.
struct FormatPageTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/Registry/FORMAT.md")

    /// The rows of the table whose first column has this head: number and name.
    private func rows(under head: String) throws -> [UInt8: String] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") })
        var rows: [UInt8: String] = [:]
        for line in lines[(start + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            rows[try #require(UInt8(cells[0]))] = cells[1]
        }
        return rows
    }

    @Test func `every kind of record is in the page`() throws {
        let kinds = (0...UInt8.max).compactMap(RecordKind.init)
        let names = try rows(under: "kind")
        #expect(names.keys.sorted() == kinds.map(\.rawValue))
        for kind in kinds {
            // Written out, so that a new kind does not compile before it is here.
            let name =
                switch kind {
                case .head: "HEAD"
                case .manifest: "MANIFEST"
                case .declaration: "DECL"
                case .endpoints: "ENDPOINTS"
                case .release: "RELEASE"
                case .retract: "RETRACT"
                case .cluster: "CLUSTER"
                case .revoke: "REVOKE"
                case .fault: "FAULT"
                }
            #expect(names[kind.rawValue] == name)
        }
    }

    @Test func `every tag of a spec is in the page`() throws {
        let known = (0...UInt8.max).filter { tag in
            do throws(FormatError) { _ = try ServiceSpec(decoding: [tag, 0, 0]) } catch {
                return error != .invalid("spec field")
            }
            return true
        }
        #expect(try rows(under: "tag").keys.sorted() == known)
    }

    @Test func `every kind of claim is in the page`() throws {
        let resources: [Resource] = [
            .address(.v4(0)), .address(.v6(0)), .nodePort(.tcp, 1), .nodePort(.udp, 1),
        ]
        #expect(try rows(under: "claim kind").keys.sorted() == resources.map(\.kind))
    }

    @Test func `limits and purposes of the code are in the page`() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        func thousands(_ number: Int) -> String {
            number < 1000
                ? "\(number)" : "\(number / 1000),\(String(number % 1000 + 1000).dropFirst())"
        }
        for text in [
            "At most \(thousands(Record.maximumLength)) bytes",
            "at most \(Certificate.maximumLength) bytes",
            "At most \(Delegation.maximumLength) bytes",
            "peers | at most \(JoinToken.maximumPeers)",
            "best first; at most \(Head.maximumAddresses)",
            "claims | at most \(Declaration.maximumClaims)",
            "seals | at most \(Claim.maximumSeals)",
            "u8 count, at most \(EndpointEntry.maximumEntries)",
            "at most \(thousands(ServiceSpec.maximumLength)) bytes",
            "up to \(ServiceSpec.maximumPorts)",
            "0...\(SlotMap.slotsPerChunk)",
            "at most \(DigestTrie.leafCapacity) entries",
            "gv1-rec\\0", "gv1-cert", "gv1-dele", "gv1-token", "gv1-node", "gv1-key",
        ] {
            #expect(page.contains(text), "\"\(text)\" is not in the page")
        }
    }
}
