import BenchWorld
import Simulation
import Vocabulary
import Wire

/// What the nodes of a world say to each other, frame by frame.
final class Chatter {
    private var bytes: [String: Int] = [:]
    private var counts: [String: Int] = [:]

    /// Takes a packet into account; `nil` where it is a hello, or nobody could open it.
    func hear(_ packet: SealedPacket?, length: Int) {
        guard let packet else { return note("hello", length) }
        var rest = length
        for frame in packet.frames {
            // A case without its values is the name of the frame.
            let name = String(String(describing: frame).prefix { $0.isLetter })
            note(name, frame.encodedLength)
            rest -= frame.encodedLength
        }
        note("packet", rest)
    }

    private func note(_ name: String, _ length: Int) {
        bytes[name, default: 0] += length
        counts[name, default: 0] += 1
    }

    /// Prints what a node said a second, by frame; `packet` is what surrounds frames.
    func show(nodes: Int, seconds: Int) {
        let all = Double(nodes * seconds)
        for name in bytes.keys.sorted() {
            let rate = Double(counts[name] ?? 0) / all
            Figure.told("\(name): bytes a node and second", "B", is: Double(bytes[name] ?? 0) / all)
                .show()
            Figure.told("\(name): how many", "/s", is: rate).show()
        }
    }
}
