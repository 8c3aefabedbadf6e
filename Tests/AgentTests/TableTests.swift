import ControlAPI
import Foundation
import Host
import Testing

@testable import Agent

/// The agent and the kernel's rules, in a network of its own: what is broken is repaired, and what
/// it took is printed.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct TableTests {
    static let flavours = ["nft", "legacy"]

    /// Waits until something is so, and says how long it took.
    private func time(_ what: String, _ condition: () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let start = clock.now
        try await eventually(what, looks: 2_000, condition)
        print("time to repair: \(what): \(clock.now - start)")
    }

    @Test(arguments: flavours)
    func `what somebody else breaks is repaired, and rules of others stay as they are`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try await place.start()
            try place.iptables("-t nat -A PREROUTING -p tcp --dport 9 -j RETURN")
            try await place.apply(Homestead.web())
            try await place.settle()
            #expect(Homestead.endpoints.contains(try place.dial("10.96.7.7")))
            let whole = try place.save()
            let chain = try #require(whole.firstMatch(of: /:(GV-SVC-\w+)/)?.1)

            try place.iptables("-t nat -F \(chain)")
            try await self.time("\(flavour): a chain was emptied") { try place.save() == whole }

            try place.iptables("-t nat -D OUTPUT -j GV-SERVICES")
            try await self.time("\(flavour): a jump was deleted") { try place.save() == whole }

            try place.iptables("-t filter -F GV-REJECT")
            try await self.time("\(flavour): filter was changed") { try place.save() == whole }

            // All of it at once, as a firewall does that is loaded anew.
            let firewall = "*nat\n-A PREROUTING -p tcp --dport 9 -j RETURN\nCOMMIT\n"
            try place.touch("firewall", firewall)
            try place.run("iptables-\(flavour)-restore \(place.home.path("firewall"))")
            try await self.time("\(flavour): nat was flushed") { try place.save() == whole }
            #expect(Homestead.endpoints.contains(try place.dial("10.96.7.7")))
            let metrics = try await place.home.ask("m", "GET", "/metrics")
            let text = String(decoding: metrics.body, as: UTF8.self)
            #expect(text.contains("grapevine_dataplane_drift_repairs_total"))
            #expect(text.contains("grapevine_service_connections_total{"))
            #expect(place.home.log("m").contains("GV2021"))
        }
    }

    @Test(arguments: flavours)
    func `a rule of others before ours is told of, and left`(flavour: String) async throws {
        try await Homestead.with(flavour) { place in
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            try #expect(await place.verification().foreign == [])
            try place.iptables("-t nat -I OUTPUT -d 10.96.0.0/16 -j ACCEPT")
            try await self.time("\(flavour): a foreign rule is told of") {
                try await place.home.status("m").troubles.contains { $0.hasPrefix("GV2024") }
            }
            try await #expect(
                place.verification().foreign == ["nat OUTPUT: -d 10.96.0.0/16 -j ACCEPT"]
            )
            #expect(try place.save().contains("-A OUTPUT -d 10.96.0.0/16 -j ACCEPT"))
            try place.iptables("-t nat -D OUTPUT -d 10.96.0.0/16 -j ACCEPT")
            try await eventually("it is well again") {
                try await place.home.status("m").troubles == []
            }
        }
    }

    @Test func `a lock that is held for ten seconds delays a change and loses none`() async throws {
        try await Homestead.with("legacy") { place in
            try place.serve()
            try await place.start()
            try await place.settle()
            try place.holdLock(seconds: 10)
            try await eventually("the lock is held") {
                FileManager.default.fileExists(atPath: place.home.path("locked"))
            }
            let clock = ContinuousClock()
            let start = clock.now
            try await place.apply(Homestead.web())
            // The node goes on meanwhile.
            #expect(try await place.home.services("m")["web"] == "10.96.7.7")
            print("a change was taken in \(clock.now - start) while the lock was held")
            try await self.time("the lock was held 10 s") {
                try place.save().contains("10.96.7.7")
            }
            try await place.settle()
            #expect(Homestead.endpoints.contains(try place.dial("10.96.7.7")))
        }
    }

    @Test func `an iptables-restore that fails is tried again, and what is newest is written`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try place.serve()
            try await place.start()
            try await place.settle()
            try place.touch("fail")
            try await place.apply(Homestead.web())
            try await eventually("the failure is told") {
                let status = try await place.home.status("m")
                return status.troubles.contains {
                    $0.hasPrefix("GV2023") && $0.contains("broken by a test")
                }
            }
            try await place.apply(Homestead.web("api", at: "10.96.7.8"))
            place.remove("fail")
            try await self.time("iptables-restore works again") {
                try await place.home.status("m").troubles.isEmpty
            }
            try await place.settle()
            for address in ["10.96.7.7", "10.96.7.8"] {
                #expect(Homestead.endpoints.contains(try place.dial(address)))
            }
        }
    }

    @Test(arguments: flavours)
    func `one service that iptables refuses is left out alone, until it changes`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try place.touch("refuse", "10.96.66.66")
            try await place.start()
            var all = ""
            for number in 1...12 { all += Homestead.web("s\(number)", at: "10.96.8.\(number)") }
            try await place.apply(all + Homestead.web("bad", at: "10.96.66.66"))
            try await eventually("the bad one is named") {
                try await place.table().quarantined == ["default/bad"]
            }
            try await eventually("the others are written") { try await place.table().programmed }
            for number in [1, 7, 12] {
                #expect(Homestead.endpoints.contains(try place.dial("10.96.8.\(number)")))
            }
            #expect(try place.dial("10.96.66.66") == "refused")
            let troubles = try await place.home.status("m").troubles
            #expect(troubles.contains { $0.hasPrefix("GV2022 default/bad is left out") })

            // It changes, and iptables takes it.
            place.remove("refuse")
            try await place.apply(Homestead.web("bad", at: "10.96.66.66", [Homestead.endpoints[0]]))
            try await eventually("it is tried again") {
                try await place.table().quarantined == []
            }
            try await place.settle()
            #expect(try place.dial("10.96.66.66") == Homestead.endpoints[0])
        }
    }

    @Test(arguments: flavours)
    func `an agent that restarts, or is killed, leaves no gap and forgets no flow`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try await place.start()
            try await place.apply(
                Homestead.web() + Homestead.web("dns", at: "10.96.7.53", transport: "UDP")
            )
            try await place.settle()
            try place.run(
                "python3 -c import\tsocket;socket.socket(2,2).sendto(b'x',('10.96.7.53',80))"
            )
            let flows = try place.run("conntrack -L -p udp -d 10.96.7.53")
            #expect(flows.contains("dst=10.96.7.53"))
            let written = try place.save()
            try place.dialOn("10.96.7.7")
            for signal in [SIGTERM, SIGKILL] {
                place.home.kill("m", signal)
                #expect(try place.save() == written)
                try await place.start()
                try await place.settle()
                #expect(try place.save() == written)
                #expect(try await place.table().generation == 0)
            }
            let dialled = try await place.endDialling()
            print(
                "\(flavour): \(dialled[0]) connections through two restarts, \(dialled[1]) lost, "
                    + "the longest took \(dialled[2]) ms"
            )
            #expect(dialled[0] > 50)
            #expect(dialled[1] == 0)
            #expect(try place.run("conntrack -L -p udp -d 10.96.7.53").contains("dst=10.96.7.53"))
        }
    }

    @Test(arguments: flavours)
    func `an agent killed before or after any write leaves each service old or new`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            for (number, moment) in ["kill-before", "kill-after"].enumerated() {
                let endpoint = Homestead.endpoints[number]
                try place.touch(moment)
                _ = try? await place.home.ask(
                    "m",
                    "POST",
                    Route.apply,
                    body: Homestead.web("web", at: "10.96.7.7", [endpoint])
                )
                _ = try await place.home.end(of: "m")
                let answer = try place.dial("10.96.7.7")
                #expect(Homestead.endpoints.contains(answer), "\(answer), \(moment)")
                try await place.start()
                try await place.settle()
                #expect(try place.dial("10.96.7.7") == endpoint)
            }
        }
    }

    @Test(arguments: flavours)
    func `flows of UDP follow their service, within a second of the change`(
        flavour: String
    ) async throws {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try await place.start()
            let (first, second) = (Homestead.endpoints[0], Homestead.endpoints[1])
            try await place.apply(Homestead.web("dns", at: "10.96.7.53", [first], transport: "UDP"))
            try await place.settle()
            func send() throws {
                try place.run(
                    "python3 -c import\tsocket;s=socket.socket(2,2);s.bind(('',5000));"
                        + "s.sendto(b'x',('10.96.7.53',80))"
                )
            }
            try send()
            #expect(try place.run("conntrack -L -p udp -d 10.96.7.53").contains("src=\(first)"))
            try await place.apply(
                Homestead.web("dns", at: "10.96.7.53", [second], transport: "UDP")
            )
            try await self.time("\(flavour): a flow of UDP to an endpoint that is gone") {
                try !place.run("conntrack -L -p udp -d 10.96.7.53").contains("src=\(first)")
            }
            try send()
            #expect(try place.run("conntrack -L -p udp -d 10.96.7.53").contains("src=\(second)"))
            _ = try await place.home.ask("m", "DELETE", "/v1/services/default/dns")
            try await self.time("\(flavour): a flow of UDP to a service that is deleted") {
                try !place.run("conntrack -L -p udp -d 10.96.7.53").contains("src=\(second)")
            }
        }
    }

    @Test func `a service range that is in use here is refused before the first rule`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try place.run("ip addr add 10.96.5.1/24 dev eth0")
            try await place.start()
            try await place.apply(Homestead.web())
            try await eventually("it is told") {
                try await place.home.status("m").troubles.contains { $0.hasPrefix("GV2016") }
            }
            let told = try await place.home.status("m").troubles.filter { $0.hasPrefix("GV2016") }
            #expect(
                told == [
                    "GV2016 service CIDR 10.96.0.0/16 overlaps route 10.96.5.0/24 dev eth0. Rules were "
                        + "NOT installed. Make the cluster with another --service-cidr, or take that "
                        + "away: ip route"
                ]
            )
            #expect(try await place.table().programmed == false)
            #expect(try !place.save().contains("GV-"))
            // It goes away, and the rules come; it comes again, and they stay.
            try place.run("ip addr del 10.96.5.1/24 dev eth0")
            try await place.settle()
            try place.run("ip addr add 10.96.5.1/24 dev eth0")
            try await eventually("it is told again") {
                try await place.home.status("m").troubles.contains { $0.hasPrefix("GV2016") }
            }
            #expect(try place.save().contains("GV-SERVICES"))
        }
    }

    @Test func `what is wrong with the machine is told, each with its code`() async throws {
        try await Homestead.with("nft") { place in
            try place.iptables("-P FORWARD DROP")
            try place.run("iptables-legacy -t nat -N GV-STALE")
            try place.run("iptables-legacy -t nat -A GV-STALE -j RETURN")
            try place.listen(port: 30_080)
            try await place.start()
            try await place.apply(Homestead.web(nodePort: 30_080))
            try await place.settle()
            try await eventually("the listener is told") {
                try await place.home.status("m").troubles.contains {
                    $0.hasPrefix("GV2018 NodePort 30080/TCP of default/web")
                        && $0.contains("process python3")
                }
            }
            let status = try await place.home.status("m")
            #expect(
                status.troubles.contains {
                    $0.hasPrefix("GV2010") && $0.contains("1 rules for services")
                }
            )
            #expect(status.table.notes.contains { $0.hasPrefix("GV2012") })
            #expect(place.home.log("m").contains("net.ipv4.ip_forward"))
        }
    }
}
