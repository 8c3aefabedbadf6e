/// MANIFEST: which of 4,096 slots live.
///
/// A slot below the watermark whose bit is 0 is dead for ever.
package struct SlotMap: Hashable, Sendable {
    /// The watermark, 0...4096: slots from here on are not yet spoken of.
    package private(set) var next: UInt16
    private var bitmap: [UInt8]

    package static let slotsPerChunk = 4096

    package init() {
        next = 0
        bitmap = []
    }

    /// Whether the manifest says that this slot of its chunk is dead.
    package func kills(_ slot: Int) -> Bool { slot < Int(next) && !isLit(slot) }

    /// Whether the manifest says that this slot of its chunk lives.
    package func isLit(_ slot: Int) -> Bool {
        slot < Int(next) && bitmap[slot / 8] & (0x80 >> UInt8(slot % 8)) != 0
    }

    /// The slots that live, rising.
    package var lit: [Int] { (0..<Int(next)).filter(isLit) }

    /// Lights the slot at the watermark and moves the watermark past it.
    package mutating func append(lit: Bool) {
        precondition(Int(next) < Self.slotsPerChunk, "a chunk holds \(Self.slotsPerChunk) slots")
        if next % 8 == 0 { bitmap.append(0) }
        if lit { bitmap[Int(next) / 8] |= 0x80 >> UInt8(next % 8) }
        next += 1
    }

    /// Puts a slot out, for ever.
    package mutating func extinguish(_ slot: Int) {
        guard slot < Int(next) else { return }
        bitmap[slot / 8] &= ~(0x80 >> UInt8(slot % 8))
    }

    func write(into writer: inout ByteWriter) {
        writer.write(next)
        writer.write(bitmap)
    }

    init(_ reader: inout ByteReader) throws(FormatError) {
        next = try reader.read(UInt16.self)
        guard Int(next) <= Self.slotsPerChunk else { throw .tooLarge("manifest") }
        bitmap = try reader.read(count: (Int(next) + 7) / 8)
        // Bits above the watermark mean nothing, so they must be zero: one state, one form.
        if next % 8 != 0, let last = bitmap.last, last & (0xff >> UInt8(next % 8)) != 0 {
            throw .invalid("manifest padding")
        }
    }
}
