import CLdns
package import Vocabulary

/// An answer as people read it, by libldns: whatever types of records are in it.
///
/// It is for commands and tests. What answers strangers' questions does not use libldns: that
/// takes some ten microseconds a question for its many small pieces of memory, and our own code
/// one (`DNS.md`).
package struct AnswerText: Hashable, Sendable {
    package let id: UInt16
    package let code: UInt16
    package let isTruncated: Bool
    package let isAuthoritative: Bool
    /// A line each, as in a zone file.
    package let answers: [String]
    package let authorities: [String]
    package let additional: [String]

    /// - Returns: `nil` where the bytes are no message.
    package init?(_ message: [UInt8]) {
        var made: OpaquePacket?
        let status = message.withUnsafeBufferPointer {
            ldns_wire2pkt(&made, $0.baseAddress, $0.count)
        }
        guard status == LDNS_STATUS_OK, let packet = made else {
            // Also what was read before a mistake.
            if let made { ldns_pkt_free(made) }
            return nil
        }
        defer { ldns_pkt_free(packet) }
        id = ldns_pkt_id(packet)
        let extended = ldns_pkt_edns(packet) != 0 ? UInt16(ldns_pkt_edns_extended_rcode(packet)) : 0
        code = extended << 4 | UInt16(ldns_pkt_get_rcode(packet).rawValue)
        isTruncated = ldns_pkt_tc(packet) != 0
        isAuthoritative = ldns_pkt_aa(packet) != 0
        answers = Self.lines(ldns_pkt_answer(packet))
        authorities = Self.lines(ldns_pkt_authority(packet))
        additional = Self.lines(ldns_pkt_additional(packet))
    }

    /// The addresses among the answers, in their order: what A and AAAA records hold.
    package var addresses: [IPAddress] {
        answers.compactMap { line in
            // Owner, time to live, class, type, data.
            let fields = line.split(separator: " ")
            guard fields.count == 5, fields[3] == "A" || fields[3] == "AAAA" else { return nil }
            return IPAddress(String(fields[4]))
        }
    }

    /// What the name stands for, without the dot at its end; `nil` where there is no CNAME.
    package var canonicalName: String? {
        for line in answers {
            let fields = line.split(separator: " ")
            guard fields.count == 5, fields[3] == "CNAME" else { continue }
            let name = fields[4].hasSuffix(".") ? fields[4].dropLast() : fields[4]
            return String(name)
        }
        return nil
    }

    private typealias OpaquePacket = UnsafeMutablePointer<ldns_struct_pkt>

    /// The list stays the packet's; the text of each record is ours to free.
    private static func lines(_ list: UnsafeMutablePointer<ldns_struct_rr_list>?) -> [String] {
        guard let list else { return [] }
        var lines: [String] = []
        for index in 0..<ldns_rr_list_rr_count(list) {
            guard let record = ldns_rr_list_rr(list, index), let text = ldns_rr2str(record) else {
                continue
            }
            defer { grapevine_ldns_release(text) }
            let line = String(cString: text)
            lines.append(String(line.prefix { $0 != "\n" }).replacing("\t", with: " "))
        }
        return lines
    }
}
