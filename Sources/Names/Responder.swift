/// Answers questions from an index: the bytes of an answer are a function of those of the question,
/// of the way it came, and of the view.
///
/// It remembers what names have between two views; who answers on several threads has one for
/// each.
package struct Responder: Sendable {
    package private(set) var index: NamesIndex
    private var known: [DomainName: Memory] = [:]
    /// How many of the known names are not there.
    private var absent = 0

    /// What is remembered of a name.
    private struct Memory {
        let finding: NamesIndex.Finding
        /// The record that says that there is nothing, as it is written behind a question for
        /// that name; `nil` before it was written once.
        var denial: [UInt8]?

        var isAbsent: Bool { if case .missing = finding { true } else { false } }
    }

    /// Up to so many names are remembered; then it begins anew.
    private static let maximumKnown = 4_096
    /// Up to so many of them are not there; then those are forgotten.
    ///
    /// They have no end, and must not take the room of the others.
    private static let maximumAbsent = 1_024
    /// What an answer over UDP may have that nobody has asked more of (RFC 1035, section 4.2.1).
    private static let smallestPayloadBytes = 512
    /// What fits through every network without fragments (DNS flag day 2020).
    package static let plainPayloadBytes = 1_232
    /// What fits through the loopback device, whatever EDNS asks for.
    package static let loopbackPayloadBytes = 16_384
    /// The longest message there is.
    package static let maximumBytes = 65_535
    /// Beyond so many names that stand for another, it is a circle.
    private static let maximumLinks = 8

    /// How a question came.
    package enum Way: Hashable, Sendable {
        case tcp
        /// - Parameter payloadBytes: The longest answer that may be sent, whatever is asked for.
        case udp(payloadBytes: Int)
    }

    /// What is sent, and how it is counted.
    package struct Answer: Hashable, Sendable {
        package let bytes: [UInt8]
        package let code: ResponseCode
        /// `nil` where the question could not be read.
        package let type: RecordType?
    }

    package init(_ index: NamesIndex) { self.index = index }

    /// How many names are remembered.
    var rememberedCount: Int { known.count }

    /// Answers from another index from now on.
    package mutating func follow(_ index: NamesIndex) {
        guard index.generation != self.index.generation else { return }
        self.index = index
        known.removeAll(keepingCapacity: true)
        absent = 0
    }

    /// The answer to a message.
    ///
    /// - Returns: `nil` for what must not be answered: noise that has no header, and answers.
    package mutating func answer(_ message: [UInt8], by way: Way) -> Answer? {
        do throws(Query.Failure) {
            let query = try Query(message)
            return answer(query, by: way)
        } catch {
            switch error {
            case .unanswerable:
                return nil
            case .answered(let code, let header):
                return Answer(bytes: AnswerWriter(header, code).bytes, code: code, type: nil)
            }
        }
    }

    private mutating func answer(_ query: Query, by way: Way) -> Answer {
        var limit = Self.maximumBytes
        if case .udp(let payloadBytes) = way {
            let asked = query.extensions?.payloadBytes ?? Self.smallestPayloadBytes
            limit = min(max(asked, Self.smallestPayloadBytes), payloadBytes)
        }
        if query.extensions != nil { limit -= AnswerWriter.extensionBytes }
        var writer = AnswerWriter(query, limit: limit)
        let code: ResponseCode
        if let refusal = Self.refusal(of: query) {
            code = refusal
            writer.finish(code, answering: query.extensions)
        } else {
            let result = answerInZone(query, &writer)
            code = result.code
            writer.finish(
                code,
                flags: code == .refused || code == .serverFailure ? 0 : AnswerWriter.authoritative,
                isTruncated: !result.isWhole,
                answering: query.extensions
            )
        }
        return Answer(bytes: writer.bytes, code: code, type: query.type)
    }

    /// What is wrong with a question, whatever its name.
    private static func refusal(of query: Query) -> ResponseCode? {
        if let extensions = query.extensions, extensions.version != 0 { return .badVersion }
        // The class of the Internet, or any.
        guard query.questionClass == 1 || query.questionClass == 255 else { return .refused }
        if query.type == .axfr || query.type == .ixfr { return .refused }
        return nil
    }

    private mutating func find(_ name: DomainName) -> Memory {
        if let memory = known[name] { return memory }
        let memory = Memory(finding: index.find(name))
        if known.count >= Self.maximumKnown {
            known.removeAll(keepingCapacity: true)
            absent = 0
        }
        switch memory.finding {
        case .found: break
        case .missing:
            if absent == Self.maximumAbsent {
                known = known.filter { !$0.value.isAbsent }
                absent = 0
            }
            absent += 1
        // Nobody has reason to ask here for the names of others.
        case .foreign: return memory
        }
        known[name] = memory
        return memory
    }

    private mutating func answerInZone(
        _ query: Query,
        _ writer: inout AnswerWriter
    ) -> (code: ResponseCode, isWhole: Bool) {
        var name = query.name
        // Who takes the first of several records takes another one each time.
        let start = Int(query.id)
        for link in 0..<Self.maximumLinks {
            let memory = find(name)
            let isAsked = link == 0
            switch memory.finding {
            case .foreign:
                // A name that stands for another one is an answer; whoever asked goes on.
                return (isAsked ? .refused : .noError, true)
            case .missing(let authority):
                guard index.isWhole else { return (.serverFailure, true) }
                return (.nameError, deny(name, isAsked, authority, memory, &writer))
            case .found(let holding, let authority):
                if let set = holding.answering(query.type) {
                    let isWhole = writer.append(
                        set,
                        of: name,
                        in: .answer,
                        startingWith: start % set.entries.count
                    )
                    if isWhole { append(holding.glue(with: set), to: &writer) }
                    return (.noError, isWhole)
                }
                guard let alias = holding[.cname], case .name(let target)? = alias.entries.first
                else { return (.noError, deny(name, isAsked, authority, memory, &writer)) }
                guard writer.append(alias, of: name, in: .answer) else { return (.noError, false) }
                name = target
            }
        }
        return (.noError, true)
    }

    /// Glue is sent as far as there is room for it; nobody needs to ask again for its sake.
    private func append(
        _ glue: [(name: DomainName, set: RecordSet)],
        to writer: inout AnswerWriter
    ) {
        for (name, set) in glue {
            guard writer.append(set, of: name, in: .additional) else { return }
        }
    }

    /// Writes what says that there is nothing: once for each name that is asked for, and from then
    /// on as it was.
    private mutating func deny(
        _ name: DomainName,
        _ isAsked: Bool,
        _ authority: DomainName,
        _ memory: Memory,
        _ writer: inout AnswerWriter
    ) -> Bool {
        if isAsked, let denial = memory.denial { return writer.append(authority: denial) }
        let start = writer.bytes.count
        guard writer.append(index.authority, of: authority, in: .authority) else { return false }
        // Its pointers lead into the question, which is always at the same place.
        if isAsked { known[name]?.denial = Array(writer.bytes[start...]) }
        return true
    }
}

extension Holding {
    /// The set that answers a question of a type: for ANY the first one there is (RFC 8482,
    /// section 4.1).
    fileprivate func answering(_ type: RecordType) -> RecordSet? {
        type == .any ? sets.first : self[type]
    }

    /// What comes along with a set: only records that lead somewhere have any.
    fileprivate func glue(with set: RecordSet) -> [(name: DomainName, set: RecordSet)] {
        set.type == .srv || set.type == .ns ? glue : []
    }
}
