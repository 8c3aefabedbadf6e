import Foundation
import Glibc
import Testing
import Vocabulary

@testable import Host

/// Against the kernel, each in a network namespace of its own.
@Suite(.enabled(if: Sandbox.isRoot), .timeLimit(.minutes(2)))
struct IptablesTests {
    private static let chain = """
        *nat
        :GV-TEST - [0:0]
        -A GV-TEST -p tcp -j DNAT --to-destination 10.0.0.7:80
        COMMIT

        """

    @Test(arguments: Iptables.Flavour.allCases)
    func `what is restored is what is saved`(flavour: Iptables.Flavour) async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(flavour: flavour, namespace: name)
            try await iptables.restore(Self.chain)
            let saved = try await iptables.save(table: "nat")
            #expect(saved.contains(":GV-TEST - [0:0]"))
            #expect(saved.contains("-A GV-TEST -p tcp -j DNAT --to-destination 10.0.0.7:80"))
            try await #expect(!iptables.save(table: "filter").contains("GV-TEST"))
        }
    }

    @Test func `the other family has rules of its own`() async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(flavour: .nft, namespace: name)
            let chain = "*filter\n:GV-SIX - [0:0]\n-A GV-SIX -d fd00::1/128 -j DROP\nCOMMIT\n"
            try await iptables.restore(chain, family: .v6)
            try await #expect(iptables.save(family: .v6).contains("-A GV-SIX -d fd00::1/128"))
            try await #expect(!iptables.save(family: .v4).contains("GV-SIX"))
        }
    }

    @Test(arguments: Iptables.Flavour.allCases)
    func `chains of others stay unless the text is to be all there is`(
        flavour: Iptables.Flavour
    ) async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(flavour: flavour, namespace: name)
            try await iptables.restore("*nat\n:OTHERS - [0:0]\nCOMMIT\n")
            try await iptables.restore(Self.chain)
            try await #expect(iptables.save(table: "nat").contains(":OTHERS"))
            try await iptables.restore(Self.chain, keepingOthers: false)
            try await #expect(!iptables.save(table: "nat").contains(":OTHERS"))
        }
    }

    @Test(arguments: Iptables.Flavour.allCases)
    func `a wrong line is named, and nothing of its table is in force`(
        flavour: Iptables.Flavour
    ) async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(flavour: flavour, namespace: name)
            let line = "-A GV-TEST -p tcp -j NOWHERE"
            let text = "*nat\n:GV-TEST - [0:0]\n-A GV-TEST -j RETURN\n\(line)\nCOMMIT\n"
            let error = await #expect(throws: IptablesError.self) {
                try await iptables.restore(text)
            }
            guard case .rejected(_, let number, let quote, let complaint) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // nf_tables finds out line by line; legacy may only see it when it commits.
            #expect(
                number == 4 && quote == line || number == 5 && quote == "COMMIT",
                "\(complaint)"
            )
            #expect(!complaint.isEmpty)
            try await #expect(!iptables.save(table: "nat").contains("GV-TEST"))
        }
    }

    @Test(arguments: Iptables.Flavour.allCases)
    func `a word nobody knows is named with its line`(flavour: Iptables.Flavour) async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(flavour: flavour, namespace: name)
            let text = "*nat\n:GV-TEST - [0:0]\n-A GV-TEST --no-such-option 7\nCOMMIT\n"
            let error = await #expect(throws: IptablesError.self) {
                try await iptables.restore(text)
            }
            let description = error?.description ?? ""
            #expect(
                description.contains("at line 3 '-A GV-TEST --no-such-option 7'"),
                "\(description)"
            )
            #expect(description.contains("--no-such-option"))
        }
    }

    @Test func `a trial changes nothing`() async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(namespace: name)
            try await iptables.restore(Self.chain, isTrial: true)
            try await #expect(!iptables.save(table: "nat").contains("GV-TEST"))
        }
    }

    @Test(arguments: Iptables.Flavour.allCases)
    func `the flavour is found out, and rules in the other one are pointed at`(
        flavour: Iptables.Flavour
    ) async throws {
        try await Sandbox.namespace { name in
            let iptables = Iptables(flavour: flavour, namespace: name)
            let clean = try await iptables.detect()
            #expect(clean.flavour == flavour)
            #expect(clean.version.first?.isNumber == true)
            #expect(clean.warning == nil)

            try await Iptables(flavour: flavour.other, namespace: name).restore(Self.chain)
            let mixed = try await iptables.detect()
            #expect(
                mixed.warning
                    == Iptables.MixedRules(flavour: flavour.other, rules: 1, forServices: 1)
            )
        }
    }

    @Test func `whoever holds the lock too long is pointed at`() async throws {
        try await Sandbox.directory { directory in
            try await Sandbox.namespace { name in
                let file = "\(directory)/lock"
                let lock = open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
                try #require(flock(lock, LOCK_EX) == 0)
                defer { close(lock) }
                let iptables = Iptables(flavour: .legacy, namespace: name, lockFile: file)
                let error = await #expect(throws: IptablesError.self) {
                    try await iptables.restore(Self.chain)
                }
                guard case .locked = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test func `a restore that does not end is killed`() async throws {
        try await Sandbox.namespace { name in
            let error = await #expect(throws: IptablesError.self) {
                try await Iptables(namespace: name).restore(Self.chain, within: .zero)
            }
            guard case .notRun(.timedOut) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}
