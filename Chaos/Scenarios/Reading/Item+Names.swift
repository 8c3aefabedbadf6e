import Registry
import Simulation
import Vocabulary

/// Names of things that the simulator or the registry knows.
extension Item {
    /// A rare state, as the simulator counts it.
    func mark() throws(ScenarioMistake) -> String {
        let text = try text()
        guard World.knownMarks.contains(text) else {
            let all = World.knownMarks.joined(separator: ", ")
            throw mistake("\"\(text)\" is no mark; the marks are: \(all)")
        }
        return text
    }

    /// One way in which a machine gone bad is bad.
    func mischief() throws(ScenarioMistake) -> String {
        let text = try text()
        guard World.knownMischiefs.contains(text) else {
            let all = World.knownMischiefs.joined(separator: ", ")
            throw mistake("\"\(text)\" is no mischief; what is: \(all)")
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
