import ControlAPI
import Host

/// What went through the gossip socket since the start.
struct Traffic: Sendable {
    var packetsSent = 0
    var packetsReceived = 0
    var bytesSent = 0
    var bytesReceived = 0
    /// Came and were dropped, by reason.
    var dropped: [String: Int] = [:]
    /// Were to be sent and are not, by reason.
    var unsent: [String: Int] = [:]
    /// Sent, and turned away at their end, by the word of ICMP.
    var refused = 0
    /// Sent, and lost on the way, by the word of ICMP.
    var unreachable = 0
    /// What the kernel keeps for us while we are busy.
    var receiveBufferBytes = 0
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

extension Traffic {
    init(_ counters: UDPSocket.Counters, receiveBufferBytes: Int) {
        packetsSent = counters.sent
        packetsReceived = counters.received
        bytesSent = counters.sentBytes
        bytesReceived = counters.receivedBytes
        dropped = [
            "kernel": counters.droppedByKernel, "behind": counters.droppedFull,
            "long": counters.droppedTooLong,
        ]
        unsent = [
            "full": counters.unsentFull, "unreachable": counters.unsentUnreachable,
            "filtered": counters.unsentFiltered, "other": counters.unsentOther,
        ]
        refused = counters.refused
        unreachable = counters.unreachable
        self.receiveBufferBytes = receiveBufferBytes
    }
}
