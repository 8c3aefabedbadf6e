import ControlAPI

/// Questions that the keeper's own loop answers, between two writes.
struct TableDesk: Sendable {
    enum Question: Sendable {
        case verify(CheckedContinuation<TableVerification?, Never>)
        case difference(CheckedContinuation<TableDifference?, Never>)
        case cleanUp(CheckedContinuation<TableCleanup?, Never>)
        case freeze(Bool, CheckedContinuation<FreezeReply?, Never>)

        /// Whether it changes what is written, and so must come before the next write.
        var isChange: Bool {
            switch self {
            case .freeze, .cleanUp: true
            case .verify, .difference: false
            }
        }

        /// Nobody will answer.
        func turnDown() {
            switch self {
            case .verify(let asker): asker.resume(returning: nil)
            case .difference(let asker): asker.resume(returning: nil)
            case .cleanUp(let asker): asker.resume(returning: nil)
            case .freeze(_, let asker): asker.resume(returning: nil)
            }
        }
    }

    private var waiting: [Question] = []
    private var isClosed = false

    /// - Returns: Whether it will be answered.
    mutating func put(_ question: Question) -> Bool {
        if !isClosed { waiting.append(question) }
        return !isClosed
    }

    mutating func takeAll() -> [Question] {
        defer { waiting = [] }
        return waiting
    }

    /// Takes no question any more.
    ///
    /// - Returns: Those that still wait.
    mutating func close() -> [Question] {
        isClosed = true
        return takeAll()
    }
}
