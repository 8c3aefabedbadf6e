// swift-format-ignore-file: NeverForceUnwrap

import Registry
import Sodium
import Testing
import Vocabulary

/// The walk that proposes places.
struct CandidateSequenceTests {
    private let key = [UInt8](repeating: 7, count: 32)

    private func sequence(_ service: ServiceID, _ range: String, _ reserved: [UInt32] = [10])
        -> CandidateSequence
    {
        CandidateSequence(
            service: service,
            range: CIDR(range)!,
            allocationKey: key,
            reserved: reserved
        )
    }

    /// Every place that is offered, in the order of the walk.
    private func walk(_ sequence: CandidateSequence) -> [UInt64] {
        var visited: [UInt64] = []
        let end = sequence.find {
            visited.append($0)
            return .occupied
        }
        #expect(end == nil, "a place was given away though all were taken")
        return visited
    }

    @Test(arguments: Seed.sweep(6))
    func `every usable offset is visited exactly once`(seed: Seed) {
        var random = RandomStream(seed, "walk")
        let service = ServiceID(UInt128(random.next()) << 64 | UInt128(random.next()))
        for (range, size, last) in [
            ("10.96.0.0/20", 4096, true), ("10.96.0.0/24", 256, true), ("10.0.0.0/28", 16, true),
            ("10.0.0.0/31", 2, true), ("10.0.0.0/32", 1, true), ("fd00::/118", 1024, false),
        ] {
            let usable = (1..<UInt64(size)).filter {
                $0 != 10 && !(last && $0 == UInt64(size) - 1)
            }
            #expect(walk(sequence(service, range)).sorted() == usable)
        }
        let ports = CandidateSequence(
            service: service,
            portIndex: 1,
            transport: .tcp,
            ports: 30000...32767,
            allocationKey: key
        )
        #expect(walk(ports).sorted() == Array(0..<2768))
        for wide in [30000...30000, 1...65535, 30000...30001] as [ClosedRange<UInt16>] {
            let ports = CandidateSequence(
                service: service,
                portIndex: 0,
                transport: .udp,
                ports: wide,
                allocationKey: key
            )
            #expect(walk(ports).sorted() == Array(0..<UInt64(wide.count)))
        }
    }

    @Test func `the walk is that of the format`() {
        let service = ServiceID(0x1234)
        var writer = ByteWriter()
        writer.write("vip".utf8)
        writer.write(UInt8(4))
        writer.write(UInt8(0))
        writer.write(service)
        let digest = BLAKE2b.hash128(writer.bytes, key: key)
        let first = UInt64(truncatingIfNeeded: digest >> 64)
        let step = UInt64(truncatingIfNeeded: digest) | 1
        let expected = (0..<UInt64(1 << 12)).map { (first &+ $0 &* step) & 0xfff }
            .filter { ![0, 10, 4095].contains($0) }
        #expect(walk(sequence(service, "10.96.0.0/20")) == expected)
    }

    /// These never change: another answer moves the addresses of a running cluster.
    @Test func `the first candidates are these`() {
        let names = ["web", "api", "db"]
        let ids = names.map {
            ServiceID(of: ServiceName(namespace: "default", name: $0)!, in: ClusterID(1))
        }
        let addresses = ids.map { Array(walk(sequence($0, "10.96.0.0/20")).prefix(4)) }
        #expect(
            addresses == [
                [4083, 1038, 2089, 3140], [1827, 3146, 369, 1688], [185, 2432, 583, 2830],
            ]
        )
        let ports = ids.map {
            Array(
                walk(
                    CandidateSequence(
                        service: $0,
                        portIndex: 0,
                        transport: .tcp,
                        ports: 30000...32767,
                        allocationKey: key
                    )
                ).prefix(4)
            )
        }
        #expect(
            ports == [
                [2116, 47, 2074, 5], [1741, 2000, 2259, 2518], [2317, 1268, 219, 2217],
            ]
        )
    }

    @Test(arguments: Seed.sweep(30))
    func `the upper band comes first, then the lower one, then what is avoided`(seed: Seed) {
        var random = RandomStream(seed, "bands")
        let sequence = sequence(ServiceID(UInt128(random.next())), "10.96.0.0/24")
        let order = walk(sequence)
        let band = UInt64(16)
        var standing: [UInt64: CandidateSequence.Standing] = [:]
        let scarcity = 2 + random.below(200)
        for offset in 0..<UInt64(256) {
            standing[offset] =
                random.chance(1, in: scarcity)
                ? .free : random.chance(1, in: scarcity) ? .avoided : .occupied
        }
        let free = order.filter { standing[$0] == .free }
        let expected =
            free.first { $0 >= band } ?? free.first
            ?? order.first { standing[$0] == .avoided }
        #expect(sequence.find { standing[$0] ?? .occupied }?.offset == expected)
    }

    @Test(arguments: [(24, 16), (22, 64), (20, 256), (18, 256)])
    func `the lower band is a sixteenth of the range, 16...256`(length: Int, band: UInt64) {
        var decided = 0
        for number in 0..<40 {
            let sequence = sequence(ServiceID(UInt128(number)), "10.96.0.0/\(length)", [])
            let order = walk(sequence)
            guard let low = order.firstIndex(where: { $0 < 16 }) else { continue }
            for edge in [band - 1, band] where order[low...].dropFirst().contains(edge) {
                // Both are free, and the low one comes first in the walk.
                let chosen = sequence.find {
                    $0 == order[low] || $0 == edge ? .free : .occupied
                }
                #expect(chosen?.offset == (edge < band ? order[low] : edge))
                decided += 1
            }
            if decided > 8 { break }
        }
        #expect(decided > 4, "too few cases to tell")
    }

    @Test func `a range of 2^64 addresses is walked without a count of them`() {
        let wide = sequence(ServiceID(1), "fd00::/64", [])
        let found = wide.find { _ in .free }
        let address = found.flatMap { CIDR("fd00::/64")!.address(at: $0.offset) }
        #expect(address.map { CIDR("fd00::/64")!.contains($0) } == true)
    }
}
