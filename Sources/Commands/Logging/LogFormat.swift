import ArgumentParser
import Foundation
import Logging

/// How the agent writes one event on one line.
enum LogFormat: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// For people: time, level, words, then what else is known.
    case text
    /// For people and programs: `level=warning msg="…" code=GV1065`.
    case logfmt
    /// For programs: one JSON object.
    case json

    /// What else is known of an event, sorted by name.
    typealias Fields = [(name: String, value: String)]

    /// One event, without a line break.
    ///
    /// - Parameters:
    ///   - level: How loud it is.
    ///   - message: For people; as text, line breaks in it become spaces.
    ///   - fields: What else is known.
    ///   - time: When it was; `nil` where whoever reads the lines stamps them.
    /// - Returns: The line, without its end.
    func line(
        _ level: Logger.Level,
        _ message: String,
        _ fields: Fields,
        at time: Date?
    ) -> String {
        let stamp = time?.ISO8601Format(.init(includingFractionalSeconds: true))
        switch self {
        case .text:
            let head = [stamp, "\(level)", message].compactMap(\.self)
            return (head + fields.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
                .replacing("\n", with: " ")
        case .logfmt:
            let pairs = Self.pairs(stamp, level, message, fields)
            return pairs.map { "\($0.name)=\(Self.quoted($0.value))" }.joined(separator: " ")
        case .json:
            let pairs = Self.pairs(stamp, level, message, fields)
            let members = pairs.map { "\(Self.jsonText($0.name)):\(Self.jsonText($0.value))" }
            return "{\(members.joined(separator: ","))}"
        }
    }

    private static func pairs(
        _ stamp: String?,
        _ level: Logger.Level,
        _ message: String,
        _ fields: Fields
    ) -> Fields {
        let head = [stamp.map { (name: "time", value: $0) }].compactMap(\.self)
        return head + [("level", "\(level)"), ("msg", message)] + fields
    }

    /// A value as logfmt has it: bare where it is a word, else in quotes.
    private static func quoted(_ value: String) -> String {
        let isWord =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy {
                $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0 != "\\" && $0.value != 0x7f
            }
        return isWord ? value : jsonText(value)
    }

    /// A string as JSON has it (RFC 8259, section 7), on one line.
    private static func jsonText(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
