import Foundation
import Logging

/// Writes one line an event on standard error.
struct LineLogHandler: LogHandler {
    var logLevel: Logger.Level = .info
    var metadata: Logger.Metadata = [:]
    let format: LogFormat
    /// Whether systemd's journal reads the lines: it knows when they came, and takes their
    /// priority from a prefix (sd-daemon(3)).
    let isJournal: Bool

    /// What stands for a code where a library that the agent uses complains.
    static let codeOfLibraries = "GV2000"

    init(_ format: LogFormat, isJournal: Bool = false) {
        self.format = format
        self.isJournal = isJournal
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = line(event.level, "\(event.message)", event.metadata ?? [:], at: Date())
        FileHandle.standardError.write(Data((line + "\n").utf8))
    }

    /// The line of an event, with the prefix that the journal wants.
    func line(
        _ level: Logger.Level,
        _ message: String,
        _ metadata: Logger.Metadata,
        at time: Date
    ) -> String {
        var all = self.metadata.merging(metadata) { _, new in new }
        if level >= .warning, all["code"] == nil { all["code"] = "\(Self.codeOfLibraries)" }
        let fields = all.keys.sorted().map { (name: $0, value: all[$0].map { "\($0)" } ?? "") }
        let line = format.line(level, message, fields, at: isJournal ? nil : time)
        return isJournal ? "<\(level.priority)>\(line)" : line
    }
}

extension Logger.Level {
    /// The level of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
