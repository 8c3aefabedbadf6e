import Registry
import Simulation
import Vocabulary

/// Names of things that the simulator or the registry knows.
extension Item {
    /// A rare state, as the simulator counts it.
    func mark() throws(ScenarioMistake) -> String {
        try known(World.knownMarks, "is no mark; the marks are")
    }

    /// One way in which a machine gone bad is bad.
    func mischief() throws(ScenarioMistake) -> String {
        try known(World.knownMischiefs, "is no mischief; what is")
    }

    private func known(_ all: [String], _ complaint: String) throws(ScenarioMistake) -> String {
        let text = try text()
        guard all.contains(text) else {
            throw mistake("\"\(text)\" \(complaint): \(all.joined(separator: ", "))")
        }
        return text
    }

    /// A service of the namespace `default`.
    func serviceName() throws(ScenarioMistake) -> String {
        let text = try text()
        guard ServiceName(namespace: "default", name: text) != nil else {
            throw mistake("\"\(text)\" is no name of a service")
        }
        return text
    }
}
