import ControlAPI
import Foundation
import Registry
import Testing
import Vocabulary

@testable import Commands

/// What `doctor` makes of what it found; that it finds it is proven in `DoctorSpaceTests`.
struct DoctorTests {
    private func word(
        _ state: StatusReply.State = .working,
        _ troubles: [TroubleNote] = []
    ) -> AgentWord {
        var word = AgentWord()
        word.status = Replies.status(state)
        word.members = MemberList(Replies.members.items, troubles: troubles)
        word.verification = TableVerification(matches: true, flavour: "nft", differences: [])
        return word
    }

    @Test func `a sound agent is good`() {
        let checks = word().checks(isMember: true)
        #expect(checks.map(\.state) == [.good, .good])
        #expect(
            checks[0].words == "agent 0.1.0 of pi-1, cluster home, answers at "
                + "/run/grapevine/grapevine.sock"
        )
        #expect(CheckList(checks).healthy)
    }

    @Test func `without an agent it says so, and only a member is ill because of it`() {
        var word = AgentWord()
        word.failure = Failure(.noSocket, socket: "/run/x.sock")
        #expect(word.checks(isMember: false).map(\.state) == [.note])
        let bad = word.checks(isMember: true)
        #expect(bad.map(\.state) == [.bad])
        #expect(bad[0].words.contains("cannot reach the agent at /run/x.sock (no such file)"))
    }

    @Test func `drift of the table and a degraded agent are wrong`() {
        var word = word(.degraded)
        word.status?.troubles = ["GV2016 the service range overlaps"]
        word.verification = TableVerification(
            matches: false,
            flavour: "nft",
            differences: ["-A GV-SERVICES"],
            foreign: ["-A PREROUTING -j X"]
        )
        let checks = word.checks(isMember: true)
        #expect(
            checks.filter { $0.state == .bad }.map(\.name) == ["agent", "agent-trouble", "table"]
        )
        #expect(checks[1].next == "grapevine explain GV2016")
        #expect(
            CheckList(checks).text.hasSuffix(
                "3 wrong, 0 to know. What a code means: grapevine explain CODE"
            )
        )
    }

    @Test func `lost UDP is wrong, a machine that is away is only told of`() {
        let identity = MachineIdentity(in: "/nowhere")
        let quiet = NetworkExamination(word: word(), identity: identity).members()
        // pi-3 is suspect and nobody knows why; pi-4 answers.
        #expect(quiet.map(\.state) == [.note, .good])
        #expect(quiet[1].words == "UDP both ways with 1 of 2 other members, at most 0.9 ms")
        let deaf = NetworkExamination(word: word(.working, [Replies.trouble]), identity: identity)
        let checks = deaf.members()
        #expect(checks.map(\.state) == [.bad, .good])
        #expect(checks[0].text == "✗ GV1065 pi-3: it is deaf.\n    → There: look.")
    }

    @Test(arguments: [(10, Check.State.good), (75, .note), (89, .note), (90, .bad), (100, .bad)])
    func `a table of flows that fills up is told of in time`(percent: Int, state: Check.State) {
        #expect(KernelExamination.conntrack(percent * 10, of: 1000).state == state)
    }

    @Test func `little room on the disk is told of in time`() {
        #expect(DiskExamination.space(1 << 30, at: "/d").state == .good)
        #expect(DiskExamination.space(32 << 20, at: "/d").state == .note)
        #expect(DiskExamination.space(1 << 20, at: "/d").state == .bad)
    }

    @Test func `a data directory that others may read is wrong`() async throws {
        try await withFiles(["x": ""]) { directory in
            for (mode, state) in [(0o755, Check.State.bad), (0o700, .good)] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode],
                    ofItemAtPath: directory
                )
                let disk = DiskExamination(directory: directory, isMember: true)
                #expect(disk.checks().first?.state == state)
            }
        }
        #expect(DiskExamination(directory: "/nowhere", isMember: false).checks()[0].state == .note)
    }

    @Test(arguments: [
        ("pi-2", "pi-2:7747"), ("10.0.0.2", "10.0.0.2:7747"), ("10.0.0.2:99", "10.0.0.2:99"),
        ("fd00::2", "[fd00::2]:7747"), ("[fd00::2]:9", "[fd00::2]:9"),
    ])
    func `a peer is understood with and without a port`(text: String, place: String) {
        #expect(DoctorCommand.place(text) == place)
    }

    @Test(arguments: ["", "a b", "10.0.0.2:0", "x:y", "-"])
    func `what is no peer is refused`(text: String) {
        #expect(DoctorCommand.place(text) == nil)
    }

    // MARK: Clocks

    @Test(arguments: [
        (0.03, Check.State.good, "30 ms behind"), (-0.4, .good, "0.4 s ahead of"),
        (0.5, .note, "0.5 s behind"), (-1.96, .note, "2.0 s ahead of"), (2, .bad, "2.0 s behind"),
        (-3725.04, .bad, "3725.0 s ahead of"),
    ])
    func `a clock that differs is told of, and of two seconds it is wrong`(
        seconds: Double,
        state: Check.State,
        words: String
    ) {
        var status = Replies.status(.working)
        status.clockBehindSeconds = seconds
        let check = ClockSkew(status).check(hearing: 2)
        #expect(check.state == state)
        #expect(
            check.words.hasPrefix(
                "this machine's clock is \(words) the middle of the clocks heard in the last minute"
            ),
            "\(check.words)"
        )
        #expect(ClockSkew(status).check(hearing: 0).state == .skipped)
        let line = "Clock:     \(words)"
        #expect(Description.status(status).contains(line) == (state != .good))
    }

    // MARK: Names

    private func naming(_ names: NamesReply?) -> AgentWord {
        var word = word()
        word.names = names
        word.namesFailure = Failure(.failed, "it runs with --dns off\nstart it without")
        return word
    }

    @Test func `names are asked where the agent says, and a closed port there is wrong`()
        async throws
    {
        let reply = NamesReply(
            zone: "grape.internal",
            listener: "127.0.0.1:9",
            addresses: [],
            reverseZones: [],
            troubles: []
        )
        var word = naming(reply)
        word.status?.table.flavour = "none"
        let checks = await NameExamination(word: word).checks()
        #expect(checks.map(\.state) == [.bad, .skipped])
        #expect(
            checks[0].words == "the agent says that it answers for grape.internal at 127.0.0.1:9, "
                + "and nobody listens at 127.0.0.1:9"
        )
    }

    @Test func `a service that has DNS' own address is named`() throws {
        let address = try #require(IPAddress("10.96.0.10"))
        let service = try #require(try Objects.services().items.first)
        let silent = Check.bad("dns-address", "ns.dns.x does not resolve there", next: "y")
        #expect(NameExamination.told(of: nil, silent, at: address) == silent)
        let check = NameExamination.told(of: service, silent, at: address)
        #expect(check.state == .bad)
        #expect(
            check.words == "10.96.0.10, which is kept for DNS, is held by service default/web: "
                + "whoever asks there for names gets none"
        )
        #expect(check.next?.hasSuffix("grapevine delete service web -n default") == true)
        let knowing = NameExamination.told(of: service, .good("dns-address", ""), at: address)
        #expect(knowing.state == .note)
    }

    @Test func `an agent without names is only told of, and without an agent nobody knows`()
        async throws
    {
        let off = await NameExamination(word: naming(nil)).checks()
        #expect(off.map(\.state) == [.note])
        #expect(off[0].words == "it runs with --dns off")
        let none = await NameExamination(word: AgentWord()).checks()
        #expect(none.map(\.state) == [.skipped])
    }
}
