import Foundation
import Glibc
import Testing
import Vocabulary

@testable import Host

@Suite(.timeLimit(.minutes(1)))
struct MachineTests {
    @Test func `the loopback interface has its address`() throws {
        let address = try #require(IPAddress("127.0.0.1"))
        let found = try #require(InterfaceAddress.all().first { $0.address == address })
        #expect(found.interface == "lo")
        #expect(found.network == CIDR("127.0.0.0/8"))
        #expect(found.isUp)
        #expect(InterfaceAddress.interface(with: address) == "lo")
        #expect(InterfaceAddress.interface(with: .v4(0xcb00_7109)) == nil)
    }

    @Test func `who may administer the network is read from the effective set`() {
        let root = "Name:\tx\nCapPrm:\t0000000000000000\nCapEff:\t000001ffffffffff\n"
        #expect(Privilege.capabilities(in: root) == 0x1ff_ffff_ffff)
        #expect(Privilege.capabilities(in: "Name:\tx\n") == nil)
    }

    @Test func `forwarding is turned on and read back`() async throws {
        try await Sandbox.directory { directory in
            let settings = KernelSettings(procfs: directory)
            #expect(settings.isOn(.forwarding) == nil)
            let error = #expect(throws: SettingError.self) { try settings.turnOn(.forwarding) }
            #expect(error?.description.contains("no such file") == true)

            let folder = "\(directory)/sys/net/ipv4"
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            try "0\n".write(toFile: "\(folder)/ip_forward", atomically: false, encoding: .utf8)
            #expect(settings.isOn(.forwarding) == false)
            try settings.turnOn(.forwarding)
            #expect(settings.isOn(.forwarding) == true)
        }
    }

    @Test func `an interface is strict where the stricter of its two switches says so`()
        async throws
    {
        try await Sandbox.directory { directory in
            for (name, mode) in [("all", 0), ("default", 1), ("eth0", 1), ("eth1", 2), ("lo", 1)] {
                let folder = "\(directory)/sys/net/ipv4/conf/\(name)"
                try FileManager.default.createDirectory(
                    atPath: folder,
                    withIntermediateDirectories: true
                )
                try "\(mode)\n".write(
                    toFile: "\(folder)/rp_filter",
                    atomically: false,
                    encoding: .utf8
                )
            }
            #expect(KernelSettings(procfs: directory).strictInterfaces == ["eth0"])
        }
    }

    @Test func `who waits at a port is found, with its process`() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        // Any port of any address, as most programs take it.
        try #require(listen(descriptor, 1) == 0)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(descriptor, $0, &length)
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        let found = PortListener.all(at: [port, 1], .tcp)
        #expect(found.map(\.port) == [port])
        #expect(found.first?.holder?.pid == getpid())
        #expect(PortListener.all(at: [port], .udp) == [])
    }

    @Test func `the kernel's own switch can be read`() {
        #expect(KernelSettings().isOn(.forwarding) != nil)
        #expect(KernelSettings().reversePathDrops != nil)
    }

    @Test func `an address is resolved to itself`() async throws {
        try await #expect(Resolver.resolve("10.0.0.1:7747").map(\.description) == ["10.0.0.1:7747"])
        try await #expect(Resolver.resolve("[fd00::1]:1").map(\.description) == ["[fd00::1]:1"])
    }

    @Test func `a name is resolved to all its addresses`() async throws {
        let loopback = PeerAddress(.v4(0x7f00_0001), port: 7747)
        try await #expect(Resolver.resolve("localhost:7747").contains(loopback))
    }

    @Test(arguments: ["pi-2", "pi-2:", ":7747", "pi-2:port", "pi-2:0", "pi-2:65536", "a:b:c", ""])
    func `what is no host and port is refused`(text: String) async throws {
        await #expect(throws: ResolverError.malformed(text)) { try await Resolver.resolve(text) }
    }

    @Test func `a name nobody knows is said to be unknown`() async throws {
        let error = await #expect(throws: ResolverError.self) {
            try await Resolver.resolve("no such host:7747")
        }
        #expect(error?.description.contains("no such host") == true)
    }
}
