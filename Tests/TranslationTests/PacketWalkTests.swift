import Testing
import Translation
import Vocabulary

/// The reader of rules, on texts that are not ours.
struct PacketWalkTests {
    private func outcomes(_ nat: String, filter: String = "") throws -> [LikelyOutcome] {
        let text = """
            *nat
            :PREROUTING ACCEPT [0:0]
            :OUTPUT ACCEPT [0:0]
            :POSTROUTING ACCEPT [0:0]
            :A - [0:0]
            :B - [0:0]
            \(nat)
            COMMIT
            *filter
            :INPUT ACCEPT [0:0]
            :FORWARD ACCEPT [0:0]
            \(filter)
            COMMIT
            """
        return try Village.walk(text).outcomes(
            of: Village.packet(from: Village.stranger, to: "192.0.2.9", port: 80)
        )
    }

    private let translate = "-p tcp -j DNAT --to-destination"

    @Test func `a jump comes back to the next rule, a goto to the one before it`() throws {
        #expect(
            try outcomes("-A PREROUTING -j A\n-A PREROUTING \(translate) 10.0.0.9:1").outcomes
                == [Village.delivered("10.0.0.9:1")]
        )
        #expect(
            try outcomes("-A PREROUTING -g A\n-A PREROUTING \(translate) 10.0.0.9:1").outcomes
                == [.untouched]
        )
        let nested = """
            -A PREROUTING -j A
            -A PREROUTING \(translate) 10.0.0.9:1
            -A A -g B
            -A A \(translate) 10.0.0.9:2
            -A B -j RETURN
            -A B \(translate) 10.0.0.9:3
            """
        #expect(try outcomes(nested).outcomes == [Village.delivered("10.0.0.9:1")])
    }

    @Test func `chances multiply along the way`() throws {
        let likely = try outcomes(
            """
            -A PREROUTING -m statistic --mode random --probability 0.5 -j A
            -A A -p tcp -m statistic --mode random --probability 0.25 -j DNAT \
            --to-destination 10.0.0.9:1
            """
        )
        #expect(
            likely == [
                LikelyOutcome(Village.delivered("10.0.0.9:1"), 0.125),
                LikelyOutcome(.untouched, 0.875),
            ]
        )
    }

    @Test func `a mark set in one table is seen in the next`() throws {
        let mark = "-A PREROUTING -j MARK --set-xmark 0x10/0x10"
        let drop = "-A FORWARD -m mark --mark 0x10/0x10 -j DROP"
        #expect(try outcomes(mark, filter: drop).outcomes == [.dropped])
        #expect(try outcomes("", filter: drop).outcomes == [.untouched])
        let clear = "\(mark)\n-A PREROUTING -j MARK --set-xmark 0x0/0x10"
        #expect(try outcomes(clear, filter: drop).outcomes == [.untouched])
    }

    @Test(arguments: [
        ("-i eth0", true), ("-i eth+", true), ("! -i eth0", false), ("-i lo", false),
        ("-m conntrack --ctstate NEW", true), ("-m conntrack --ctstate ESTABLISHED", false),
        ("-m conntrack --ctstate DNAT", false), ("-m conntrack ! --ctstate DNAT", true),
        ("-m conntrack --ctorigdst 192.0.2.9", true), ("-p udp", false), ("-p icmp", false),
        ("-m conntrack ! --ctorigdst 192.0.2.0/24 --ctorigdstport 80", false),
        ("-p tcp -m tcp --dport 79:81", true), ("-p tcp -m tcp --dport 81", false),
        ("-m addrtype --dst-type LOCAL", false), ("-m addrtype ! --src-type LOCAL", true),
    ])
    func `each match holds where it holds in the kernel`(match: String, holds: Bool) throws {
        let outcomes = try outcomes("", filter: "-A FORWARD \(match) -j DROP").outcomes
        #expect(outcomes == [holds ? .dropped : .untouched])
    }

    @Test(arguments: [
        (
            "-A PREROUTING -m owner --uid-owner 5 -j ACCEPT",
            WalkError.unknownMatch(rule: "-m owner --uid-owner 5 -j ACCEPT")
        ),
        ("-A PREROUTING ! -p tcp -j A", .unknownMatch(rule: "! -p tcp -j A")),
        (
            "-A PREROUTING -j SNAT --to-source 1.2.3.4",
            .unknownTarget(rule: "-j SNAT --to-source 1.2.3.4")
        ),
        ("-A PREROUTING -j LOG", .noSuchChain(rule: "-j LOG")),
        ("-A PREROUTING -j A\n-A A -g B\n-A B -j A", .tooDeep(rule: "-g B")),
    ])
    func `what is not understood is an error that names the rule`(
        nat: String,
        error: WalkError
    ) throws {
        #expect(throws: error) { try outcomes(nat) }
    }

    @Test func `a rule that is not understood is harmless where no packet meets it`() throws {
        for match in ["-d 192.0.2.1/32 -m owner --uid-owner 5", "-m mac --x 5 -m mark --mark 0x1"] {
            #expect(try outcomes("-A PREROUTING \(match) -j A").outcomes == [.untouched])
        }
    }
}
