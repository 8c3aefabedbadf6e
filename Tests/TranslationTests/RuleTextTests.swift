import Testing
import Translation
import Vocabulary

struct RuleTextTests {
    /// As both flavours of iptables 1.8.9 print them.
    static let printed = [
        "! -d 10.96.0.0/16 -j RETURN",
        "-s 10.1.1.0/24 -j RETURN",
        "-m addrtype ! --src-type LOCAL -j GV-OUTSIDERS",
        "! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j GV-NODEPORTS",
        "-d 10.96.0.5/32 -p tcp -m tcp --dport 80 -m comment --comment \"a/b:c\" -g GV-SVC-X",
        "-p udp -m udp --dport 30000:32767 -g GV-NODEPORTS-UDP",
        "-p tcp -m statistic --mode random --probability 0.33333333349 -j DNAT "
            + "--to-destination 10.1.1.1:80",
        "-m mark ! --mark 0x1000/0x1000 -j RETURN",
        "-m mark --mark 0x1 -j ACCEPT",
        "-j MARK --set-xmark 0x0/0x1000",
        "-j MASQUERADE --random-fully",
        "-d 10.96.0.0/16 -p tcp -j REJECT --reject-with tcp-reset",
        "-d 10.96.0.0/16 -j REJECT --reject-with icmp-port-unreachable",
        "-d fd00:10::/112 -j REJECT --reject-with icmp6-port-unreachable",
        "! -d ::1/128 -m addrtype --dst-type LOCAL -j GV-NODEPORTS",
        "-d fd00:10::7/128 -p tcp -m tcp --dport 80 -g GV-SVC-X",
        "-p tcp -j DNAT --to-destination [fd00:1::5]:8080",
        "-m conntrack --ctstate DNAT --ctorigdst fd00:10::7 -j ACCEPT",
        "-m mark ! --mark 0x0/0x1400 -j ACCEPT",
        "-m conntrack --ctstate RELATED,ESTABLISHED -m conntrack --ctstate DNAT "
            + "! --ctorigdst 10.96.0.0/16 --ctorigdstport 30000:32767 -j ACCEPT",
        "-m conntrack ! --ctstate DNAT -j RETURN",
        "-m conntrack --ctstate DNAT --ctorigdst 10.96.0.7 -j ACCEPT",
        "-m set --match-set GV-SEP-A-4 src -m comment --comment \"a/b:c\" -g GV-SEP-A",
        "-p tcp -m tcp --dport 80 -m set ! --match-set GV-SEP-A-6 src -j RETURN",
        "-m comment --comment \"a/b:c\" -j SET --add-set GV-SEP-A-4 src --exist --timeout 10800",
        "-i eth0 -j DROP",
        "",
    ]

    @Test(arguments: printed)
    func `what the kernel prints is read and written back as it was`(text: String) {
        let rule = Rule(parsing: text)
        #expect(rule.text == text)
        #expect(!rule.matches.contains { if case .other = $0 { true } else { false } })
        if case .other = rule.target { Issue.record("\(text): the target was not understood") }
    }

    @Test(arguments: [
        "-o eth0 -m tcp --sport 5 --dport 6 -j LOG --log-prefix \"a b\" --log-level 7",
        "-f -m recent --rcheck -j TARPIT --honeypot", "-p sctp -m multiport --dports 1,2 -j X",
        "! -p tcp -m comment --comment -x -j DNAT --to-destination 10.0.0.1",
    ])
    func `a foreign rule keeps its words`(text: String) {
        let rule = Rule(parsing: text)
        #expect(Rule(parsing: rule.text) == rule)
        let words = text.split(separator: " ").sorted()
        #expect(rule.text.replacing("\"-x\"", with: "-x").split(separator: " ").sorted() == words)
    }

    @Test func `addresses and protocol are written first, as iptables-save does`() {
        let range = CIDR("10.0.0.0/8")!
        let rule = Rule([.comment("x"), .transport(.udp), .destination(range)], .accept)
        #expect(rule.text == "-d 10.0.0.0/8 -p udp -m comment --comment \"x\" -j ACCEPT")
    }

    @Test func `29 probabilities rise as fewer are left`() {
        let steps = stride(from: 100_001, to: 0, by: -1).map { Probability(1, of: UInt64($0)) }
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(steps.last?.value == 1)
        let few = steps.suffix(10_000)
        #expect(zip(few, few.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test(arguments: [
        (3, "0.33333333349"), (5, "0.20000000019"), (2, "0.50000000000"), (1, "1.00000000000"),
        (4096, "0.00024414062"), (100_000, "0.00001000008"),
    ])
    func `probabilities are printed as the kernel rounds them`(whole: UInt64, text: String) {
        #expect(Probability(1, of: whole).description == text)
    }

    @Test(arguments: Seed.sweep(200))
    func `a probability survives its text`(seed: Seed) {
        var random = RandomStream(seed, "probability")
        let probability = Probability(units: UInt32(random.below(1 << 31)))
        #expect(Probability(probability.description) == probability)
    }
}
