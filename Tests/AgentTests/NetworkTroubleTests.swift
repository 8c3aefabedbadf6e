import ControlAPI
import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// Networks that are set up wrongly, and what agents say of them: real machines, real packets.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "needs root, ip and iptables"))
struct NetworkTroubleTests {
    @Test func `where UDP passes one way only, both ends say in which direction it is lost`()
        async throws
    {
        try await Hamlet.with(["a", "b", "c"]) { hamlet in
            try await hamlet.meet(["a", "b", "c"])
            let (a, b) = (hamlet.address(of: "a"), hamlet.address(of: "b"))
            try hamlet.iptables("b", "-A INPUT -p udp -s \(a.address) -j DROP")
            let deaf = try await hamlet.trouble("GV1065", of: "a")
            #expect(deaf.member == "b")
            #expect(deaf.message.contains("UDP from here (\(a)) to \(b) is lost"))
            let cause = "a firewall there does not let UDP 7747 in. There: sudo grapevine doctor"
            #expect(deaf.next.contains(cause))
            let mute = try await hamlet.trouble("GV1066", of: "b")
            #expect(mute.member == "a")
            #expect(mute.message.contains("UDP from \(a) to here (\(b)) is lost"))
            #expect(mute.next.contains("host \(a.address)"))
            #expect(try await hamlet.home.status("a").state == .degraded)
            #expect(hamlet.home.log("a").contains("code=GV1065"))
            try hamlet.iptables("b", "-D INPUT -p udp -s \(a.address) -j DROP")
            try await eventually("it is well again", looks: 6000) {
                let (a, b) = try await (hamlet.troubles(of: "a"), hamlet.troubles(of: "b"))
                return a.isEmpty && b.isEmpty
            }
            #expect(hamlet.home.log("a").contains("level=notice msg=\"no more: b ("))
        }
    }

    @Test func `between two machines alone, the one that hears says which direction is lost`()
        async throws
    {
        try await Hamlet.with(["a", "b"]) { hamlet in
            try await hamlet.meet(["a", "b"])
            let (a, b) = (hamlet.address(of: "a"), hamlet.address(of: "b"))
            try hamlet.iptables("b", "-A INPUT -p udp -s \(a.address) -j DROP")
            let deaf = try await hamlet.trouble("GV1065", of: "a")
            #expect(deaf.member == "b")
            #expect(deaf.message.contains("UDP from here (\(a)) to \(b) is lost"))
            let cause = "a firewall there does not let UDP 7747 in. There: sudo grapevine doctor"
            #expect(deaf.next.contains(cause))
            // Who hears nobody cannot know why, and says whom to ask and what may be lost.
            let alone = try await hamlet.trouble("GV1080", of: "b")
            #expect(alone.member == "a")
            #expect(alone.message.contains("or UDP from \(a) to here is lost on the way"))
            #expect(alone.next.contains("There: grapevine status (where that says GV1065"))
            #expect(alone.next.contains("Here: sudo nft list ruleset (is UDP 7747 let in?)"))
            #expect(try await hamlet.troubles(of: "a").keys.sorted() == ["GV1065"])
            try hamlet.iptables("b", "-D INPUT -p udp -s \(a.address) -j DROP")
            try await eventually("it is well again", looks: 6000) {
                let (a, b) = try await (hamlet.troubles(of: "a"), hamlet.troubles(of: "b"))
                return a.isEmpty && b.isEmpty
            }
        }
    }

    @Test func `a machine that lets nothing in from the start is heard, and said to be deaf`()
        async throws
    {
        try await Hamlet.with(["a", "b"]) { hamlet in
            let a = hamlet.address(of: "a")
            try hamlet.iptables("b", "-A INPUT -p udp -s \(a.address) -j DROP")
            try await hamlet.start("a", peers: [])
            try await hamlet.start("b", peers: ["\(a)"])
            let deaf = try await hamlet.trouble("GV1065", of: "a")
            #expect(deaf.member == "b")
            let silence = try await hamlet.trouble("GV1060", of: "b")
            #expect(silence.next.contains("where grapevine status says GV1065, it hears us"))
        }
    }

    @Test func `where only small packets pass, the MTU is named`() async throws {
        try await Hamlet.with(["a", "b"]) { hamlet in
            try await hamlet.meet(["a", "b"])
            try hamlet.iptables("b", "-A INPUT -p udp -m length --length 1300: -j DROP")
            // Something to be different about, so that it is looked at soon.
            for number in 0..<40 {
                let body = service("s\(number)")
                _ = try await hamlet.home.ask("a", "POST", Route.apply, body: body)
            }
            let trouble = try await hamlet.trouble("GV1067", of: "a")
            #expect(trouble.member == "b")
            #expect(trouble.message.contains("UDP of 1,372 bytes"))
            let host = hamlet.address(of: "b").address
            #expect(trouble.next.contains("ping -c 3 -M do -s 1372 \(host)"))
        }
    }

