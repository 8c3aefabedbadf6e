import ControlAPI

/// What went through the gossip socket since the start.
struct Traffic: Sendable {
    var packetsSent = 0
    var packetsReceived = 0
    var bytesSent = 0
    var bytesReceived = 0
    /// Came, and found no room or was too long.
    var packetsDropped = 0
}

extension StatusReply.Gossip {
    init(_ traffic: Traffic) {
        self.init()
        packetsSent = traffic.packetsSent
        packetsReceived = traffic.packetsReceived
        bytesSent = traffic.bytesSent
        bytesReceived = traffic.bytesReceived
    }
}
