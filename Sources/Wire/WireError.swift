package import Registry

/// Why a datagram is not taken.
///
/// The sender is a stranger until the seal is open, so this is a value, counted by its label, and
/// never a trap.
package enum WireError: Error, Hashable, Sendable {
    /// Longer than any datagram of this protocol.
    case oversized
    /// Another version of the protocol: the number it says.
    case version(UInt8)
    /// Neither hello nor sealed.
    case form
    /// The bytes are no datagram; where they stop making sense.
    case format(FormatError)
    /// A hello whose filter tag is not of this cluster.
    case stranger
    /// A sealed datagram that our key for its sender does not open.
    case seal
    /// Sealed by someone whose HEAD is not here.
    case unknownSender
    /// Older than what its sender has sent since.
    case replay
    /// From ourselves: a loop, or another machine with our key.
    case ownEcho

    /// Few, fixed words: the label of the metric.
    package var label: String {
        switch self {
        case .oversized, .form, .format: "malformed"
        case .version: "version"
        case .stranger: "cluster"
        case .seal: "seal"
        case .unknownSender: "unknown_key"
        case .replay: "replay"
        case .ownEcho: "own_echo"
        }
    }
}
