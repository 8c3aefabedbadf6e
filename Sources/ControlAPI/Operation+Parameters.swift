/// Parameters in few words.
extension Operation.Parameter {
    static func inPath(_ name: String, _ words: String) -> Self {
        Self(name: name, form: .text, words: words, isInPath: true, isRequired: true)
    }

    static func query(
        _ name: String,
        _ form: Form,
        _ words: String,
        isRequired: Bool = false,
        repeats: Bool = false
    ) -> Self {
        Self(name: name, form: form, words: words, isRequired: isRequired, repeats: repeats)
    }

    static let namespaceChoice = query(
        Route.namespaceChoice,
        .label,
        "only this namespace"
    )
}
