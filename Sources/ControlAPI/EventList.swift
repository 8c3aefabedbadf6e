package import Vocabulary

/// What happened to services as one agent saw it, oldest first.
package struct EventList: Codable, Hashable, Sendable {
    package private(set) var kind = "EventList"
    package private(set) var apiVersion = "grapevine/v1"
    package let items: [ServiceEvent]

    package init(_ items: [ServiceEvent]) { self.items = items }
}

/// Something that happened to a service, in words like those of a Kubernetes event.
package struct ServiceEvent: Codable, Hashable, Sendable {
    /// When it happened, or happened last, by the agent's clock: `2026-11-22T19:11:27.042Z`.
    package let time: String
    /// How long ago that was when the agent was asked, by the same clock.
    package let secondsAgo: Double
    /// `Service`.
    package let kind: String
    package let namespace: String
    package let name: String
    /// `Normal` or `Warning`.
    package let type: String
    /// One word for programs: `AddressAssigned`.
    package let reason: String
    /// A sentence for people.
    package let message: String
    /// How often just this happened, while the agent remembers it.
    package let count: Int

    package init(
        at time: WallTime,
        asked now: WallTime,
        kind: String = "Service",
        service: ServiceName,
        isWarning: Bool,
        reason: String,
        message: String,
        count: Int
    ) {
        self.time = time.timestamp
        let age = now > time ? now.milliseconds - time.milliseconds : 0
        secondsAgo = Double(age) / 1000
        self.kind = kind
        namespace = service.namespace
        name = service.name
        type = isWarning ? "Warning" : "Normal"
        self.reason = reason
        self.message = message
        self.count = count
    }
}
