/// The JSON Schemas of replies, found by watching how each type reads itself: so they can say
/// nothing that the types do not.
///
/// A type that asks for a field with `decode` requires it, one that asks with `decodeIfPresent`
/// takes it or leaves it. Fields may be added to replies, so nothing forbids others.
final class SchemaBook {
    /// By the name that `$ref` uses.
    private(set) var schemas: [String: JSONValue] = [:]

    /// The schema of a type; objects are kept under their names and referred to.
    func schema(of type: any Decodable.Type) -> JSONValue { sketch(type).schema }

    /// A schema, and some value of the type, so that whoever reads it can go on.
    fileprivate func sketch<Value: Decodable>(_ type: Value.Type) -> (schema: JSONValue, Value?) {
        if let (schema, value) = Self.plain(type) { return (schema, value as? Value) }
        if type == ServiceObject.TargetPort.self {
            let schema: JSONValue = ["type": ["integer", "string"]]
            return (schema, ServiceObject.TargetPort.number(0) as? Value)
        }
        if let list = type as? any ListReply.Type {
            let items = schema(of: list.elementType)
            return (["type": "array", "items": items], list.nothing as? Value)
        }
        if let map = type as? any MapReply.Type {
            let values = schema(of: map.valueType)
            return (["type": "object", "additionalProperties": values], map.nothing as? Value)
        }
        if let words = type as? any CaseIterable.Type {
            let all = Self.cases(of: words)
            let texts = all.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
            if !texts.isEmpty {
                let schema: JSONValue = ["type": "string", "enum": .list(texts.map { .text($0) })]
                return (schema, all.first as? Value)
            }
        }
        return object(type)
    }

    private func object<Value: Decodable>(_ type: Value.Type) -> (schema: JSONValue, Value?) {
        let name = Self.name(of: type)
        let reader = FieldReader(book: self)
        let value = try? Value(from: reader)
        var schema: [String: JSONValue] = ["type": "object"]
        schema["properties"] = .object(reader.fields)
        let required = reader.fields.keys.filter { !reader.optional.contains($0) }.sorted()
        if !required.isEmpty { schema["required"] = .list(required.map { .text($0) }) }
        schemas[name] = .object(schema)
        return (["$ref": .text("#/components/schemas/\(name)")], value)
    }

    private static func plain(_ type: any Decodable.Type) -> (JSONValue, any Decodable)? {
        let whole: (any BinaryInteger & Decodable)? =
            switch type {
            case is Int.Type: Int(0)
            case is UInt64.Type: UInt64(0)
            case is UInt8.Type: UInt8(0)
            case is UInt16.Type: UInt16(0)
            case is UInt32.Type: UInt32(0)
            default: nil
            }
        if let whole { return (["type": "integer"], whole) }
        return switch type {
        case is String.Type: (["type": "string"], "")
        case is Bool.Type: (["type": "boolean"], false)
        case is Double.Type: (["type": "number"], Double(0))
        default: nil
        }
    }

    private static func cases<Word: CaseIterable>(of _: Word.Type) -> [Any] { Array(Word.allCases) }

    /// `ControlAPI.ObjectList<ControlAPI.NodeObject>` is called `ObjectList.NodeObject`.
    private static func name(of type: Any.Type) -> String {
        String(reflecting: type).replacing("ControlAPI.", with: "").replacing("<", with: ".")
            .replacing(">", with: "")
    }
}

/// Gives whoever decodes something, and notes what was asked for.
private final class FieldReader: Decoder {
    let book: SchemaBook
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]
    var fields: [String: JSONValue] = [:]
    var optional: Set<String> = []

    init(book: SchemaBook) { self.book = book }

    func container<Key: CodingKey>(keyedBy _: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Fields(reader: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Unreadable() }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Unreadable() }
}

/// A reply that reads itself in a way that no schema here describes.
private struct Unreadable: Error {}

private struct Fields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let reader: FieldReader
    let codingPath: [any CodingKey] = []
    let allKeys: [Key] = []

    /// Only `decodeIfPresent` asks this.
    func contains(_ key: Key) -> Bool {
        reader.optional.insert(key.stringValue)
        return true
    }

    func decodeNil(forKey _: Key) -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let (schema, value) = reader.book.sketch(type)
        let isOptional = reader.optional.contains(key.stringValue)
        reader.fields[key.stringValue] =
            isOptional ? ["anyOf": [schema, ["type": "null"]]] : schema
        guard let value else { throw Unreadable() }
        return value
    }

    func nestedContainer<Other: CodingKey>(
        keyedBy _: Other.Type,
        forKey _: Key
    ) throws -> KeyedDecodingContainer<Other> { throw Unreadable() }

    func nestedUnkeyedContainer(forKey _: Key) throws -> any UnkeyedDecodingContainer {
        throw Unreadable()
    }

    func superDecoder() throws -> any Decoder { throw Unreadable() }
    func superDecoder(forKey _: Key) throws -> any Decoder { throw Unreadable() }
}

private protocol ListReply {
    static var elementType: any Decodable.Type { get }
    static var nothing: Any { get }
}

extension Array: ListReply where Element: Decodable {
    fileprivate static var elementType: any Decodable.Type { Element.self }
    fileprivate static var nothing: Any { Self() }
}

private protocol MapReply {
    static var valueType: any Decodable.Type { get }
    static var nothing: Any { get }
}

extension Dictionary: MapReply where Key == String, Value: Decodable {
    fileprivate static var valueType: any Decodable.Type { Value.self }
    fileprivate static var nothing: Any { Self() }
}
