import ControlAPI
import Foundation
import Host
import Registry
import Testing
import Vocabulary

@testable import Agent

/// What the agent says of the machine around its rules, each with a code that never changes.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct HostFindingTests {
    private func wait(
        _ place: Homestead,
        for code: String,
        toBeThere isWanted: Bool = true,
        meanwhile: () throws -> Void = {}
    ) async throws {
        try await eventually("\(code) is \(isWanted ? "told" : "no more")") {
            try meanwhile()
            let status = try await place.home.status("m")
            return (status.troubles + status.table.notes).contains { $0.hasPrefix(code) }
                == isWanted
        }
    }

    @Test func `GV2014 pods on a bridge whose packets pass iptables by are told of`() async throws {
        try await Homestead.with("nft") { place in
            try place.run("ip link add br0 type bridge")
            try place.run("ip addr add 10.1.9.1/24 dev br0")
            // Where the kernel has the switch, it is on unless somebody turned it off.
            let setting = "/proc/sys/net/bridge/bridge-nf-call-iptables"
            if FileManager.default.fileExists(atPath: setting) {
                try place.run("sysctl -w net.bridge.bridge-nf-call-iptables=0")
            }
            try await place.start()
            try await wait(place, for: "GV2014")
            let troubles = try await place.home.status("m").troubles
            #expect(troubles.contains { $0.hasPrefix("GV2014 pods on the bridge br0") })
            try place.run("ip link del br0")
            try await wait(place, for: "GV2014", toBeThere: false)
        }
    }

    @Test func `GV2015 a route to the service range is added, or missed, and added again`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try await place.start()
            try await place.settle()
            #expect(place.home.log("m").contains("added a route to 10.96.0.0/16 through eth0"))
            #expect(try place.run("ip route show proto 77").contains("10.96.0.0/16"))
            // The address goes, and with it the interface that the route could leave by.
            try place.run("ip addr del 10.79.0.1/24 dev eth0")
            try place.run("ip route flush proto 77")
            try await wait(place, for: "GV2015")
            try place.run("ip addr add 10.79.0.1/24 dev eth0")
            try await wait(place, for: "GV2015", toBeThere: false)
            #expect(try place.run("ip route show proto 77").contains("10.96.0.0/16"))
        }
    }

    @Test func `GV2017 packets that a strict interface drops are told of`() async throws {
        try await Homestead.with("nft") { place in
            try place.run("sysctl -w net.ipv4.conf.eth0.rp_filter=1")
            try place.runInTown("ip addr add 10.99.9.9/32 dev lo")
            try await place.start()
            try await place.settle()
            #expect(try await place.home.status("m").troubles == [])
            try await wait(place, for: "GV2017") {
                // The first, from an address of the cable, finds out who is at the other end.
                let send = "s.sendto(b'x',('10.79.0.1',9));"
                try place.runInTown(
                    "python3 -c import\tsocket;s=socket.socket(2,2);\(send)"
                        + "s=socket.socket(2,2);s.bind(('10.99.9.9',5000));\(send)"
                )
            }
            let troubles = try await place.home.status("m").troubles
            #expect(troubles.contains { $0.contains("net.ipv4.conf.eth0.rp_filter=2") })
        }
    }

    @Test func `GV2019 late packets are let through, or it is said that they are not`()
        async throws
    {
        try await Homestead.with("nft") { place in
            let setting = "net.netfilter.nf_conntrack_tcp_be_liberal"
            let file = "/proc/sys/" + setting.replacing(".", with: "/")
            try place.touch("zero", "0\n")
            let zero = place.home.path("zero")
            try await place.start(
                after: "mount --bind \(zero) \(file) && mount -o remount,ro,bind \(file)"
            )
            try await wait(place, for: "GV2019")
            let notes = try await place.table().notes
            #expect(notes.contains { $0.hasPrefix("GV2019 cannot turn on \(setting)") })
            #expect(try await place.home.status("m").troubles == [])
            place.home.kill("m", SIGTERM)
            try await place.start()
            try await place.settle()
            try await wait(place, for: "GV2019", toBeThere: false)
            #expect(place.home.log("m").contains("turned on \(setting)"))
            #expect(try place.run("cat \(file)") == "1\n")
        }
    }

    /// A quarantine costs the bad service alone, and few questions.
    @Test func `one refused service among 5,000 is found in some 26 tries`() async throws {
        let names = (1...5_000).compactMap {
            ServiceName(namespace: "default", name: "s\($0)")
        }
        for bad in [0, 1_234, 4_999] {
            var tries = 0
            var checked = 0
            let found = try await Quarantine.culprits(among: names) { some in
                tries += 1
                checked += some.count
                return some.contains(names[bad]) ? "refused" : nil
            }
            #expect(found.map(\.service) == [names[bad]])
            #expect(tries <= 2 * 13 + 2)
            // All of it, and then halves of halves, each rounded up.
            #expect(checked <= 3 * names.count + 13)
        }
        var tries = 0
        let nobody = try await Quarantine.culprits(among: names) { _ in
            tries += 1
            return nil
        }
        #expect(nobody.isEmpty)
        #expect(tries == 2)
    }
}
