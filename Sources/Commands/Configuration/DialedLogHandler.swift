import Agent
import Logging

/// Asks a dial how loud it is before it lets another handler write.
struct DialedLogHandler: LogHandler {
    private var base: any LogHandler
    private let dial: LogLevelDial
    /// Of a logger that is to be quieter than the rest.
    private var own: Logger.Level?

    init(_ base: any LogHandler, _ dial: LogLevelDial) {
        self.base = base
        self.dial = dial
        self.base.logLevel = .trace
    }

    var logLevel: Logger.Level {
        get { own ?? dial.current }
        set { own = newValue }
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) { base.log(event: event) }
}
