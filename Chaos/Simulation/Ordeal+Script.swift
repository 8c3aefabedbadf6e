import Registry

/// Scripts as bytes, and back: any bytes are some script, so that a fuzzer may change what it
/// likes.
extension Ordeal {
    /// The most steps that are read; what comes after them is left out.
    package static let maximumSteps = 64

    /// Reads a script: what makes no sense any more ends it.
    package static func steps(of script: [UInt8], atMost limit: Int = maximumSteps) -> [Step] {
        var reader = ByteReader(script)
        var steps: [Step] = []
        while steps.count < limit, let step = step(&reader) { steps.append(step) }
        return steps
    }

    /// A step is a number, its arguments, and bytes with their length before them.
    ///
    /// What is missing at the end of a script is zero, and a length beyond it means all that is
    /// left.
    private static func step(_ reader: inout ByteReader) -> Step? {
        guard let number = try? reader.read(UInt8.self) else { return nil }
        func byte(_ reader: inout ByteReader) -> UInt8 { (try? reader.read(UInt8.self)) ?? 0 }
        func short(_ reader: inout ByteReader) -> UInt16 {
            UInt16(byte(&reader)) << 8 | UInt16(byte(&reader))
        }
        func bytes(_ reader: inout ByteReader) -> [UInt8] {
            let length = Int(short(&reader))
            return (try? reader.read(count: min(length, reader.remaining))) ?? []
        }
        func incarnation(_ reader: inout ByteReader) -> Incarnation {
            let all = Incarnation.allCases
            return all[Int(byte(&reader)) % all.count]
        }
        switch number % 13 {
        case 0:
            let isFromStranger = byte(&reader) % 2 == 1
            return .datagram(bytes(&reader), isFromStranger: isFromStranger)
        case 1: return .hello(bytes(&reader))
        case 2: return .sealed(bytes(&reader))
        case 3:
            let kind = byte(&reader)
            let slot = UInt32(short(&reader)) << 16 | UInt32(short(&reader))
            let start = incarnation(&reader)
            let isTwins = byte(&reader) % 2 == 1
            let body = bytes(&reader)
            return .record(kind: kind, slot: slot, incarnation: start, body, isTwins: isTwins)
        case 4:
            let start = incarnation(&reader)
            let isTwins = byte(&reader) % 2 == 1
            return .head(incarnation: start, bytes(&reader), isTwins: isTwins)
        case 5: return .echo
        case 6:
            let isAsleep = byte(&reader) % 2 == 1
            return .time(short(&reader), isAsleep: isAsleep)
        case 7: return .clock(Int16(bitPattern: short(&reader)))
        case 8: return .declare(bytes(&reader))
        case 9: return .offer(bytes(&reader))
        case 10: return .withdraw
        case 11: return .leave
        default:
            let kind = byte(&reader)
            return .frame(kind, bytes(&reader))
        }
    }

    /// The script of some steps.
    package static func script(of steps: [Step]) -> [UInt8] {
        var writer = ByteWriter()
        for step in steps { write(step, into: &writer) }
        return writer.bytes
    }

    private static func write(_ step: Step, into writer: inout ByteWriter) {
        func write(_ numbers: UInt8..., bytes: [UInt8]? = nil) {
            writer.write(numbers)
            if let bytes { writer.write(long: bytes) }
        }
        switch step {
        case .datagram(let bytes, let isFromStranger):
            write(0, isFromStranger ? 1 : 0, bytes: bytes)
        case .hello(let head): write(1, bytes: head)
        case .sealed(let bytes): write(2, bytes: bytes)
        case .record(let kind, let slot, let incarnation, let body, let isTwins):
            write(3, kind)
            writer.write(slot)
            write(incarnation.rawValue, isTwins ? 1 : 0, bytes: body)
        case .head(let incarnation, let rest, let isTwins):
            write(4, incarnation.rawValue, isTwins ? 1 : 0, bytes: rest)
        case .echo: write(5)
        case .time(let milliseconds, let isAsleep):
            write(6, isAsleep ? 1 : 0)
            writer.write(milliseconds)
        case .clock(let minutes):
            write(7)
            writer.write(UInt16(bitPattern: minutes))
        case .declare(let body): write(8, bytes: body)
        case .offer(let body): write(9, bytes: body)
        case .withdraw: write(10)
        case .leave: write(11)
        case .frame(let kind, let body): write(12, kind, bytes: body)
        }
    }
}
