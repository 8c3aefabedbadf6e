package import Registry
package import Vocabulary

/// Everything a node is told by the world outside it.
package enum Event: Sendable {
    /// Bytes came from an address; both may be anybody's.
    case datagram([UInt8], from: PeerAddress)
    /// Time has reached `nextDeadline`. An early or repeated one is harmless.
    case deadline
    /// What the wall clock says now. The node goes on counting from there.
    case wallClock(WallTime)
    /// Where the configured peers are now, as names were resolved just now.
    case seeds([PeerAddress])
    /// Somebody on this machine wants something; the answer is an effect with the same ticket.
    case command(Command, Ticket)
    /// Nobody listens at this address: its machine, or somebody on the way, answered what was sent
    /// there with "port unreachable".
    case unreachable(PeerAddress)
    /// The incarnation that `Effect.secure` asked for is on disk: from now on it may sign.
    case secured(UInt64)
}

/// Ties an answer to the command it answers.
package struct Ticket: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// What people and files on this machine can ask of the node.
package indirect enum Command: Sendable {
    /// Wish for a service, or change the wish.
    case declare(ServiceName, ServiceSpec, takeOwnership: Bool)
    /// Drop this node's wish for a service.
    case withdraw(ServiceName)
    /// Offer endpoints; a set of the same service and slice is replaced.
    case offer(EndpointSet)
    /// Stop offering a slice of a service.
    case retire(ServiceName, slice: String)
    /// All of these or none: where one is refused, nothing has changed.
    case together([Command])
    /// Say which members hold what this node signed in the last seconds; the answer comes when all
    /// do, or after so long at the latest.
    case confirm(within: Duration)
    /// Say goodbye: this node's endpoints are withdrawn, and once flows had time to end, the others
    /// are told not to expect it any more. The answer comes then; the node stays silent afterwards.
    case leave
    /// Say why a member counts as it does.
    case explain(NodeID)
    /// Believe something that a root signed.
    case load(TrustDocument)
}

/// What a root signs and people carry to an agent.
package enum TrustDocument: Hashable, Sendable {
    /// A REVOKE or a CLUSTER record: it is for everybody.
    case record(Record)
    /// A later certificate of this very node.
    case certificate(Certificate)
}

/// What came of a command.
package indirect enum Outcome: Hashable, Sendable {
    /// The wish is signed and on its way. `change` says what it was before.
    case declared(change: Change, ServiceView)
    case withdrawn(stillDeclaredBy: [NodeID])
    case offered(change: Change)
    case left
    /// Why a member counts as it does.
    case explained(MemberCase)
    /// What was to be believed is; `isNews` says whether it was not known before.
    case loaded(isNews: Bool)
    case spread(Spread)
    /// One for each command; where one is refused, none was carried out.
    case together([Outcome])
    case refused(CommandRefusal)

    package enum Change: String, Hashable, Sendable {
        case created, configured, unchanged
    }
}

/// Why a command is not carried out; nothing has changed.
package enum CommandRefusal: Hashable, Sendable {
    /// The cluster's settings are not known yet.
    case notReady
    /// Another machine runs under this node's key, and this one fell silent.
    case stopped
    /// This node is leaving, or has left.
    case leaving
    /// The spec contradicts itself; the words say how.
    case invalid(String)
    /// The node's certificate does not cover the namespace.
    case namespace(String)
    /// The node's certificate does not cover an endpoint's address.
    case address(IPAddress, owner: NodeID?)
    /// The fixed address lies outside the service range, or is kept back there.
    case outsideRange(IPAddress, CIDR)
    /// The fixed address is kept for DNS.
    case addressReserved(IPAddress)
    /// The fixed address belongs to another service.
    case addressTaken(IPAddress, by: ServiceName?)
    /// The NodePort lies outside the range.
    case portOutsideRange(UInt16, ClosedRange<UInt16>)
    /// The NodePort belongs to another service.
    case portTaken(UInt16, by: ServiceName?)
    /// Other nodes declare the service with another spec, which is of this time.
    case foreign(ServiceName, declaredBy: [NodeID], at: WallTime)
    /// No wish of this node by that name; `declaredBy` tells whose it is.
    case notOurs(ServiceName, declaredBy: [NodeID])
    /// Nobody declares it.
    case unknown(ServiceName)
    /// No HEAD of this node is known here.
    case noMember(NodeID)
    /// The certificate allows no more services.
    case quota(Int)
    /// The certificate allows no more records alive; endpoints of many services share one.
    case recordQuota(Int)
    /// It does not fit a record of 1,280 bytes.
    case tooLarge
    /// A root decided that this node is no member; the words say why.
    case revoked(String)
    /// What was to be believed is not; the words say why.
    case untrusted(String)
}