    @Test func `behind a translation of addresses both addresses are named`() async throws {
        try await Hamlet.with(["a", "b"]) { hamlet in
            let b = hamlet.address(of: "b")
            try hamlet.iptables(
                "b",
                "-t nat -A POSTROUTING -p udp -j SNAT --to-source \(b.address):9999"
            )
            try await hamlet.start("a", peers: [])
            try await hamlet.start("b", peers: ["\(hamlet.address(of: "a"))"])
            let trouble = try await hamlet.trouble("GV1068", of: "a")
            #expect(trouble.member == "b")
            #expect(trouble.message.contains("listens at \(b), but"))
            #expect(trouble.message.contains("come from \(b.address):9999"))
            #expect(trouble.next.contains("let UDP pass with its port as it is"))
        }
    }

    @Test func `a machine of another cluster is told apart from one that is silent`() async throws {
        try await Hamlet.with(["a", "x"]) { hamlet in
            _ = try RootDirectory.make(
                in: hamlet.home.path("lab"),
                cluster: "lab",
                ranges: AddressRanges(
                    serviceCIDR: try #require(CIDR("10.97.0.0/16")),
                    nodePorts: 30_000...32_767
                )
            )
            let a = hamlet.address(of: "a")
            try await hamlet.start("a", peers: [])
            try await hamlet.start("x", peers: ["\(a)"], root: "lab")
            let trouble = try await hamlet.trouble("GV1063", of: "a")
            #expect(trouble.message.hasPrefix("\(hamlet.address(of: "x")) greets over UDP"))
            let silence = try await hamlet.trouble("GV1060", of: "x")
            #expect(silence.message.contains("\(a)"))
            // What strangers send makes nobody look ill.
            #expect(try await hamlet.home.status("a").state == .working)
        }
    }

    @Test func `a peer whose port is closed is said to turn us away`() async throws {
        try await Hamlet.with(["a", "b"]) { hamlet in
            let b = hamlet.address(of: "b")
            try await hamlet.start("a", peers: ["\(b)"])
            let trouble = try await hamlet.trouble("GV1061", of: "a")
            #expect(trouble.message.contains("the configured peer \(b) turns us away"))
            #expect(trouble.next.contains("sudo ss -ulnp sport = :7747"))
            try await hamlet.start("b", peers: [])
            try await eventually("it ends when somebody listens", looks: 6000) {
                try await hamlet.troubles(of: "a").isEmpty
            }
        }
    }

    @Test func `packets of a later protocol are said to come from a later agent`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0)
            let loopback = IPAddress.v4(0x7f00_0001)
            let later = try await UDPSocket.bind(to: PeerAddress(loopback, port: 0))
            let packet = [2, 2] + [UInt8](repeating: 7, count: 100)
            var note: TroubleNote?
            try await eventually("a says GV1064") {
                later.send(packet, to: PeerAddress(loopback, port: home.port(of: 0)))
                let list = try await home.read("a", Route.members, as: MemberList.self)
                note = list.troubles.first { $0.code == "GV1064" }
                return note != nil
            }
            await later.close()
            #expect(note?.message.contains("version 2 come from \(later.address)") == true)
        }
    }

    @Test func `a peer whose name leads nowhere is a trouble of its own`() async throws {
        try await Household.with { home in
            try home.issue("a")
            try await home.start("a", node: 0, more: ["--peer", "nobody.invalid:7747"])
            try await eventually("its status says so") {
                let status = try await home.status("a")
                return status.troubles.contains {
                    $0.hasPrefix("GV1062 the configured peer nobody.invalid:7747")
                }
            }
            let list = try await home.read("a", Route.members, as: MemberList.self)
            let note = try #require(list.troubles.first { $0.code == "GV1062" })
            #expect(note.message.contains("nobody.invalid:7747"))
            #expect(note.next.contains("getent hosts nobody.invalid."))
            let metrics = try await home.ask("a", "GET", "/metrics").body
            let line = #"grapevine_troubles{code="GV1062"} 1"#
            #expect(String(decoding: metrics, as: UTF8.self).contains(line))
            // What is quieted by its subject has the bare code.
            #expect(home.log("a").contains("code=GV1062\n"))
        }
    }
}
