/// A question as it came: a header, one name, and perhaps what EDNS says of the asker.
struct Query {
    let id: UInt16
    /// The bits of the question's flags that an answer repeats: RD and CD.
    let repeatedFlags: UInt16
    /// As it was asked, letters in the asker's case; its type and class follow in an answer.
    let askedName: [UInt8]
    let name: DomainName
    let type: RecordType
    let questionClass: UInt16
    let extensions: Extensions?

    /// What an OPT record says (RFC 6891).
    struct Extensions {
        let payloadBytes: Int
        let version: UInt8
        /// The DO bit, which an answer repeats (RFC 3225).
        let isSecurityAware: Bool
    }

    /// Why there is no question to answer.
    enum Failure: Error {
        /// Too short for a header, or itself an answer: nobody is told anything.
        case unanswerable
        /// The header can be read; the answer is a header with this code.
        case answered(ResponseCode, header: Header)
    }

    /// The part of a header that an answer repeats.
    struct Header {
        let id: UInt16
        /// Opcode, RD and CD, where they stand in an answer.
        let flags: UInt16
    }

    static let headerBytes = 12
    /// More records beside the question than any asker sends: OPT, TSIG, SIG(0) and some to spare.
    private static let maximumAdditional = 8

    init(_ bytes: [UInt8]) throws(Failure) {
        guard bytes.count >= Self.headerBytes else { throw .unanswerable }
        func word(_ place: Int) -> UInt16 { UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1]) }
        let flags = word(2)
        guard flags & 0x8000 == 0 else { throw .unanswerable }
        id = word(0)
        repeatedFlags = flags & 0x0110
        let header = Header(id: id, flags: flags & 0x7910)
        guard flags & 0x7800 == 0 else { throw .answered(.notImplemented, header: header) }
        let malformed = Failure.answered(.formatError, header: header)
        // One question, and no answers: nothing else is a query.
        guard word(4) == 1, word(6) == 0, word(8) == 0 else { throw malformed }
        let additional = Int(word(10))
        guard additional <= Self.maximumAdditional else { throw malformed }

        var place = Self.headerBytes
        guard let end = Self.endOfName(in: bytes, from: place, mayPoint: false),
            end + 4 <= bytes.count
        else { throw malformed }
        let asked = Array(bytes[place..<end])
        askedName = asked
        // A length is at most 63, below the letters.
        name = DomainName(checked: asked.map { $0.lowercased })
        type = RecordType(rawValue: word(end))
        questionClass = word(end + 2)
        place = end + 4

        var found: Extensions?
        for _ in 0..<additional {
            guard let end = Self.endOfName(in: bytes, from: place, mayPoint: true),
                end + 10 <= bytes.count
            else { throw malformed }
            let length = Int(word(end + 8))
            guard end + 10 + length <= bytes.count else { throw malformed }
            if word(end) == RecordType.opt.rawValue {
                // At most one, of the root.
                guard found == nil, end == place + 1, Self.areOptions(bytes, end + 10, length)
                else { throw malformed }
                found = Extensions(
                    payloadBytes: Int(word(end + 2)),
                    version: bytes[end + 5],
                    isSecurityAware: bytes[end + 6] & 0x80 != 0
                )
            }
            place = end + 10 + length
        }
        guard place == bytes.count else { throw malformed }
        extensions = found
    }

    /// Where the name that begins at a place ends.
    ///
    /// - Parameters:
    ///   - bytes: Of the message.
    ///   - start: Where it begins.
    ///   - mayPoint: Whether it may end with a pointer; where that leads is not looked at.
    /// - Returns: `nil` where it does not end within the message, or is too long.
    private static func endOfName(in bytes: [UInt8], from start: Int, mayPoint: Bool) -> Int? {
        var place = start
        while place < bytes.count, place - start < DomainName.maximumBytes {
            let length = Int(bytes[place])
            if length == 0 { return place + 1 }
            if length & 0xc0 == 0xc0, mayPoint {
                return place + 2 <= bytes.count ? place + 2 : nil
            }
            guard length <= DomainName.maximumLabelBytes else { return nil }
            place += 1 + length
        }
        return nil
    }

    /// Whether these bytes are options, each behind its length.
    private static func areOptions(_ bytes: [UInt8], _ start: Int, _ length: Int) -> Bool {
        var place = start
        let end = start + length
        while place < end {
            guard place + 4 <= end else { return false }
            place += 4 + Int(bytes[place + 2]) << 8 + Int(bytes[place + 3])
        }
        return place == end
    }
}
