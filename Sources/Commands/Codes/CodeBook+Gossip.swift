/// Codes that begin with GV10: between agents.
extension CodeBook {
    static let packets = [
        CodeEntry(
            "GV1001",
            "a datagram came that is none of ours and was dropped",
            why: "nothing is lost; many of them are a scan, or another program at our port",
            next: "sudo tcpdump -ni any udp port 7747 shows who sends it"
        ),
        CodeEntry(
            "GV1002",
            "a datagram of another protocol version came and was dropped",
            why: "agents that share no version do not hear each other",
            next: "grapevine version on both machines, and upgrade the older one"
        ),
        CodeEntry(
            "GV1003",
            "a machine greets as a member of another cluster",
            why: "it gets no answer and is no member here; who sent the packet is not proven",
            next: "grapevine status there says which cluster it is in; to have it here, start it "
                + "with a bundle or token of this cluster"
        ),
        CodeEntry(
            "GV1004",
            "a sealed packet cannot be opened yet",
            why: "ordinary while an agent starts anew: an exchange of hellos follows",
            next: "nothing; where it does not end, grapevine members --why NAME"
        ),
        CodeEntry(
            "GV1005",
            "a packet came a second time and was dropped",
            why: "a network may deliver twice; a flood of them is somebody who replays",
            next: "sudo tcpdump -ni any udp port 7747 shows from where"
        ),
        CodeEntry(
            "GV1006",
            "another address sends under this node's own name",
            why: "one identity on two machines: only one of them can be the member",
            next: "grapevine trust issue makes a bundle for the other machine"
        ),
        CodeEntry(
            "GV1010",
            "a member sent bytes that are no record; they were dropped",
            why: "nothing else of that packet is lost; a sound agent does not send such",
            next: "grapevine version on both machines; grapevine members --why NAME"
        ),
        CodeEntry(
            "GV1011",
            "a record was refused: its signature, author, time or place is wrong",
            why: "this node does not believe it, so its services may lack what others show",
            next: "grapevine events names author and reason; grapevine members shows who differs"
        ),
        CodeEntry(
            "GV1012",
            "a member passed on an accusation that its alleged author did not sign",
            why: "it is not believed; whoever does that by design wants to evict members",
            next: "grapevine members --why NAME; grapevine trust revoke NAME if it goes on"
        ),
        CodeEntry(
            "GV1013",
            "a member sends records that nobody signed, one after another",
            why: "what it sends is looked at once a second until it stops; others tell the rest",
            next: "grapevine members --why NAME; grapevine trust revoke NAME if it goes on"
        ),
    ]

    static let membership = [
        CodeEntry(
            "GV1020",
            "a member changed its state: alive, suspect, dead or left",
            why: "a suspect's endpoints are avoided, a dead one's are out of rotation",
            next: "grapevine members --why NAME says who accuses it and since when"
        ),
        CodeEntry(
            "GV1021",
            "others thought this node dead; it told them otherwise",
            why: "often repeated it means lost packets or a machine too busy to answer",
            next: "grapevine members on another machine; sudo grapevine doctor here"
        ),
        CodeEntry(
            "GV1030",
            "a peer has records of this node that it did not sign in this life",
            why: "an earlier run, or a copy of its disk; it goes on under a new incarnation",
            next: "nothing, unless it repeats: then look for a second machine with this bundle"
        ),
        CodeEntry(
            "GV1031",
            "another machine goes on signing under this node's key: this agent falls silent",
            why: "two machines with one identity would undo each other's words",
            next: "grapevine trust issue makes a bundle for one of them; start this agent again"
        ),
        CodeEntry(
            "GV1032",
            "the clock of this machine was set back by more than a day",
            why: "the node goes on counting from where it was, and may not believe the others",
            next: "timedatectl; then sudo systemctl restart grapevine"
        ),
    ]

    static let claims = [
        CodeEntry(
            "GV1040",
            "a service loses an address or NodePort to an older claim and takes another one",
            why: "two halves of a split gave it twice; clients of the loser need the new address",
            next: "grapevine describe service NAME shows the addresses that answer"
        ),
        CodeEntry(
            "GV1041",
            "nothing is free in the range for a service",
            why: "the service has no address until something is deleted",
            next: "grapevine get services -A; delete some, or make a cluster with a larger "
                + "--service-cidr or --node-ports"
        ),
        CodeEntry(
            "GV1042",
            "an administrator deleted a service that this node had declared",
            why: "the wish of this node is gone too, so the service stays deleted",
            next: "grapevine apply -f FILE declares it again"
        ),
        CodeEntry(
            "GV1043",
            "an address of a service changed, or is in dispute",
            why: "clients that keep addresses must look again; names lead to the right one",
            next: "grapevine describe service NAME"
        ),
        CodeEntry(
            "GV1050",
            "this node compares records with a peer",
            why: "ordinary: that is how what was missed is found",
            next: "nothing; grapevine converged says whether all agree"
        ),
        CodeEntry(
            "GV1051",
            "records or ids found no room to be passed on at once",
            why: "peers find them by comparing, some seconds later",
            next: "nothing, unless it goes on: grapevine members shows who differs"
        ),
    ]

    static let trust = [
        CodeEntry(
            "GV1070",
            "a node whose lease ended long ago was forgotten",
            why: "what it declared is gone; if it comes back it is welcome",
            next: "nothing"
        ),
        CodeEntry(
            "GV1071",
            "a member was revoked by the root",
            why: "its records do not count any more, its endpoints are gone",
            next: "grapevine trust show FILE shows who and why"
        ),
        CodeEntry(
            "GV1072",
            "a member signed two records of which one denies the other",
            why: "a copy of its memory runs somewhere, or its key is in other hands; everything "
                + "of that start is void",
            next: "nothing once; if it comes again: grapevine trust revoke NAME"
        ),
        CodeEntry(
            "GV1073",
            "a root revoked this node",
            why: "it is a member no more and signs nothing",
            next: "sudo systemctl stop grapevine, or grapevine trust issue --replace"
        ),
        CodeEntry(
            "GV1074",
            "two members have the same name",
            why: "people and DNS cannot tell them apart; services work",
            next: "grapevine trust issue --name OTHER for one of the two"
        ),
        CodeEntry(
            "GV1075",
            "this node goes on under a newer certificate",
            why: "good: it says until when",
            next: "nothing"
        ),
    ]
}
