import Gossip
import Registry
import Simulation
import Sodium
import Testing
import Vocabulary

/// What a node vouched for on its own disk is not checked again; everything else is.
struct VoucherTests {
    private let voucher = Voucher(Authority(Seed(1)).key(of: 0))

    /// A record of the puppet, and its HEAD.
    private func records(_ encounter: inout Encounter) throws -> [Record] {
        let name = try #require(ServiceName(namespace: "default", name: "web"))
        let spec = ServiceSpec(type: .clusterIP, ports: [ServicePort(port: 80)])
        let wish = Declaration(service: name, specStamp: .zero, spec: spec, claims: [])
        let head = encounter.puppet.head(at: encounter.time)
        let body = RecordBody.declaration(wish)
        return [
            head,
            encounter.puppet.record(.declaration, slot: 0, body, at: encounter.time),
        ]
    }

    @Test func `a row is opened by who sealed it, and by nobody else`() throws {
        var encounter = Encounter(Seed(1))
        let record = try records(&encounter)[1]
        let row = voucher.sealed(record.bytes)
        let mine = try #require(voucher.open(row))
        #expect(mine.isVouchedFor && mine.record == record)
        let other = Voucher(Authority(Seed(1)).key(of: 1))
        #expect(other.open(row)?.isVouchedFor == false)
        for index in row.indices {
            var garbled = row
            garbled[index] ^= 1
            #expect(voucher.open(garbled)?.isVouchedFor != true)
        }
    }

    @Test func `a row of an earlier version counts as not vouched for`() throws {
        var encounter = Encounter(Seed(1))
        let record = try records(&encounter)[0]
        let old = try #require(voucher.open(record.bytes))
        #expect(!old.isVouchedFor && old.record == record)
        #expect(voucher.open([]) == nil && voucher.open([1, 2, 3]) == nil)
    }

    @Test func `only what is vouched for is believed without its signature`() throws {
        var encounter = Encounter(Seed(1))
        let kept = try records(&encounter)
        var forged = kept[1].bytes
        forged[forged.count - 1] ^= 1
        let record = try Record(decoding: forged)
        func services(_ memory: Memory) -> Int? {
            var encounter = Encounter(Seed(1), memory: memory)
            encounter.begin()
            encounter.wait(.seconds(1))
            return encounter.publication?.view.services.count
        }
        let start = Pen.incarnation(after: 0, at: Authority.beginning, chance: 0)
        #expect(services(Memory(incarnation: start, records: kept)) == 1)
        #expect(services(Memory(incarnation: start, records: [kept[0], record])) == 0)
        #expect(services(Memory(incarnation: start, records: [kept[0]], vouched: [record])) == 1)
    }
}
