import ControlAPI

/// Lines of a watch as text: the burst as one table, and a row under it for each change.
struct WatchPrinter {
    let format: OutputFormat
    let headings: Bool
    /// Whether it says what happened, or only what is now.
    let showsEvents: Bool
    /// Whether all namespaces are watched: then names say theirs.
    let isOfAll: Bool
    /// What waits for the end of the burst; `nil` after it.
    private var burst: [WatchLine]? = []
    private var widths: [Int] = []

    init(format: OutputFormat, headings: Bool, showsEvents: Bool, isOfAll: Bool = false) {
        self.format = format
        self.headings = headings
        self.showsEvents = showsEvents
        self.isOfAll = isOfAll
    }

    /// What is to be printed now that a line came; `nil` where it is nothing.
    ///
    /// - Throws: `Failure` where something cannot be written as YAML.
    mutating func text(of line: WatchLine) throws(Failure) -> String? {
        switch format {
        case .json where showsEvents: return String(decoding: line.bytes.dropLast(), as: UTF8.self)
        case .json: return line.object.map { Rendering.json($0) }
        case .yaml:
            guard line.object != nil else { return nil }
            let text = showsEvents ? try Rendering.yaml(line) : try Rendering.yaml(line.object)
            return "---\n\(text)"
        case .name: return line.object.map(reference)
        case .jsonpath(let path) where showsEvents: return path.text(of: line)
        case .jsonpath(let path): return line.object.map { path.text(of: $0) }
        case .table, .wide: return row(of: line)
        }
    }

    private mutating func row(of line: WatchLine) -> String? {
        // A line with a revision is no part of a burst; one begins anew after a restart.
        if line.type == .added, line.rev == nil {
            burst = (burst ?? []) + [line]
            return nil
        }
        if line.initialEventsEnd == true {
            let lines = burst ?? []
            burst = nil
            return lines.isEmpty ? nil : text(of: lines, headings: headings)
        }
        guard line.object != nil else { return nil }
        return text(of: [line], headings: headings && widths.isEmpty)
    }

    private mutating func text(of lines: [WatchLine], headings: Bool) -> String {
        var all: [[String]] = []
        for line in lines {
            guard let object = line.object else { continue }
            let table = table(of: object)
            let first = showsEvents ? ["EVENT"] : []
            if all.isEmpty, headings { all.append(first + table.columns) }
            all += table.rows.map { (showsEvents ? [line.type.rawValue] : []) + $0 }
        }
        for row in all {
            if widths.isEmpty {
                widths = row.map { _ in 0 }
                // The longest word of its column, so that later rows do not stand out of line.
                if showsEvents { widths[0] = WatchLine.Kind.modified.rawValue.count }
            }
            widths = zip(widths, row).map { max($0, $1.count) }
        }
        return all.map { row in
            let last = row.count - 1
            return row.enumerated().map { column, word in
                let gap = column < last ? widths[column] - word.count + 2 : 0
                return word + String(repeating: " ", count: gap)
            }
            .joined()
        }
        .joined(separator: "\n")
    }

    private func table(of object: WatchObject) -> TextTable {
        let isWide = format == .wide
        return switch object {
        case .service(let service): ServiceListing(ObjectList([service])).table(isWide: isWide)
        case .slice(let slice): EndpointListing(ObjectList([slice])).table(isWide: isWide)
        case .node(let node): NodeListing(ObjectList([node])).table(isWide: isWide)
        case .member(let member): MemberList([member]).table(isWide: isWide)
        }
    }

    private func reference(to object: WatchObject) -> String {
        let reference =
            switch object {
            case .service(let service): ObjectReference(service)
            case .slice(let slice): ObjectReference(slice)
            case .node(let node): ObjectReference(node)
            case .member(let member): ObjectReference(member)
            }
        return reference.text(isQualified: isOfAll)
    }
}
