/// Three authors and two services, and what each author does in turn: so little that every order
/// in which the others can hear of it is tried.
///
/// What is delivered is a *word*: all records that one act made, as they would share a datagram.
/// A word may reach each of the others at any time after it was said, or never before the end, or
/// again after it was heard: a store that hears it twice does not change, so that is tried too.
package struct SmallWorld: Sendable {
    package let name: String
    /// What each author does, in its order.
    let acts: [[Act]]
    /// Whether both services would rather have one and the same address.
    let collides: Bool

    /// What an author may do; services are numbers.
    enum Act: Hashable, Sendable {
        case declare(Int)
        case withdraw(Int)
        /// Claims another place where the first one is lost.
        case reclaim(Int)
        /// Begins anew: everything in slots of a new incarnation, the HEAD last.
        case restart
    }

    package static let all: [SmallWorld] = [
        SmallWorld(
            name: "two services, two authors, one first choice: the loser goes elsewhere",
            acts: [[.declare(0), .reclaim(0)], [.declare(1), .reclaim(1)], []],
            collides: true
        ),
        SmallWorld(
            name: "one service of two authors, one of whom leaves it",
            acts: [[.declare(0), .withdraw(0)], [.declare(0), .reclaim(0)], [.declare(1)]],
            collides: false
        ),
        SmallWorld(
            name: "declared, deleted, and declared again",
            acts: [[.declare(0), .withdraw(0), .declare(0)], [.declare(1)], []],
            collides: true
        ),
        SmallWorld(
            name: "an author restarts while another one claims",
            acts: [[.declare(0), .restart, .withdraw(0)], [.declare(1), .reclaim(1)], []],
            collides: true
        ),
        SmallWorld(
            name: "three authors, one name, and one of them restarts",
            acts: [[.declare(0)], [.declare(0), .restart], [.declare(0)]],
            collides: false
        ),
    ]
}
