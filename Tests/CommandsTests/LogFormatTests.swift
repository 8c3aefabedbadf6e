import Foundation
import Logging
import Testing

@testable import Commands

/// One event, one line, in three ways of writing.
struct LogFormatTests {
    private let time = Date(timeIntervalSince1970: 1_000_000_000.5)

    private func line(
        _ format: LogFormat,
        _ message: String,
        _ metadata: Logger.Metadata = ["code": "GV1065"],
        level: Logger.Level = .warning,
        isJournal: Bool = false
    ) -> String {
        LineLogHandler(format, isJournal: isJournal).line(level, message, metadata, at: time)
    }

    @Test func `people read time, level and words`() {
        #expect(
            line(.text, "b is\ndead") == "2001-09-09T01:46:40.500Z warning b is dead code=GV1065"
        )
    }

    @Test func `logfmt puts into quotes what is no word`() {
        let words = line(.logfmt, "b says \"no\"\nand = \\", ["code": "GV1065", "repeats": "3"])
        #expect(
            words == "time=2001-09-09T01:46:40.500Z level=warning "
                + #"msg="b says \"no\"\nand = \\" code=GV1065 repeats=3"#
        )
        #expect(line(.logfmt, "").contains(#"msg="""#))
    }

    @Test func `a line of JSON is one object that any reader understands`() throws {
        let words = "a \"quote\", a \\, a\nbreak, a \u{1}, an ü and a 🍇"
        let text = line(.json, words, ["code": "GV1065", "repeats": "3"])
        #expect(!text.contains("\n"))
        let object = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(
            object == [
                "time": "2001-09-09T01:46:40.500Z", "level": "warning", "msg": words,
                "code": "GV1065", "repeats": "3",
            ]
        )
    }

    @Test(arguments: [
        (Logger.Level.debug, 7), (.info, 6), (.notice, 5), (.warning, 4), (.error, 3),
        (.critical, 2),
    ])
    func `the journal gets the priority before the line, and no time`(
        level: Logger.Level,
        number: Int
    ) {
        let text = line(.logfmt, "b is dead", level: level, isJournal: true)
        #expect(text == "<\(number)>level=\(level) msg=\"b is dead\" code=GV1065")
    }

    @Test func `a warning of a library has a code too, and other words have none`() {
        #expect(line(.logfmt, "x", [:]).hasSuffix("code=GV2000"))
        #expect(line(.logfmt, "x", [:], level: .info).hasSuffix("msg=x"))
    }

    @Test func `a journal that reads somebody else is not ours`() {
        #expect(!StandardError.isJournal([:]))
        #expect(!StandardError.isJournal(["JOURNAL_STREAM": "0:0"]))
    }
}
