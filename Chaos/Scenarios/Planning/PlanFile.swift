package import Foundation

/// Plans and results as files.
extension RunPlan {
    /// The bytes of `plan.json`: equal for equal plans.
    package var encoded: Data {
        get throws { try JSON.encoder.encode(self) }
    }

    /// Reads a plan.
    ///
    /// - Parameter data: What `encoded` gave.
    /// - Throws: Where it is none: the place, and what would be right there.
    package init(decoding data: Data) throws(ScenarioMistake) {
        do {
            self = try JSONDecoder().decode(RunPlan.self, from: data)
        } catch let error as DecodingError {
            throw .noPlan(data, error)
        } catch {
            throw ScenarioMistake(line: 1, column: 1, key: "", words: "is no plan: \(error)")
        }
        if let problem {
            throw .noPlan(data, at: problem.path, problem.words)
        }
    }
}

extension RunResult {
    /// The bytes of `result.json`: equal for equal results.
    package var encoded: Data {
        get throws { try JSON.encoder.encode(self) }
    }

    /// Reads a result.
    package init(decoding data: Data) throws {
        self = try JSONDecoder().decode(RunResult.self, from: data)
    }
}

// MARK: - What is no plan

extension ScenarioMistake {
    /// Why bytes are no plan, in words of this program.
    fileprivate static func noPlan(_ data: Data, _ error: DecodingError) -> ScenarioMistake {
        switch error {
        case .keyNotFound(let key, let context):
            noPlan(data, at: context.codingPath.steps, "needs the key \"\(key.stringValue)\"")
        case .typeMismatch(let type, let context):
            noPlan(data, at: context.codingPath.steps, "must be \(words(for: type))")
        case .valueNotFound(let type, let context):
            noPlan(data, at: context.codingPath.steps, "must be \(words(for: type)), not null")
        case .dataCorrupted(let context) where context.codingPath.isEmpty:
            noPlan(data, at: [], "is no JSON that this program reads")
        case .dataCorrupted(let context):
            noPlan(data, at: context.codingPath.steps, "is nothing that is known here")
        @unknown default:
            noPlan(data, at: [], "is no plan")
        }
    }

    /// A mistake at a place of a plan, where the text tells where that is.
    fileprivate static func noPlan(
        _ data: Data,
        at path: [PlanStep],
        _ words: String
    ) -> ScenarioMistake {
        // JSON is YAML, and the reader of YAML knows lines.
        do throws(ScenarioMistake) {
            let text = String(decoding: data, as: UTF8.self)
            return try Item.top(of: text).deepest(path).mistake(words)
        } catch {
            return ScenarioMistake(
                line: error.line,
                column: error.column,
                key: error.key,
                words: error.words.replacing("not YAML", with: "not JSON")
            )
        }
    }

    private static func words(for type: any Any.Type) -> String {
        switch type {
        case is Int.Type, is UInt64.Type, is UInt32.Type: "a whole number"
        case is String.Type: "a text in quotes"
        case is Bool.Type: "true or false"
        case is any Sequence.Type where !(type is any ExpressibleByDictionaryLiteral.Type):
            "a list"
        default: "a map of the keys that `run --out` writes there"
        }
    }
}

/// A step from the top of a plan to a value in it.
enum PlanStep: Hashable, Sendable {
    case key(String)
    case index(Int)
}

extension [any CodingKey] {
    fileprivate var steps: [PlanStep] {
        map { step in step.intValue.map { .index($0) } ?? .key(step.stringValue) }
    }
}

private enum JSON {
    /// Keys are sorted, so that nothing depends on the order of a hash.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return encoder
    }
}
