import ArgumentParser
import ControlAPI
import Foundation
import Manifests
import Registry
import Vocabulary

/// The files of `-f`, read and checked before the agent hears of any of them.
struct ManifestSources: ParsableArguments {
    @Option(
        name: [.customShort("f"), .customLong("filename")],
        help: ArgumentHelp(
            "A manifest, a directory of *.yaml, *.yml and *.json, or - for standard input.",
            valueName: "file"
        )
    )
    var files: [String] = []

    /// One text, and what it declares.
    struct Source: Hashable, Sendable {
        let file: String
        let text: String
        var items: [Manifest.Item] = []
    }

    /// Reads them all.
    ///
    /// - Throws: `Failure` with every mistake in every file; nothing has been sent then.
    func read(
        _ namespace: NamespaceOption,
        _ environment: [String: String]
    ) throws(Failure) -> [Source] {
        var sources: [Source] = []
        for file in files { sources += try Self.read(file) }
        var mistakes: [String] = []
        var objects = 0
        for index in sources.indices {
            let source = sources[index]
            do {
                let manifest = try Manifest(
                    parsing: source.text,
                    file: source.file,
                    namespace: namespace.name(in: environment)
                )
                objects += manifest.items.count
                sources[index].items = manifest.items
                // Who says -n and is not heeded would look for the object in vain.
                for item in manifest.items {
                    guard let asked = namespace.namespace, item.namespace != asked else { continue }
                    mistakes.append(
                        "\(source.file):\(item.line): metadata.namespace: is \(item.namespace), "
                            + "and -n says \(asked); leave one of the two out"
                    )
                }
            } catch {
                mistakes += error.problems.map(\.description)
            }
        }
        guard mistakes.isEmpty else {
            throw Failure(.failed, "nothing was changed.", mistakes: mistakes)
        }
        if objects == 0, !files.isEmpty {
            throw Failure(.failed, "there is no object in \(files.joined(separator: ", ")).")
        }
        return sources
    }

    private static func read(_ file: String) throws(Failure) -> [Source] {
        if file == "-" {
            return [try source("-", FileHandle.standardInput.readDataToEndOfFile())]
        }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory) else {
            throw Failure(.failed, "there is no file \(file).")
        }
        guard isDirectory.boolValue else { return [try source(file, contents(of: file))] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: file) else {
            throw Failure(.failed, "the directory \(file) cannot be read.")
        }
        let manifests = names.sorted().filter { name in
            [".yaml", ".yml", ".json"].contains { name.hasSuffix($0) } && !name.hasPrefix(".")
        }
        guard !manifests.isEmpty else {
            throw Failure(.failed, "there is no *.yaml, *.yml or *.json in \(file).")
        }
        var sources: [Source] = []
        for name in manifests {
            let path = file.hasSuffix("/") ? file + name : "\(file)/\(name)"
            sources.append(try source(path, contents(of: path)))
        }
        return sources
    }

    /// Reads to the end, whatever it is: a file, a pipe, `/dev/fd/63` of `<(…)`.
    private static func contents(of file: String) throws(Failure) -> Data {
        do {
            let handle = try FileHandle(forReadingFrom: URL(filePath: file))
            defer { try? handle.close() }
            return try handle.readToEnd() ?? Data()
        } catch {
            throw Failure(.failed, "\(file) cannot be read: \(error.plainWords).")
        }
    }

    private static func source(_ file: String, _ data: Data) throws(Failure) -> Source {
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Failure(.failed, "\(file) is not UTF-8.")
        }
        return Source(file: file, text: text)
    }
}

extension Error {
    /// What the system says, without what Foundation writes around it.
    fileprivate var plainWords: String {
        let error = self as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        guard cause.domain == NSPOSIXErrorDomain else { return error.localizedDescription }
        return String(cString: strerror(CInt(cause.code)))
    }
}

extension Manifest.Item {
    fileprivate var namespace: String {
        switch declaration {
        case .service(let name, _): name.namespace
        case .endpoints(let set): set.service.namespace
        }
    }
}

extension ManifestSources.Source {
    /// The request that hands the text to the agent.
    func request(_ path: String, namespace: String) -> AgentRequest {
        AgentRequest(
            method: "POST",
            path: path,
            query: [
                AgentRequest.Query(name: Route.namespaceQuery, value: namespace),
                AgentRequest.Query(name: Route.fileQuery, value: file),
            ],
            contentType: Route.manifestContentType,
            body: Array(text.utf8)
        )
    }
}
