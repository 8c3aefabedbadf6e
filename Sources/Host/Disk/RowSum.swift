/// A number over one row of a file, which tells bytes that changed on the disk.
///
/// SQLite notices pages that make no sense, and not a value that became another one. It is no
/// defence against people: who can write the file has the key as well. It is part of the format.
struct RowSum {
    private var value: UInt64 = 0x4756_726f_7773_756d

    /// The sum of a row, as the file keeps it.
    static func of(space: String, key: [UInt8], value: [UInt8]) -> Int64 {
        var sum = RowSum()
        sum.add(Array(space.utf8))
        sum.add(key)
        sum.add(value)
        return Int64(bitPattern: sum.value)
    }

    /// Takes the bytes in eights, little-endian, the last filled up with zeros, then their count.
    private mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var place = 0
            while place + 8 <= buffer.count {
                let word = buffer.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                mix(UInt64(littleEndian: word))
                place += 8
            }
            var rest: UInt64 = 0
            while place < buffer.count {
                rest |= UInt64(buffer[place]) << (8 * UInt64(place % 8))
                place += 1
            }
            mix(rest)
        }
        mix(UInt64(bytes.count))
    }

    /// One to one in the word and in the value: a single changed word always shows.
    private mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
        value ^= value >> 32
    }
}
