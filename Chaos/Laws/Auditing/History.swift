import Registry
import Vocabulary

/// Everything that honest authors signed, looked at author by author, in the order of signing.
struct History {
    private var lives: [Life: [Record]] = [:]

    private struct Life: Hashable, Comparable {
        let author: NodeID
        let incarnation: UInt64

        static func < (left: Life, right: Life) -> Bool {
            (left.author, left.incarnation) < (right.author, right.incarnation)
        }
    }

    init(of signed: [Record]) {
        for record in signed {
            switch record.header.kind {
            case .cluster, .revoke, .fault: continue
            case .head, .manifest, .declaration, .endpoints, .release, .retract:
                let life = Life(
                    author: record.author,
                    incarnation: record.header.incarnation
                )
                lives[life, default: []].append(record)
            }
        }
    }

    func examine(_ auditor: Auditor) {
        for life in lives.keys.sorted() {
            let records = (lives[life] ?? []).sorted { $0.header.sequence < $1.header.sequence }
            examine(records, auditor)
        }
    }

    /// Invariants 11 and 12, for one incarnation.
    private func examine(_ records: [Record], _ auditor: Auditor) {
        var time = HybridTime.zero
        var head: Head?
        var maps: [UInt32: SlotMap] = [:]
        var meanings: [UInt32: String] = [:]
        for record in records {
            let header = record.header
            let label = "\(header.kind) \(header.sequence) of \(header.author.short)"
            if header.time < time { auditor.note(.monotony, "\(label) is older than its number") }
            time = header.time
            switch record.body {
            case .head(let next):
                if let head, next.leaseEnd < head.leaseEnd {
                    auditor.note(.monotony, "\(label) shortens the lease")
                }
                if let head, next.chunkFloor < head.chunkFloor {
                    auditor.note(.monotony, "\(label) lowers the floor")
                }
                head = next
            case .manifest(let map):
                if let before = maps[header.slot] {
                    if map.next < before.next {
                        auditor.note(.monotony, "\(label) lowers the watermark")
                    }
                    if (0..<Int(before.next)).contains(where: { before.kills($0) && map.isLit($0) })
                    {
                        auditor.note(.monotony, "\(label) lights a dead slot")
                    }
                }
                maps[header.slot] = map
            case .declaration, .endpoints, .releases, .retractions:
                let (chunk, place) = (header.slot / 4096, Int(header.slot % 4096))
                if maps[chunk]?.kills(place) == true {
                    auditor.note(.slots, "\(label) writes into dead slot \(header.slot)")
                }
                let meaning = record.meaning
                if let other = meanings.updateValue(meaning, forKey: header.slot),
                    other != meaning
                {
                    auditor.note(.slots, "\(label): slot \(header.slot) was \(other)")
                }
            case .cluster, .revocation, .fault: break
            }
        }
    }
}

extension Record {
    /// What a slot is for: it stays that.
    fileprivate var meaning: String {
        switch body {
        case .declaration(let declaration): declaration.service.description
        case .head, .manifest, .endpoints, .releases, .retractions, .cluster, .revocation, .fault:
            "\(header.kind)"
        }
    }
}
