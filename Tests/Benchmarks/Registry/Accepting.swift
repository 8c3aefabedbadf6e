import BenchWorld
import CSodium
import Registry
import Sodium

/// One signature, as it was asked for.
private struct Asked {
    let key: [UInt8]
    let signature: [UInt8]
    let message: [UInt8]
}

/// Remembers what it is asked, and says yes.
private final class Asking {
    var list: [Asked] = []

    var check: SignatureCheck {
        SignatureCheck { key, signature, message in
            self.list.append(Asked(key: key.bytes, signature: signature, message: message))
            return true
        }
    }
}

/// From the bytes of a record to its place in the store.
func measureAccepting(_ world: BenchWorld, from file: WorldFile) {
    let records = file.read()
    measureVerified(world, records)
    measureVerifying(world, records)
}

private func measureVerified(_ world: BenchWorld, _ records: [[UInt8]]) {
    for (title, batch) in [("in bulk", Int.max), ("settled after each four", 4)] {
        var store = RecordStore(anchor: world.anchor)
        let start = threadTime()
        for (place, record) in records.enumerated() {
            world.take(record, into: &store, check: .always)
            if place % batch == batch - 1 { _ = store.drainChanges() }
        }
        _ = store.drainChanges()
        let seconds = Double(threadTime() - start) / 1_000_000_000
        Figure.atLeast(
            "decode and accept verified records, \(title)",
            50_000,
            "/s",
            is: Double(records.count) / seconds
        )
        .show()
    }
}

/// What a store asks of each of these batches of records, in order.
private func questions(_ world: BenchWorld, _ batches: [ArraySlice<[UInt8]>]) -> [[Asked]] {
    var store = RecordStore(anchor: world.anchor)
    return batches.map { batch in
        let asking = Asking()
        for record in batch { world.take(record, into: &store, check: asking.check) }
        return asking.list
    }
}

/// The raw rate is measured in turn with the store's, for the machine may be busy.
private func measureVerifying(_ world: BenchWorld, _ records: [[UInt8]]) {
    let batches = stride(from: 0, to: records.count, by: 400).map {
        records[$0..<min($0 + 400, records.count)]
    }
    let questions = questions(world, batches)
    var store = RecordStore(anchor: world.anchor)
    var raw: Int64 = 0
    var whole: Int64 = 0
    for (batch, asked) in zip(batches, questions) {
        let start = threadTime()
        for one in asked {
            let length = UInt64(one.message.count)
            let status = crypto_sign_verify_detached(one.signature, one.message, length, one.key)
            precondition(status == 0, "a signature of the world is wrong")
        }
        let between = threadTime()
        for record in batch { world.take(record, into: &store, check: .real) }
        _ = store.drainChanges()
        whole += threadTime() - between
        raw += between - start
    }
    let signatures = questions.reduce(0) { $0 + $1.count }
    let rawRate = Double(signatures) * 1_000_000_000 / Double(raw)
    Figure.told("raw Ed25519 checks", "/s", is: rawRate, limit: "libsodium alone").show()
    Figure.told(
        "decode, check and accept new records",
        "/s",
        is: Double(records.count) * 1_000_000_000 / Double(whole),
        limit: "\(signatures) signatures of \(records.count) records: a HEAD has two"
    )
    .show()
    Figure.atLeast(
        "signatures a second, of libsodium's raw rate",
        90,
        "%",
        is: Double(raw) / Double(whole) * 100,
        limit: "the rest is decoding, two hashes, the store and the trie"
    )
    .show()
}
