import BenchWorld
import Registry
import Vocabulary

/// Writes the world to its file, and tells how large it is.
func makeWorld(_ world: BenchWorld, into file: WorldFile) {
    var records = [world.clusterRecord.bytes]
    for node in 0..<world.nodes { records += world.records(of: node).map(\.bytes) }
    file.write(records)
    // The cluster's own record is nobody's.
    Figure.atMost(
        "records of all nodes, beside the cluster's own one",
        Double(world.nodes) * 4,
        "",
        is: Double(records.count - 1)
    )
    .show()
    let bytes = records.reduce(0) { $0 + $1.count }
    Figure.told("bytes of all records", "MB", is: Double(bytes) / 1_000_000).show()
}

extension BenchWorld {
    /// A store that holds everything of a file, taken without a look at signatures.
    func store(from file: WorldFile) -> (store: RecordStore, bytes: Int) {
        var store = RecordStore(anchor: anchor)
        var bytes = 0
        file.each { record in
            bytes += record.count
            take(record, into: &store, check: .always)
        }
        _ = store.drainChanges()
        return (store, bytes)
    }

    /// Offers the bytes of a record, which must be taken.
    func take(_ bytes: [UInt8], into store: inout RecordStore, check: SignatureCheck) {
        guard let record = try? Record(decoding: bytes),
            case .stored = store.accept(record, at: Self.beginning, check: check)
        else { fatalError("a record of the world was refused") }
    }
}

extension SignatureCheck {
    /// Says yes to everything: for records that were checked before.
    static var always: SignatureCheck { SignatureCheck { _, _, _ in true } }
}

/// What store, index and view keep in memory.
func measureMemory(_ world: BenchWorld, from file: WorldFile) {
    let before = residentBytes()
    let (store, bytes) = world.store(from: file)
    let filled = residentBytes()
    Figure.atMost(
        "memory of the store, a record, over its bytes",
        400,
        "B",
        is: Double(filled - before - bytes) / Double(store.count),
        limit: "object, array, trie entry, shelf"
    )
    .show()
    let index = ServiceIndex(of: store, at: BenchWorld.beginning) { _ in .working }
    let indexed = residentBytes()
    let mega = 1_048_576.0
    Figure.told("memory of the index and the view", "MiB", is: Double(indexed - filled) / mega)
        .show()
    Figure.atMost(
        "memory of store, index and view",
        200,
        "MiB",
        is: Double(indexed - before) / mega,
        limit: "of which records' bytes \(bytes / 1_048_576) MiB"
    )
    .show()
    let services = index.view?.services.count ?? 0
    let endpoints = index.view?.services.reduce(0) { $0 + $1.endpoints.count } ?? 0
    Figure.told("services in the view", "", is: Double(services)).show()
    Figure.told("endpoints in the view", "", is: Double(endpoints)).show()
    withExtendedLifetime((store, index)) {}
}
