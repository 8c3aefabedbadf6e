import Foundation
import Registry
import Testing
import Vocabulary
import Wire

/// The page beside the code speaks of every number of the code, and of no other.
struct FormatPageTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../Sources/Wire/FORMAT.md")

    /// The rows of the table whose first column has this head: the other cells by number.
    private func rows(under head: String) throws -> [UInt8: [String]] {
        let lines = try String(contentsOf: Self.page, encoding: .utf8).split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") })
        var rows: [UInt8: [String]] = [:]
        for line in lines[(start + 2)...].prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            rows[try #require(UInt8(cells[0]))] = Array(cells.dropFirst())
        }
        return rows
    }

    @Test func `every frame is in the page`() throws {
        let known = (0...UInt8.max).filter { kind in
            var reader = ByteReader([kind, 0, 0])
            do throws(FormatError) { _ = try Frame(&reader) } catch {
                return error != .invalid("frame type")
            }
            return true
        }
        let rows = try rows(under: "frame")
        #expect(rows.keys.sorted() == known)
        #expect(Set(Sample.frames.map(\.frame.kind)).sorted() == known, "a kind without a sample")
        for (_, frame) in Sample.frames {
            // Written out, so that a new frame does not compile before it is here.
            let name =
                switch frame {
                case .probe: "PROBE"
                case .acknowledgement: "ACK"
                case .relayProbe: "RELAY-PROBE"
                case .noAnswer: "NACK"
                case .news: "NEWS"
                case .repair: "REPAIR"
                case .accusation: "ACCUSATION"
                case .tree: "TREE"
                case .want: "WANT"
                case .digest: "DIGEST"
                case .busy: "BUSY"
                case .inquiry: "INQUIRY"
                case .receipt: "RECEIPT"
                case .have: "HAVE"
                case .missing: "MISSING"
                case .renewal: "RENEWAL"
                case .wantRenewals: "WANT-RENEWALS"
                }
            let row = try #require(rows[frame.kind])
            #expect(row.first == name)
            #expect(row.last == (frame.isAboutMembership ? "membership" : "records"))
        }
    }

    @Test func `every form of a datagram and of a tree is in the page`() throws {
        let forms = (0...UInt8.max).filter { Datagram.Form(rawValue: $0) != nil }
        #expect(try rows(under: "form").keys.sorted() == forms)
        let known = (0...UInt8.max).filter { form in
            let tree = [UInt8](repeating: 0, count: 10) + [1, 0, form]
            var reader = ByteReader([7, 0, UInt8(tree.count)] + tree)
            do throws(FormatError) { _ = try Frame(&reader) } catch {
                return error != .invalid("tree form")
            }
            return true
        }
        #expect(try rows(under: "tree form").keys.sorted() == known)
    }

    @Test func `limits and purposes of the code are in the page`() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let digest = Sample.frames[11].frame.encodedLength - Frame.headerLength - 1
        let accusation = Sample.frames[6].frame.encodedLength - Frame.headerLength
        for text in [
            "at most 1,\(Datagram.maximumLength - 1000) bytes",
            "at most 1,\(Datagram.frameCapacity - 1000) bytes",
            "bytes 0..<\(Datagram.headerLength)",
            "at most \(Frame.maximumWantedKeys)", "items, at most \(Frame.maximumItems)",
            "at most \(Frame.maximumSlots) times",
            "\(TreeFrame.overviewCount) digests of 5 bytes",
            "\(TreeFrame.childCount) digests of 8 bytes",
            "u8 count, at most \(DigestTrie.leafCapacity)",
            "A digest takes \(digest) bytes", "An accusation takes \(accusation) bytes",
            "gv1-accuse\\0",
        ] {
            #expect(page.contains(text), "\"\(text)\" is not in the page")
        }
    }
}
