import Logging
import Synchronization

@testable import Agent

/// A journal whose lines can be read.
final class Overheard: Sendable {
    private let said = Mutex<[String]>([])

    var lines: [String] { said.withLock { $0 } }

    var journal: Journal {
        Journal(logger: Logger(label: "test") { _ in Ear(overheard: self) })
    }

    private struct Ear: LogHandler {
        let overheard: Overheard
        var logLevel: Logger.Level = .trace
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            overheard.said.withLock { $0.append("\(event.level) \(event.message)") }
        }
    }
}
