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
    /// - Throws: Where it is none.
    package init(decoding data: Data) throws(Planner.Mistake) {
        do {
            self = try JSONDecoder().decode(RunPlan.self, from: data)
        } catch {
            throw Planner.Mistake(description: "no plan: \(error)")
        }
        if let problem { throw Planner.Mistake(description: "no plan: \(problem)") }
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

private enum JSON {
    /// Keys are sorted, so that nothing depends on the order of a hash.
    static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return encoder
    }
}
