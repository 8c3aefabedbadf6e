import Sodium
import Vocabulary

/// Why a record is not taken: everything cheap before the signature (registry design, section 9).
extension RecordStore {
    func cheapRefusal(of record: Record, at now: WallTime) -> Refusal? {
        let header = record.header
        if header.time.milliseconds > now.milliseconds + 3_600_000 { return .future }
        let shelf = shelves[header.author]
        switch header.kind {
        case .head:
            if header.incarnation >> 32 > now.seconds + 86_400 { return .future }
        case .cluster, .revoke, .fault:
            break
        case .manifest, .declaration, .endpoints, .release, .retract:
            guard let shelf, header.incarnation <= shelf.incarnation else { return .waiting }
            if header.incarnation < shelf.incarnation { return .dead }
            if header.kind == .manifest {
                guard header.slot < UInt32(UInt16.max) else { return .slot }
                if header.slot < UInt32(shelf.content.chunkFloor) { return .dead }
                if !shelf.admits(slot: header.slot * 4096) { return .slot }
            } else {
                if shelf.kills(slot: header.slot) { return .dead }
                if !shelf.admits(slot: header.slot) { return .slot }
            }
        }
        if let old = records[record.key] {
            if old.hash == record.hash { return .known }
            if old.version > record.version { return .older }
        }
        return nil
    }

    func contentRefusal(of record: Record, at now: WallTime) -> Refusal? {
        let certificate = shelves[record.author]?.content.certificate.content
        switch record.body {
        case .head(let head):
            let content = head.certificate.content
            guard content.cluster == anchor.cluster, head.certificate.node == record.author else {
                return .certificate
            }
            guard content.isValid(at: now) else { return .expired }
            let latest = record.header.time.milliseconds / 3_600_000 + 73
            guard UInt64(head.leaseEnd) <= latest, !Self.isPurged(head, at: now) else {
                return .lease
            }
        case .manifest, .cluster, .revocation, .fault:
            break
        case .declaration, .endpoints, .releases, .retractions:
            if let refusal = certificate?.refusal(of: record.body) { return refusal }
        }
        if !record.key.kind.isControl, records[record.key] == nil, let certificate,
            let shelf = shelves[record.author],
            shelf.slots.count >= Int(certificate.maximumRecords)
        {
            return .quota
        }
        return nil
    }

    func signatureRefusal(of record: Record, _ check: SignatureCheck) -> Refusal? {
        let message = record.signedBytes(in: anchor.cluster)
        switch record.body {
        case .cluster:
            let isRoots = anchor.roots.contains {
                NodeID(of: $0) == record.author
                    && check.isValid(record.signature, of: message, by: $0)
            }
            return isRoots ? nil : .signature
        case .head(let head):
            // A certificate that is on the shelf was checked when it came there.
            let isOnShelf = shelves[record.author]?.content.certificate == head.certificate
            guard isOnShelf || head.certificate.isSigned(byOneOf: anchor.roots, check: check)
            else { return .certificate }
            let key = head.certificate.content.key
            return check.isValid(record.signature, of: message, by: key) ? nil : .signature
        case .revocation:
            let isRoots = anchor.roots.contains {
                NodeID(of: $0) == record.author
                    && check.isValid(record.signature, of: message, by: $0)
            }
            return isRoots ? nil : .signature
        case .fault(let proof):
            return proof.isTrue(under: anchor, check: check) ? nil : .signature
        case .manifest, .declaration, .endpoints, .releases, .retractions:
            guard let key = shelves[record.author]?.content.certificate.content.key,
                check.isValid(record.signature, of: message, by: key)
            else { return .signature }
            return nil
        }
    }

    /// 14 days after the end of its lease an author is forgotten, by its own HEAD's word.
    static func isPurged(_ head: Head, at now: WallTime) -> Bool {
        UInt64(now.hour) > UInt64(head.leaseEnd) + 336
    }
}
