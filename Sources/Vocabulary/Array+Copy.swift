extension Array {
    /// Whether this is a copy of the other one and neither was changed since.
    ///
    /// It costs nothing, and may say no of arrays that are equal.
    package func isCopy(of other: [Element]) -> Bool {
        guard count == other.count else { return false }
        return withUnsafeBufferPointer { mine in
            other.withUnsafeBufferPointer { mine.baseAddress == $0.baseAddress }
        }
    }
}
