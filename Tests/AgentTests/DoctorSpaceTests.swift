import Foundation
import Testing

@testable import Agent

/// `grapevine doctor` and `trace` as programs, on machines of their own with faults made by hand.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct DoctorSpaceTests {
    @Test func `doctor finds what is wrong on a real machine, and says what is right`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try place.serve()
            let before = try place.program(["doctor", "--data-dir", "/nowhere"])
            #expect(before.status == 0, "\(before.output)")
            #expect(before.output.contains("no agent runs here"))
            #expect(before.output.contains("✓ UDP 7747 is free for an agent"))

            try await place.start()
            try await place.settle()
            let doctor = ["doctor", "--data-dir", place.home.path("m.data")]
            let good = try place.program(doctor)
            #expect(good.status == 0, "\(good.output)")
            for words in [
                "✓ UDP 7747 is held by process grapevine", "✓ service CIDR 10.96.0.0/16",
                "✓ net.ipv4.ip_forward is on", "✓ the kernel's nft rules are as they should be",
                "✓ certificate of m in home until", "is for its owner only",
            ] { #expect(good.output.contains(words), "\(words): \(good.output)") }

            try place.run("sysctl -qw net.ipv4.ip_forward=0")
            try place.run("ip route add 10.96.5.0/24 dev eth0")
            try place.iptables("-P FORWARD DROP")
            let bad = try place.program(doctor)
            #expect(bad.status == 3, "\(bad.output)")
            for words in [
                "✗ GV2013 net.ipv4.ip_forward is off",
                "✗ GV2016 service CIDR 10.96.0.0/16 overlaps route 10.96.5.0/24 dev eth0",
                "! GV2012 FORWARD drops by policy", "→ sudo sysctl -w net.ipv4.ip_forward=1",
            ] { #expect(bad.output.contains(words), "\(words): \(bad.output)") }
        }
    }

    @Test func `doctor asks for names where the agent answers, and where pods ask`() async throws {
        try await Homestead.with("nft") { place in
            try await place.start(
                more: ["--dns-zone", "grape.internal"],
                dns: "0.0.0.0:8777"
            )
            try await place.settle()
            let doctor = ["doctor", "--data-dir", place.home.path("m.data")]
            let wanted = [
                "✓ names of grape.internal are answered at 127.0.0.1:8777",
                "✓ ns.dns.grape.internal resolves at 10.96.0.10:53, which pods ask",
                "programs here do not know grape.internal",
            ]
            var good = try place.program(doctor)
            for _ in 0..<100 where !wanted.allSatisfy(good.output.contains) {
                try await Task.sleep(for: .milliseconds(100))
                good = try place.program(doctor)
            }
            for words in wanted { #expect(good.output.contains(words), "\(good.output)") }

            // Somebody lets no question of this machine through to the agent.
            try place.iptables("-I INPUT -p udp --dport 8777 -j REJECT")
            let bad = try place.program(doctor)
            #expect(bad.status == 3, "\(bad.output)")
            for words in [
                "✗ the agent says that it answers for grape.internal at 127.0.0.1:8777, and",
                "✗ ns.dns.grape.internal does not resolve at 10.96.0.10:53",
            ] { #expect(bad.output.contains(words), "\(words): \(bad.output)") }
        }
    }

    @Test func `doctor --peer tells a closed port and a narrow way from silence`() async throws {
        try await Homestead.with("nft") { place in
            let doctor = ["doctor", "--data-dir", "/nowhere", "--peer"]
            let closed = try place.program(doctor + ["10.79.0.2"])
            #expect(closed.status == 3)
            #expect(closed.output.contains("✗ from 10.79.0.1 to 10.79.0.2:7747/UDP: refused"))
            try place.run("ip link set dev eth0 mtu 1200")
            try place.iptables("-A INPUT -p icmp -j DROP")
            let narrow = try place.program(doctor + ["10.79.0.2"])
            #expect(narrow.output.contains("do not fit into the way (GV1067)"), "\(narrow.output)")
            let nowhere = try place.program(doctor + ["203.0.113.9"])
            #expect(nowhere.output.contains("✗ no route leads to 203.0.113.9"))
        }
    }

    @Test(arguments: TableTests.flavours)
    func `trace walks every step, and finds the endpoint that is gone`(flavour: String)
        async throws
    {
        try await Homestead.with(flavour) { place in
            try place.serve()
            try place.serve(port: 9090)
            try await place.start()
            func service(_ port: Int) -> String {
                """
                apiVersion: v1
                kind: Service
                metadata: {name: web}
                spec:
                  type: NodePort
                  clusterIP: 10.96.7.7
                  ports: [{port: 80, nodePort: 30080}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: web-1, labels: {kubernetes.io/service-name: web}}
                addressType: IPv4
                endpoints: [{addresses: [10.1.2.5]}, {addresses: [10.1.2.6]}]
                ports: [{port: \(port)}]
                """
            }
            try await place.apply(service(8080))
            try await place.settle()
            let good = try place.program(["trace", "web:80"])
            #expect(good.status == 0, "\(good.output)")
            for words in [
                "10.96.7.7:80/TCP → nat/GV-SVC-", "50 % 10.1.2.5:8080, 50 % 10.1.2.6:8080",
                "✓ 10.1.2.5:8080 on m  TCP", "✓ 10.96.7.7:80  TCP", "✓ 10.79.0.1:30080  TCP",
                "ping to a ClusterIP never answers",
            ] { #expect(good.output.contains(words), "\(words): \(good.output)") }

            // Nobody listens there, and the rules send everybody there.
            try await place.apply(service(8081))
            try await place.settle()
            let bad = try place.program(["trace", "web"])
            #expect(bad.status == 3, "\(bad.output)")
            #expect(bad.output.contains("✗ 10.1.2.6:8081 on m  refused after"), "\(bad.output)")
            #expect(bad.output.contains("✗ 10.96.7.7:80  refused"), "\(bad.output)")

            // The rules are gone, though the agent does not know yet.
            try place.touch("fail")
            try place.iptables("-t nat -F GV-SERVICES")
            let broken = try place.program(["trace", "web"])
            #expect(broken.output.contains("the kernel sends it nowhere"), "\(broken.output)")
            place.remove("fail")
        }
    }
}
