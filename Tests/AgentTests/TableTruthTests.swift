import ControlAPI
import Foundation
import Testing

@testable import Agent

/// What is said of the rules while they are not, or not known to be, what was asked for last.
@Suite(.serialized, .enabled(if: Hamlet.obstacle == nil, "\(Hamlet.obstacle ?? "")"))
struct TableTruthTests {
    /// The view is again that of the last write, and the kernel's rules are of the one between.
    @Test func `what is taken back while it is written is not programmed before it is written`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try await place.start()
            let (first, second) = (Homestead.endpoints[0], Homestead.endpoints[1])
            let other = Homestead.web("other", at: "10.96.7.8")
            try await place.apply(Homestead.web("web", [first]) + other)
            try await place.settle()
            #expect(try await place.programmed() == ["other": true, "web": true])
            try place.touch("slow", "4")
            try await place.apply(Homestead.web("web", [second]))
            try await eventually("the kernel has it") {
                FileManager.default.fileExists(atPath: place.home.path("done"))
            }
            try await place.apply(Homestead.web("web", [first]))
            #expect(try await !place.table().programmed)
            // The other one is what it was before and after.
            #expect(try await place.programmed() == ["other": true, "web": false])
            place.remove("slow")
            try await place.settle()
            #expect(try await place.programmed() == ["other": true, "web": true])
        }
    }

    @Test func `after a thaw nothing is programmed before the kernel was read`() async throws {
        try await Homestead.with("nft") { place in
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            _ = try await place.home.ask("m", "POST", Route.freeze)
            try place.iptables("-t nat -F")
            try place.touch("slow", "4")
            _ = try await place.home.ask("m", "POST", Route.unfreeze)
            #expect(try await !place.table().programmed)
            #expect(try await place.programmed() == ["web": false])
            try await eventually("the kernel has it") {
                FileManager.default.fileExists(atPath: place.home.path("done"))
            }
            #expect(try await place.programmed() == ["web": false])
            place.remove("slow")
            try await place.settle()
            #expect(try await place.programmed() == ["web": true])
        }
    }

    @Test func `an agent that begins frozen says of which services it finds the rules`()
        async throws
    {
        try await Homestead.with("nft") { place in
            try await place.start()
            try await place.apply(Homestead.web())
            try await place.settle()
            _ = try await place.home.ask("m", "POST", Route.freeze)
            place.home.kill("m", SIGTERM)
            try await place.start()
            try await eventually("it finds them") { try await place.table().programmed }
            // Another view, and the same rules.
            let labelled = Homestead.web()
                .replacing("{name: web}", with: "{name: web, labels: {a: b}}")
            try await place.apply(labelled)
            try await eventually("it finds them again") { try await place.table().programmed }
            try await place.apply(Homestead.web("late", at: "10.96.7.8"))
            #expect(try await !place.table().programmed)
            #expect(try await place.programmed() == ["late": false, "web": true])
        }
    }

    /// A write that fails leaves flows to be looked at, and an order that stays the same.
    @Test func `an agent whose writes fail tries ever less often, and rests between`() async throws
    {
        try await Homestead.with("nft") { place in
            try await place.start()
            try await place.apply(Homestead.web("dns", at: "10.96.7.53", transport: "UDP"))
            try await place.settle()
            try place.touch("fail")
            place.remove("calls")
            try await place.apply(Homestead.web())
            try place.iptables("-t nat -F")
            try await Task.sleep(for: .seconds(4))
            let calls = try String(contentsOfFile: place.home.path("calls"), encoding: .utf8)
            // At once, then after 250, 500, 1,000 and 2,000 ms, each a try or two.
            #expect(calls.count < 12, "\(calls.count) calls in four seconds")
            let before = try place.ticks()
            try await Task.sleep(for: .seconds(1))
            #expect(try place.ticks() - before < 50, "hundredths of a second in one")
            place.remove("fail")
            // Something new is tried soon, whatever the last one came to.
            try await place.apply(Homestead.web("late", at: "10.96.7.8"))
            try await place.settle()
        }
    }

    @Test func `a client bound to the loopback is answered over IPv6`() async throws {
        try await Homestead.with("nft") { place in
            try await place.start(dns: "[::]:8653")
            let script = """
                import socket
                s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
                s.bind(("::1", 0)); s.settimeout(1)
                for _ in range(10):
                    s.sendto(bytes.fromhex("000100000001000000000000 0b") + b"dns-version"
                        + bytes.fromhex("07") + b"cluster" + bytes.fromhex("05") + b"local"
                        + bytes.fromhex("0000100001"), ("fd79::1", 8653))
                    try: a, f = s.recvfrom(512); print(f[0], a[3] & 15, end=""); break
                    except OSError: pass
                """
            let path = place.home.path("ask.py")
            try script.write(toFile: path, atomically: true, encoding: .utf8)
            #expect(try place.run("python3 \(path)") == "fd79::1 0")
        }
    }
}
