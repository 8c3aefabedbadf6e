import ServiceLifecycle

/// A long-lived part of the agent, as ServiceLifecycle runs it.
struct Part: Service {
    private let body: @Sendable () async throws -> Void
    private let onShutdown: (@Sendable () -> Void)?
    private let keepsItsOwnEnd: Bool
    private let endsAll: Bool

    /// - Parameters:
    ///   - keepsItsOwnEnd: Whether the body itself notices a graceful shutdown.
    ///   - endsAll: Whether the agent ends in good order when this part does.
    ///   - body: What it does.
    ///   - onShutdown: Makes the body end by itself; without it the body is cancelled.
    init(
        keepsItsOwnEnd: Bool = false,
        endsAll: Bool = false,
        _ body: @escaping @Sendable () async throws -> Void,
        onShutdown: (@Sendable () -> Void)? = nil
    ) {
        self.body = body
        self.onShutdown = onShutdown
        self.keepsItsOwnEnd = keepsItsOwnEnd
        self.endsAll = endsAll
    }

    /// The part as its group takes it.
    var configured: ServiceGroupConfiguration.ServiceConfiguration {
        endsAll
            ? .init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)
            : .init(service: self)
    }

    func run() async throws {
        if keepsItsOwnEnd {
            try await body()
        } else if let onShutdown {
            try await withGracefulShutdownHandler(operation: body, onGracefulShutdown: onShutdown)
        } else {
            do {
                try await cancelWhenGracefulShutdown { [body] in try await body() }
            } catch is CancellationError {
                // That is how it ends.
            }
        }
    }
}
