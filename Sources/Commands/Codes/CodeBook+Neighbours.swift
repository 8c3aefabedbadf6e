/// Codes of what one should mend between two machines (`Sources/Agent/TROUBLE.md`).
extension CodeBook {
    static let neighbours = [
        CodeEntry(
            "GV1060",
            "nothing ever came from a configured peer",
            why: "if it is the only one, this node works alone",
            next: "there: sudo ss -ulnp sport = :7747 and sudo nft list ruleset; or take it out "
                + "of --peer"
        ),
        CodeEntry(
            "GV1061",
            "the UDP port of a configured peer is closed",
            why: "the machine is there and no agent listens, or a firewall rejects",
            next: "there: sudo systemctl status grapevine"
        ),
        CodeEntry(
            "GV1062",
            "the name of a configured peer has no address",
            why: "that peer is not called; the resolver is asked again every five seconds",
            next: "getent hosts NAME, or correct --peer"
        ),
        CodeEntry(
            "GV1063",
            "a machine of another cluster greets us",
            why: "it gets no answer; who sent it is not proven",
            next: "grapevine status there says which cluster it is in"
        ),
        CodeEntry(
            "GV1064",
            "packets of a later protocol version come",
            why: "this agent cannot read them and drops them",
            next: "grapevine version, and upgrade this agent"
        ),
        CodeEntry(
            "GV1065",
            "UDP from here to a member is lost: we hear it, it does not hear us",
            why: "it may call this machine dead, and sees changes late",
            next: "there: sudo nft list ruleset (is UDP 7747 let in?); sudo grapevine doctor "
                + "--peer ADDRESS"
        ),
        CodeEntry(
            "GV1066",
            "UDP from a member to here is lost: others hear it, we do not",
            why: "this machine may call it dead and take its endpoints out",
            next: "here: sudo nft list ruleset (is UDP 7747 let in?)"
        ),
        CodeEntry(
            "GV1067",
            "small packets reach a member, full-size ones do not",
            why: "changes that need a large packet arrive late or never",
            next: "ping -c 3 -M do -s 1372 ADDRESS; sudo ip link set dev IF mtu 1400"
        ),
        CodeEntry(
            "GV1068",
            "a member's packets come from another address than it says",
            why: "others call the address that it says, where nobody may listen",
            next: "let UDP pass untranslated, or start it with --advertise IP"
        ),
        CodeEntry(
            "GV1069",
            "somebody answers at the address of a dead member",
            why: "the dead one cannot come back there",
            next: "grapevine trust revoke NAME if it is gone for good"
        ),
        CodeEntry(
            "GV1080",
            "no peer answers: this node works alone",
            why: "it goes on serving what it knows and learns nothing new",
            next: "here: sudo grapevine doctor; there: grapevine status"
        ),
        CodeEntry(
            "GV1081",
            "another machine runs under this node's key",
            why: "the one that started later falls silent within some ten seconds",
            next: "on the copy: sudo systemctl stop grapevine; grapevine trust issue --name NEW"
        ),
        CodeEntry(
            "GV1082",
            "a member is one identity on two machines",
            why: "its endpoints and words come and go with whichever is heard",
            next: "on the copy: sudo systemctl stop grapevine; grapevine trust issue --name NEW"
        ),
    ]
}
