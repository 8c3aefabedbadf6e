import Glibc

/// The records of a world in a file, so that a process can measure itself that did not make them:
/// a length of two bytes before each.
package struct WorldFile {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// Writes these records, or ends the program where that fails.
    package func write(_ records: [[UInt8]]) {
        guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
        defer { fclose(file) }
        for record in records {
            var length = UInt16(record.count)
            fwrite(&length, 2, 1, file)
            fwrite(record, record.count, 1, file)
        }
    }

    /// Hands over one record after the other, none of them kept.
    package func each(_ body: ([UInt8]) -> Void) {
        guard let file = fopen(path, "r") else { fatalError("cannot read \(path)") }
        defer { fclose(file) }
        var length: UInt16 = 0
        while fread(&length, 2, 1, file) == 1 {
            let count = Int(length)
            let record = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
                initialized = fread(buffer.baseAddress, 1, count, file)
            }
            body(record)
        }
    }

    /// All records at once.
    package func read() -> [[UInt8]] {
        var records: [[UInt8]] = []
        each { records.append($0) }
        return records
    }
}
