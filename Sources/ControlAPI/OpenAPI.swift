/// The operations as OpenAPI 3.1 documents.
package enum OpenAPI {
    /// What the Unix socket answers: everything.
    package static let document = make(Operation.all, socket)
    /// What the TCP port answers.
    package static let readersDocument = make(Operation.all.filter { $0.method == .get }, port)

    private static let socket: JSONValue = [
        "url": "http://localhost",
        "description": .text("the Unix socket, by default \(Route.defaultSocket)"),
    ]
    private static let port: JSONValue = [
        "url": .text("http://\(Route.defaultPort)"),
        "description": "where --http says; the Unix socket has more",
    ]

    private static func make(_ operations: [Operation], _ server: JSONValue) -> JSONValue {
        let book = SchemaBook()
        let problem = book.schema(of: Problem.self)
        let line = watchLine(book)
        var paths: [String: [String: JSONValue]] = [:]
        for operation in operations {
            let method = operation.method.rawValue.lowercased()
            paths[operation.path, default: [:]][method] = describe(operation, book, line, problem)
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Grapevine", "version": .text(Version.current),
                "description": "What the agent of one machine answers.",
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [server],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": ["schemas": .object(book.schemas), "headers": headers],
        ]
    }

    private static func describe(
        _ operation: Operation,
        _ book: SchemaBook,
        _ line: JSONValue,
        _ problem: JSONValue
    ) -> JSONValue {
        var fields: [String: JSONValue] = [
            "operationId": .text(operation.id.rawValue), "summary": .text(operation.summary),
        ]
        if !operation.isReading {
            fields["description"] = .text(
                "Only over the Unix socket, for root and the group \(Route.adminGroup)."
            )
        }
        if !operation.parameters.isEmpty {
            fields["parameters"] = .list(operation.parameters.map(describe))
        }
        if let body = operation.body {
            fields["requestBody"] = [
                "required": true, "description": .text(body.words),
                "content": .object([body.contentType: ["schema": ["type": "string"]]]),
            ]
        }
        var responses: [String: JSONValue] = [
            "200": [
                "description": "All is well.", "headers": headerReferences,
                "content": content(of: operation.reply, book, line),
            ]
        ]
        let codes = operation.problems + anyRequest(operation)
        for status in Set(codes.map(\.status)) {
            let words = codes.filter { $0.status == status }.map(\.rawValue)
            responses["\(status)"] = [
                "description": .text("code: " + Set(words).sorted().joined(separator: ", ")),
                "headers": headerReferences,
                "content": .object([Problem.contentType: ["schema": problem]]),
            ]
        }
        fields["responses"] = .object(responses)
        return .object(fields)
    }

    /// What may come back whatever is asked.
    private static func anyRequest(_ operation: Operation) -> [Problem.Code] {
        [
            .badRequest, .malformedRequest, .forbidden, .methodNotAllowed, .bodyTooSlow,
            .bodyTooLarge, .headTooLong, .notReady, .machineFailed, .unknownVersion,
        ]
    }

    private static func content(
        of reply: Operation.Reply,
        _ book: SchemaBook,
        _ line: JSONValue
    ) -> JSONValue {
        switch reply {
        case .object(let type):
            .object([JSON.contentType: ["schema": book.schema(of: type)]])
        case .lines:
            .object([
                JSON.linesContentType: [
                    "schema": ["type": "string", "description": "one WatchLine a line"],
                    "x-line-schema": line,
                ]
            ])
        case .text(let contentTypes):
            .object(
                Dictionary(
                    uniqueKeysWithValues: contentTypes.map { ($0, ["schema": ["type": "string"]]) }
                )
            )
        case .json(let words):
            .object([
                JSON.contentType: ["schema": ["type": "object", "description": .text(words)]]
            ])
        }
    }

    /// Its object is one of four, which is more than its type shows when it reads itself.
    private static func watchLine(_ book: SchemaBook) -> JSONValue {
        let objects = [
            book.schema(of: ServiceObject.self), book.schema(of: EndpointSliceObject.self),
            book.schema(of: Member.self), book.schema(of: NodeObject.self),
        ]
        return [
            "type": "object", "required": ["type"],
            "properties": [
                "type": book.schema(of: WatchLine.Kind.self), "rev": ["type": "integer"],
                "initialEventsEnd": ["type": "boolean"], "object": ["anyOf": .list(objects)],
                "cause": book.schema(of: WatchLine.Cause.self), "origin": ["type": "string"],
                "code": ["type": "string"], "hint": ["type": "string"],
            ],
        ]
    }

    private static func describe(_ parameter: Operation.Parameter) -> JSONValue {
        var schema = parameter.form.schema
        if parameter.repeats { schema = ["type": "array", "items": schema] }
        return [
            "name": .text(parameter.name), "in": parameter.isInPath ? "path" : "query",
            "required": .boolean(parameter.isRequired), "description": .text(parameter.words),
            "schema": schema,
        ]
    }

    private static let headers: JSONValue = .object([
        Route.revisionHeader: [
            "description":
                "How much this agent saw happen in this run, just before it answered: a watch from there misses nothing.",
            "schema": ["type": "integer"],
        ],
        Route.digestHeader: [
            "description":
                "Equal on two agents that see the same; `none` before one sees anything.",
            "schema": ["type": "string"],
        ],
    ])

    private static let headerReferences: JSONValue = .object(
        Dictionary(
            uniqueKeysWithValues: [Route.revisionHeader, Route.digestHeader].map {
                ($0, ["$ref": .text("#/components/headers/\($0)")])
            }
        )
    )
}

extension Operation.Parameter.Form {
    fileprivate var schema: JSONValue {
        switch self {
        case .text: ["type": "string"]
        case .label: ["type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"]
        case .boolean: ["type": "boolean"]
        case .word(let words): ["type": "string", "enum": .list(words.map { .text($0) })]
        case .integer(let range):
            [
                "type": "integer", "minimum": .integer(range.lowerBound),
                "maximum": .integer(range.upperBound),
            ]
        case .number(let limit):
            ["type": "number", "exclusiveMinimum": 0, "maximum": .number(limit)]
        }
    }
}
