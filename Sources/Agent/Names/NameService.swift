import Host
import Names
import Vocabulary

/// Answers questions about names on one thread.
struct NameService: DatagramAnswerer {
    private let desk: NameDesk
    private let way: Responder.Way
    private var responder: Responder
    private var tally = NameTally()

    init(desk: NameDesk, way: Responder.Way) {
        self.desk = desk
        self.way = way
        responder = Responder(desk.latest)
    }

    mutating func beginTurn() {
        if let index = desk.index(after: responder.index.generation) { responder.follow(index) }
    }

    mutating func answer(_ message: [UInt8]) -> [UInt8]? {
        let begun = MonotonicClock.now()
        let answer = responder.answer(message, by: way)
        tally.count(answer, after: (MonotonicClock.now() - begun).seconds)
        return answer?.bytes
    }

    mutating func endTurn() {
        desk.add(tally)
        tally = NameTally()
    }
}
