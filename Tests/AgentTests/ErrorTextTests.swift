import ControlAPI
import Registry
import Testing
import Vocabulary

@testable import Agent
@testable import Gossip

/// What is said of the mistakes that people meet most (interface design, section 5.2), word for
/// word: what is wrong, where, and the next command.
struct ErrorTextTests {
    private static let there = PeerAddress(.v4(0xc0a8_010c), port: 7747)
    private static let other = PeerAddress(.v4(0xc0a8_0111), port: 7747)
    private static let names = NameList(
        [
            NodeSummary(id: NodeID(1), name: "pi-1", address: nil),
            NodeSummary(id: NodeID(3), name: "pi-3", address: there),
        ],
        own: PeerAddress(.v4(0xc0a8_010a), port: 7747)
    )

    private static let troubles: [(Trouble, String)] = [
        (
            .deaf(NodeID(3)),
            "pi-3 (192.168.1.12:7747): we receive its packets, but it does not receive ours: UDP from "
                + "here (192.168.1.10:7747) to 192.168.1.12:7747 is lost on the way. Usual cause: a "
                + "firewall there does not let UDP 7747 in. There: sudo grapevine doctor --peer "
                + "192.168.1.10, sudo nft list ruleset, and sudo tcpdump -ni any udp and host "
                + "192.168.1.10. Here: is UDP let out?"
        ),
        (
            .mute(NodeID(3)),
            "pi-3 (192.168.1.12:7747): others reach it, but nothing of it reaches us: UDP from "
                + "192.168.1.12:7747 to here (192.168.1.10:7747) is lost on the way. Usual cause: a "
                + "firewall here does not let UDP 7747 in. Here: sudo nft list ruleset, and sudo tcpdump "
                + "-ni any udp port 7747 and host 192.168.1.12. There: sudo grapevine doctor --peer "
                + "192.168.1.10; is UDP let out?"
        ),
        (
            .otherCluster(there),
            "192.168.1.12:7747 greets over UDP as a member of another cluster, and is not answered. "
                + "There: grapevine status says which cluster it is in. If it should be in this one: "
                + "grapevine trust issue, and start it with that bundle."
        ),
        (
            .twin(there),
            "another machine signs under this node's key and says that it is at 192.168.1.12:7747: a "
                + "bundle or a disk was copied. The one that started later falls silent. On the machine "
                + "that is the copy (here, or at 192.168.1.12): sudo systemctl stop grapevine. Then give "
                + "it an identity of its own: grapevine trust issue --name NEW --address IP, and start it "
                + "with that bundle and an empty --data-dir."
        ),
        (
            .twoMachines(NodeID(3), there, other),
            "pi-3 is one identity on two machines: it starts anew at 192.168.1.12:7747 and at "
                + "192.168.1.17:7747 in turn. A bundle or a disk was copied. On the one of 192.168.1.12 "
                + "and 192.168.1.17 that should not be pi-3: sudo systemctl stop grapevine. Then give it "
                + "an identity of its own: grapevine trust issue --name NEW --address IP, and start it "
                + "with that bundle and an empty --data-dir."
        ),
        (
            .newerVersion(there, 3),
            "packets of protocol version 3 come from 192.168.1.12:7747; this agent speaks version 1 and "
                + "drops them. If an agent runs at 192.168.1.12, upgrade this one (grapevine version); "
                + "else it is noise."
        ),
    ]

    @Test(arguments: troubles.indices)
    func `a trouble between members is told with its place and what to run`(number: Int) {
        let (trouble, words) = Self.troubles[number]
        #expect(trouble.words(Self.names) == words)
    }

    @Test func `what another node declares is refused with its name and the way around`() throws {
        let web = try #require(ServiceName(namespace: "default", name: "web"))
        let time = WallTime(milliseconds: 1_796_000_000_000)
        let refusal = CommandRefusal.foreign(web, declaredBy: [NodeID(1)], at: time)
        #expect(
            refusal.words(Self.names)
                == "service default/web is declared by pi-1 with another spec, of "
                + time.timestamp
        )
        #expect(
            refusal.hint(Self.names) == "use --take-ownership to replace it, or change it on pi-1"
        )
    }

    @Test func `a service that loses its address to an older claim is told of, with the address`()
        throws
    {
        let api = try #require(ServiceName(namespace: "default", name: "api"))
        let overheard = Overheard()
        let journal = overheard.journal
        let web = try #require(ServiceName(namespace: "default", name: "web"))
        let address = Resource.address(.v4(0x0a60_7114))
        journal.note(.claimLost(api, address, to: web), names: Self.names)
        #expect(
            overheard.lines == [
                "warning default/api loses 10.96.113.20 to default/web, whose claim is older, and takes "
                    + "another one"
            ]
        )
    }

    @Test func `the address that is kept for DNS is refused with what it is for`() {
        let refusal = CommandRefusal.addressReserved(.v4(0x0a60_000a))
        #expect(
            refusal.words(Self.names)
                == "spec.clusterIP 10.96.0.10 is kept for DNS: at that address "
                + "every machine answers for names itself, and a service there would silence it"
        )
        #expect(
            refusal.hint(Self.names)?.hasPrefix("leave clusterIP out to get a free one") == true
        )
    }
}
