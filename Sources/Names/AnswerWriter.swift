/// Puts an answer together, byte by byte, and knows what still fits.
struct AnswerWriter {
    private(set) var bytes: [UInt8]
    private let asked: DomainName?
    private let limit: Int
    private var answers: UInt16 = 0
    private var authorities: UInt16 = 0
    private var additional: UInt16 = 0

    /// The part of a message that a record stands in.
    enum Section { case answer, authority, additional }

    /// Flags of a header (RFC 1035, section 4.1.1).
    private static let response: UInt16 = 0x8000
    static let authoritative: UInt16 = 0x0400
    private static let truncated: UInt16 = 0x0200
    /// A pointer to the question's name.
    private static let pointer: UInt16 = 0xc000

    /// The length of an OPT record without options.
    static let extensionBytes = 11

    /// A header and nothing else.
    init(_ header: Query.Header, _ code: ResponseCode) {
        asked = nil
        limit = Query.headerBytes
        bytes = []
        bytes.reserveCapacity(Query.headerBytes)
        append(header.id)
        append(Self.response | header.flags | code.rawValue & 0x0f)
        for _ in 0..<4 { append(UInt16(0)) }
    }

    /// The header and the question again.
    ///
    /// - Parameters:
    ///   - query: What is answered.
    ///   - limit: How long it may become, without the OPT record.
    init(_ query: Query, limit: Int) {
        asked = query.name
        self.limit = limit
        bytes = []
        bytes.reserveCapacity(256)
        append(query.id)
        append(Self.response | query.repeatedFlags)
        append(UInt16(1))
        for _ in 0..<3 { append(UInt16(0)) }
        bytes += query.askedName
        append(query.type.rawValue)
        append(query.questionClass)
    }

    /// Writes the records of a set, as many as fit.
    ///
    /// - Parameters:
    ///   - set: Of one type.
    ///   - owner: Whose they are.
    ///   - section: Where they stand.
    ///   - first: Which of them comes first.
    /// - Returns: Whether all fit.
    mutating func append(
        _ set: RecordSet,
        of owner: DomainName,
        in section: Section,
        startingWith first: Int = 0
    ) -> Bool {
        for offset in set.entries.indices {
            let entry = set.entries[(first + offset) % set.entries.count]
            let start = bytes.count
            append(compressed: owner)
            append(set.type.rawValue)
            append(UInt16(1))
            append(set.timeToLive)
            append(UInt16(0))
            let data = bytes.count
            append(entry)
            let length = bytes.count - data
            guard bytes.count <= limit, length <= UInt16.max else {
                bytes.removeSubrange(start...)
                return false
            }
            set16(UInt16(length), at: data - 2)
            switch section {
            case .answer: answers += 1
            case .authority: authorities += 1
            case .additional: additional += 1
            }
        }
        return true
    }

    /// Writes a record of the authority section that was written behind the same question before.
    ///
    /// - Returns: Whether it fits.
    mutating func append(authority record: [UInt8]) -> Bool {
        guard bytes.count + record.count <= limit else { return false }
        bytes += record
        authorities += 1
        return true
    }

    private mutating func append(_ entry: RecordSet.Entry) {
        switch entry {
        case .address(let address):
            bytes += address
        case .name(let name):
            append(compressed: name)
        case .service(let priority, let weight, let port, let target):
            append(priority)
            append(weight)
            append(port)
            // Not to be compressed (RFC 2782).
            bytes += target.bytes
        case .text(let strings):
            for string in strings {
                bytes.append(UInt8(truncatingIfNeeded: string.count))
                bytes += string.prefix(255)
            }
        case .authority(let primary, let mailbox, let serial):
            append(compressed: primary)
            append(compressed: mailbox)
            append(serial)
            // Refresh, retry, expire: nobody transfers this zone.
            append(UInt32(7_200))
            append(UInt32(1_800))
            append(UInt32(86_400))
            append(Zone.negativeSeconds)
        }
    }

    /// Labels as far as the question does not end with the rest, then a pointer into it.
    private mutating func append(compressed name: DomainName) {
        guard let asked else {
            bytes += name.bytes
            return
        }
        var place = 0
        while name.bytes[place] != 0 {
            if let offset = asked.place(of: name, from: place) {
                bytes += name.bytes[..<place]
                append(Self.pointer | UInt16(Query.headerBytes + offset))
                return
            }
            place += 1 + Int(name.bytes[place])
        }
        bytes += name.bytes
    }

    /// Fills in the header, and says what EDNS says of us.
    mutating func finish(
        _ code: ResponseCode,
        flags: UInt16 = 0,
        isTruncated: Bool = false,
        answering extensions: Query.Extensions?
    ) {
        if let extensions {
            bytes.append(0)
            append(RecordType.opt.rawValue)
            append(UInt16(Responder.plainPayloadBytes))
            bytes.append(UInt8(truncatingIfNeeded: code.rawValue >> 4))
            bytes.append(0)
            append(UInt16(extensions.isSecurityAware ? 0x8000 : 0))
            append(UInt16(0))
            additional += 1
        }
        let old = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        set16(old | flags | (isTruncated ? Self.truncated : 0) | code.rawValue & 0x0f, at: 2)
        set16(answers, at: 6)
        set16(authorities, at: 8)
        set16(additional, at: 10)
    }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number))
    }

    private mutating func append(_ number: UInt32) {
        append(UInt16(number >> 16))
        append(UInt16(truncatingIfNeeded: number))
    }

    private mutating func set16(_ number: UInt16, at place: Int) {
        bytes[place] = UInt8(number >> 8)
        bytes[place + 1] = UInt8(truncatingIfNeeded: number)
    }
}
