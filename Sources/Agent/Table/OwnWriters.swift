import Host

/// The processes that changed rules for us of late, so that the kernel's word of their work is told
/// from that of others.
///
/// In a container the kernel names them by other numbers: then their work counts as that of others,
/// and is read back at once.
struct OwnWriters: Sendable {
    private var numbers: [Int32] = []
    /// Words of the kernel come within moments, and a number comes again after thousands of others.
    private static let limit = 64

    mutating func note(_ number: Int32) {
        if numbers.count >= Self.limit { numbers.removeFirst() }
        numbers.append(number)
    }

    mutating func note(_ others: OwnWriters) { numbers += others.numbers }

    func holds(_ writer: RuleEvents.Writer) -> Bool {
        guard case .process(let number) = writer else { return false }
        return numbers.contains(number)
    }
}
