// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Testing
import Vocabulary

/// What a cluster's ranges may be.
struct AddressRangesTests {
    private func ranges(_ texts: [String]) -> AddressRanges {
        AddressRanges(
            serviceRanges: texts.map { ServiceRange(CIDR($0)!) },
            nodePorts: 30000...32767
        )
    }

    @Test(
        arguments: [
            (["10.96.0.0/12", "fd00::/108"], nil),
            (["10.96.0.0/28", "10.97.0.0/28", "fd00::/124"], nil),
            (["10.96.0.0/29"], "too small"), (["fd00::/125"], "too small"),
            (["0.0.0.0/0"], "too large"), (["10.96.0.0/12", "10.97.0.0/16"], "overlap"),
            (["10.0.0.0/24", "10.0.1.0/24", "10.0.0.128/25"], "overlap"),
            ((0..<9).map { "10.\($0).0.0/16" }, "at most 8"),
        ] as [([String], String?)]
    )
    func `ranges are neither too many, nor too small, nor in each other's way`(
        texts: [String],
        problem: String?
    ) {
        let found = ranges(texts).problem
        #expect((found == nil) == (problem == nil))
        if let problem { #expect(found?.contains(problem) == true, "\(found ?? "none")") }
    }

    @Test(
        arguments: [
            ("224.0.0.0/16", "multicast"), ("127.0.0.0/16", "loopback"),
            ("240.0.0.0/16", "reserved"),
            ("169.254.0.0/16", "link-local"), ("0.0.0.0/12", "this machine"),
            ("::/112", "loopback"),
            ("fe80::/112", "link-local"), ("ff02::/112", "multicast"),
            ("10.96.0.0/29", "too small"),
            ("10.96.0.0/16", nil), ("100.64.0.0/16", nil), ("fd00::/112", nil),
            ("2001:db8::/112", nil),
        ] as [(String, String?)]
    )
    func `no new cluster has a range that means something else on every machine`(
        text: String,
        meaning: String?
    ) {
        let found = ranges([text]).obstacle
        #expect((found == nil) == (meaning == nil))
        if let meaning { #expect(found?.contains(meaning) == true, "\(found ?? "none")") }
    }

    @Test func `the first and last address mean something else, and others are a service's`() {
        let ranges = ranges(["10.96.0.0/24", "fd00::/112"])
        for (text, isAdmitted) in [
            ("10.96.0.0", false), ("10.96.0.1", true), ("10.96.0.10", true), ("10.96.0.254", true),
            ("10.96.0.255", false), ("10.96.1.1", false), ("fd00::", false), ("fd00::1", true),
            ("fd00::ffff", true), ("fd00::1:0", false),
        ] {
            #expect(ranges.admits(.address(IPAddress(text)!)) == isAdmitted, "\(text)")
        }
    }

    @Test func `few addresses for many services are worth a word`() {
        let small = ranges(["10.96.0.0/20", "fd00::/112"])
        #expect(small.warning(expecting: 512) == nil)
        #expect(small.warning(expecting: 513)?.contains("4096") == true)
        #expect(ranges(["fd00::/112"]).warning(expecting: 1_000_000) == nil)
    }

    @Test func `the service range people mean is the first of IPv4`() {
        #expect(ranges(["fd00::/112", "10.96.0.0/16"]).serviceCIDR == CIDR("10.96.0.0/16"))
        #expect(ranges(["fd00::/112"]).serviceCIDR == CIDR("fd00::/112"))
    }

    @Test func `settings with ranges that nobody may sign are refused`() throws {
        let realm = Realm()
        var settings = realm.settings()
        settings.ranges = ranges(["10.96.0.0/12", "fd00::/108"])
        let record = realm.clusterRecord(settings)
        #expect(try Record(decoding: record.bytes).body == .cluster(settings))
        let body = RecordBody.cluster(settings).encoded
        // After the epoch and the name: a count of ranges and the first one's flags.
        let count = 4 + 1 + settings.name.utf8.count
        for (index, value) in [(count, 0), (count, 9), (count + 1, 2), (count + 6, 29)] {
            var broken = body
            broken[index] = UInt8(value)
            #expect(throws: FormatError.self) {
                try RecordBody(decoding: broken, kind: .cluster)
            }
        }
    }
}
