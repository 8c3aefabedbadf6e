import ControlAPI

/// A list that can be shown in every format.
protocol Listing: Encodable {
    associatedtype Item: Encodable
    var items: [Item] { get }

    /// A line for each item, or for each thing in it; wide with the columns that few need.
    func table(isWide: Bool) -> TextTable
    /// What `-o name` prints for an item.
    func reference(to item: Item) -> ObjectReference
}

extension Listing {
    /// The list in a format.
    ///
    /// Where only one was asked for by name, JSON and YAML hold the item itself, and no list.
    ///
    /// - Parameters:
    ///   - format: As it was asked for.
    ///   - headings: Whether tables have some.
    ///   - onlyOne: Whether one was asked for by name.
    ///   - isOfAll: Whether it is of all namespaces: then names say theirs.
    /// - Returns: Without the end of the last line.
    /// - Throws: `Failure` where it cannot be written as YAML.
    func text(
        _ format: OutputFormat,
        headings: Bool,
        onlyOne: Bool = false,
        isOfAll: Bool = false
    ) throws(Failure) -> String {
        switch format {
        case .table, .wide:
            return items.isEmpty ? "" : table(isWide: format == .wide).text(headings: headings)
        case .name:
            return items.map { reference(to: $0).text(isQualified: isOfAll) }
                .joined(separator: "\n")
        case .json:
            if onlyOne, items.count == 1 { return Rendering.json(items[0]) }
            return Rendering.json(self)
        case .yaml:
            if onlyOne, items.count == 1 { return try Rendering.yaml(items[0]) }
            return try Rendering.yaml(self)
        case .jsonpath(let path):
            if onlyOne, items.count == 1 { return path.text(of: items[0]) }
            return path.text(of: self)
        }
    }
}
