import Testing

@testable import Host

@Suite(.timeLimit(.minutes(1)))
struct ProgramTests {
    @Test func `a program's words and status come back`() async throws {
        let output = try await Program("sh").run(
            ["-c", "cat; echo bad >&2; exit 3"],
            input: [104, 105]
        )
        #expect(output.status == 3)
        #expect(output.text == "hi")
        #expect(output.complaint == "bad\n")
        #expect(output.process > 1)
    }

    @Test func `a program that ends without reading its input still has its say`() async throws {
        let input = [UInt8](repeating: 10, count: 4 << 20)
        let output = try await Program("sh").run(["-c", "echo no >&2; exit 2"], input: input)
        #expect(output.status == 2)
        #expect(output.complaint == "no\n")
    }

    @Test func `much goes in and comes out again`() async throws {
        let input = [UInt8](repeating: 65, count: 8 << 20)
        // Beside all other tests, on two threads and without optimisation, it takes its time.
        let output = try await Program("cat").run(input: input, within: .seconds(50))
        #expect(output.text.utf8.count == input.count)
    }

    @Test func `a program that hangs is killed`() async throws {
        let limit = Duration.milliseconds(50)
        let error = await #expect(throws: ProgramError.timedOut("sh", after: limit)) {
            try await Program("sh").run(["-c", "trap '' TERM; sleep 3600"], within: limit)
        }
        #expect(error?.description.contains("was killed") == true)
    }

    @Test func `a program that is missing is named with its package`() async throws {
        let error = await #expect(throws: ProgramError.missing("ip6tables-of-tomorrow")) {
            try await Program("ip6tables-of-tomorrow").run()
        }
        #expect(error?.description.contains("sudo apt install iptables") == true)
    }

    @Test func `nothing of ours is open in a program`() async throws {
        let socket = try await UDPSocket.bind(to: UDPSocketTests.loopback)
        let output = try await Program("ls").run(["-l", "/proc/self/fd"])
        await socket.close()
        #expect(output.isSuccess)
        #expect(!output.text.contains("socket:"))
    }

    @Test func `what the agent needs is installed where these tests run`() {
        #expect(Program.missing().map(\.name) == [])
    }
}
