// The one file of the target that needs Foundation, and that for JSON alone.
import Foundation

/// Replies as bytes: keys sorted, slashes as they are, so that equal replies are equal bytes.
package enum JSON {
    /// The JSON text of a reply, in UTF-8, in one line.
    package static func encode(_ reply: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "+Inf",
            negativeInfinity: "-Inf",
            nan: "NaN"
        )
        do {
            return Array(try encoder.encode(reply))
        } catch {
            preconditionFailure("a reply that JSON cannot hold: \(reply): \(error)")
        }
    }

    /// Reads a reply; fields we do not know are passed over.
    ///
    /// - Throws: `JSON.Failure` where the bytes are no JSON, or not of this reply.
    package static func decode<Reply: Decodable>(
        _: Reply.Type,
        from bytes: [UInt8]
    ) throws(Failure) -> Reply {
        do {
            return try JSONDecoder().decode(Reply.self, from: Data(bytes))
        } catch {
            throw Failure(reason: "\(error)")
        }
    }

    /// Why bytes are not the reply they were taken for.
    package struct Failure: Error {
        package let reason: String
    }

    /// What bodies of this kind are called in a header.
    package static let contentType = "application/json"
    /// The same of bodies with one JSON text in each line.
    package static let linesContentType = "application/x-ndjson"
}
