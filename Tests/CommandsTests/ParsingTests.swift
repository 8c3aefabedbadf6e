import ArgumentParser
import ControlAPI
import Registry
import Testing
import Vocabulary

@testable import Commands

struct ParsingTests {
    static func parse(_ line: String) throws -> any ParsableCommand {
        let arguments = line.split(separator: " ").map(String.init)
        return try Grapevine.parseAsRoot(ArgumentOrder.settled(arguments))
    }

    /// What the parser says of a bad line, and the code the program ends with.
    static func refusal(_ line: String) -> (message: String, code: Int32)? {
        do {
            _ = try parse(line)
            return nil
        } catch {
            return (Grapevine.message(for: error), Grapevine.exitCode(for: error).rawValue)
        }
    }

    // MARK: - Order

    @Test(arguments: [
        ("--socket P members", "members --socket P"),
        ("--socket=P get services", "get services --socket=P"),
        ("members --socket P", "members --socket P"),
        ("--socket P apply -f - -- x", "apply -f - --socket P -- x"),
        ("--socket P --socket=Q status -o json", "status -o json --socket P --socket=Q"),
        ("--socket P", ""),
        ("--socket", "--socket"),
        ("--help", "--help"),
        ("", ""),
    ])
    func `options in front go behind`(line: String, settled: String) {
        let words = { (line: String) in line.split(separator: " ").map(String.init) }
        #expect(ArgumentOrder.settled(words(line)) == words(settled))
    }

    @Test(arguments: ["--socket /a members", "members --socket /a", "--socket=/a members"])
    func `the socket may stand before and after the command`(line: String) throws {
        let command = try #require(try Self.parse(line) as? MembersCommand)
        #expect(command.client.socket(in: ["GRAPEVINE_SOCKET": "/b"]) == "/a")
    }

    @Test func `the socket comes from the environment, or is where it always is`() throws {
        let command = try #require(try Self.parse("members") as? MembersCommand)
        #expect(command.client.socket(in: ["GRAPEVINE_SOCKET": "/b"]) == "/b")
        #expect(command.client.socket(in: ["GRAPEVINE_SOCKET": ""]) == Route.defaultSocket)
        #expect(command.client.socket(in: [:]) == "/run/grapevine/grapevine.sock")
    }

    // MARK: - The fixed command lines of issue 2

    @Test func `trust init`() throws {
        let line =
            "trust init --dir D --cluster home --service-cidr 10.9.0.0/16 --node-ports 31000-31999"
        let full = try #require(try Self.parse(line) as? TrustInit)
        #expect(full.dir == "D")
        #expect(full.cluster == "home")
        #expect(full.ranges.serviceText == "10.9.0.0/16")
        #expect(full.nodePorts.ports == 31000...31999)
        let short = try #require(try Self.parse("trust init --dir D --cluster c") as? TrustInit)
        #expect(short.ranges.serviceText == "10.96.0.0/16")
        #expect(short.nodePorts.ports == 30000...32767)
        let dual = "trust init --dir D --cluster c --service-cidr 10.96.0.0/16 fd00:96::/112"
        let both = try #require(try Self.parse(dual) as? TrustInit)
        #expect(both.ranges.serviceText == "10.96.0.0/16,fd00:96::/112")
    }

    @Test func `trust issue`() throws {
        let line = """
            trust issue --dir D --name pi-1 --address 10.0.0.1 10.0.0.2 --address fd00::1 \
            --pod-cidr 10.2.0.0/24 --namespace shop-* default --admin --max-services 5 --out F
            """
        let command = try #require(try Self.parse(line) as? TrustIssue)
        #expect(command.name == "pi-1")
        #expect(command.addresses.map(\.description) == ["10.0.0.1", "10.0.0.2", "fd00::1"])
        #expect(command.podCIDRs.map(\.description) == ["10.2.0.0/24"])
        #expect(command.namespaces == ["shop-*", "default"])
        #expect(command.admin)
        #expect(command.maxServices == 5)
        #expect(command.out == "F")
    }

    @Test func `agent`() throws {
        let line = """
            agent --bundle B --data-dir D --socket S --bind 10.0.0.1:7747 --advertise 10.0.0.9 \
            --peer pi-2:7747 --peer 10.0.0.3:7748 --manifests M --table none --config C \
            --zone rack-1 --log-level debug
            """
        let command = try #require(try Self.parse(line) as? AgentCommand)
        #expect(command.bundle == "B")
        #expect(command.dataDir == "D")
        #expect(command.socket == "S")
        #expect(command.bind?.description == "10.0.0.1:7747")
        #expect(command.advertise?.description == "10.0.0.9")
        #expect(command.peers.map(\.description) == ["pi-2:7747", "10.0.0.3:7748"])
        #expect(command.manifests == "M")
        #expect(command.zone == "rack-1")
        #expect(command.table == AgentCommand.TableWriter.none)
        #expect(command.config == "C")
        #expect(command.logLevel == .debug)
    }

    @Test(arguments: [
        "members", "members -o json", "status -o yaml", "get services -o json",
        "get svc web -n shop -o wide", "get endpoints -A --no-headers", "get ep web",
        "get nodes -o name", "get no pi-1", "describe service web -n shop", "describe node pi-1",
        "apply -f -", "apply -f a.yaml -f b.yaml -n shop", "delete service web -n shop",
        "delete service/web", "delete -f a.yaml", "table show", "table verify -o json",
        "apply -f a.yaml --take-ownership", "diff -f a.yaml -n shop", "expose web --port 80",
        "expose web --port 80 --target http --endpoint 10.0.0.1:8080 --protocol udp",
        "expose web --port 80 --type NodePort --node-port 30080 --dry-run=client -o yaml",
        "expose web --port 80 --endpoint fd00::1 --endpoint [fd00::2]:81 --take-ownership",
        "table cleanup", "table diff -o json", "freeze", "unfreeze -o yaml", "version -o json",
        "completion bash", "explain GV1042", "explain service.spec -o json", "explain",
        "trust show --dir D", "trust show --bundle F -o json",
        "trust show F", "trust renew pi-1 --dir D --out F", "trust request --out F",
        "trust revoke pi-1 --dir D --reason sold --out F", "trust load F --data-dir D",
        "trust token --dir D --peer pi-1:7747 --peer pi-2:7747 --name-prefix edge- --admin --out F",
        "agent --token-file - --data-dir D --name pi-9 --pod-cidr 10.2.0.0/24",
    ])
    func `the other commands are understood`(line: String) {
        #expect(throws: Never.self) { try Self.parse(line) }
    }

    // MARK: - Bad lines

    private static let badLines: [(String, String)] = [
        (
            "wait --for condition=Programed service/x",
            """
            The value 'condition=Programed' is invalid for '--for <what>'. Please provide one of \
            the following:
              - condition=AddressSettled
              - condition=EndpointsReady
              - condition=Programmed
              - create
              - delete
              - alive
              - dead
              - left
            """
        ),
        ("get services -A -n shop", "-A and -n exclude each other"),
        (
            "delete svc/web svc/api",
            "one service at a time: service NAME; for several of them -f FILE"
        ),
        (
            "delete service web api",
            "one service at a time: service NAME; for several of them -f FILE"
        ),
        ("apply", "say what to apply: -f FILE"),
        ("delete", "say what to delete: service NAME, or -f FILE"),
        ("delete service web -f x", "say what to delete: service NAME, or -f FILE"),
        ("delete node pi-1", "only services can be deleted by name: service NAME"),
        ("delete service", "only services can be deleted by name: service NAME"),
        ("diff", "say what to compare: -f FILE"),
        ("expose web", "Missing expected argument '--port <port>'"),
        ("expose web --port 0", "port 0 → 0: a port is 1...65535"),
        ("expose web --port 80 --node-port 30080", "--node-port needs --type NodePort"),
        (
            "expose web --port 80 --target http --endpoint 10.0.0.1",
            "--endpoint 10.0.0.1: say its port, because --target is a name"
        ),
        (
            "expose web --port 80 --endpoint 127.0.0.1",
            "The value '127.0.0.1' is invalid for '--endpoint <ip[:port]>'"
        ),
        (
            "expose web --port 80 --target 70000",
            "The value '70000' is invalid for '--target <port>'"
        ),
        ("agent --bind 10.0.0.1:0", "--bind needs a port, not 0"),
        (
            "agent --advertise 0.0.0.0",
            "--advertise 0.0.0.0 is no address peers could reach"
        ),
        ("agent --bind 7747", "The value '7747' is invalid for '--bind <ip:port>'"),
        ("agent --peer pi-2", "The value 'pi-2' is invalid for '--peer <host:port>'"),
        (
            "agent --table nft",
            "The value 'nft' is invalid for '--table <table>'. "
                + "Please provide one of 'iptables' and 'none'."
        ),
        ("trust show", "say what to show: --dir DIR, --bundle FILE, or a file or token"),
        (
            "trust show gv1.x --dir D",
            "say what to show: --dir DIR, --bundle FILE, or a file or token"
        ),
        ("agent --token gv1.x --token-file F", "--token and --token-file exclude each other"),
        (
            "agent --bundle B --token gv1.x",
            "--bundle and --token exclude each other: a bundle needs no token"
        ),
        ("agent --name Pi", "--name Pi: a name is 1...32 of a-z, 0-9 and -"),
        (
            "agent --advertise 224.0.0.1",
            "--advertise 224.0.0.1 is no address peers could reach"
        ),
        (
            "agent --zone rack_1-",
            "--zone rack_1-: a zone is 1...63 of a-z A-Z 0-9 - _ . with a letter or digit at each end"
        ),
        ("trust cluster --dir D --out F", "say what to change: --add-cidr CIDR, or --drain CIDR"),
        ("trust token --dir D --valid 90d", "--valid 90d: less than 90d"),
        ("trust token --dir D --node-lifetime 91d", "--node-lifetime 91d: at most 90d"),
        ("trust token --dir D --valid 1w", "The value '1w' is invalid for '--valid <time>'"),
        ("trust token --dir D --namespace a*b", "--namespace a*b: a name, or its beginning and *"),
        (
            "trust issue --dir D --name a --address 239.1.1.1 --out F",
            "--address 239.1.1.1: others could not reach the machine there"
        ),
        (
            "trust issue --dir D --name a --address 10.0.0.1 --label zone --out F",
            "The value 'zone' is invalid for '--label <key=value>'"
        ),
        (
            "trust init --dir D --cluster Home",
            "--cluster Home: a name is 1...63 of a-z, 0-9 and -"
        ),
        (
            "trust init --dir D --cluster home --service-cidr 10.0.0.0/8",
            "--service-cidr 10.0.0.0/8: from /12 to /28 in IPv4"
        ),
        (
            "trust init --dir D --cluster home --node-ports 32767-30000",
            "The value '32767-30000' is invalid for '--node-ports <a-b>'"
        ),
        (
            "trust issue --dir D --name a --address 0.0.0.0 --out F",
            "--address 0.0.0.0: others could not reach the machine there"
        ),
        (
            "trust issue --dir D --name a --address 10.0.0.1 --namespace a*b --out F",
            "--namespace a*b: a name, or its beginning and *"
        ),
        ("trust issue --dir D --name a --out F", "Missing expected argument '--address <ip> ...'"),
        (
            "members -o xml",
            "\"xml\" is no format of output; it can be: table, wide, json, yaml, name, jsonpath="
        ),
        ("gte", "Unexpected argument 'gte'"),
    ]

    @Test(arguments: badLines)
    func `a bad line is bad usage, and says why`(line: String, message: String) throws {
        let refusal = try #require(Self.refusal(line))
        #expect(refusal.message == message)
        #expect(refusal.code == Outcome.usage.rawValue)
    }

    @Test(arguments: ["pi-2:0", "pi 2:1", ":7747", "pi-2:99999", "a..b-:1", "[::1]", "[fd00::1]:0"])
    func `a peer is a host and a port`(peer: String) {
        #expect(AgentCommand.Peer(argument: peer) == nil)
    }

    @Test func `a peer may be an IPv6 address in brackets`() {
        #expect(AgentCommand.Peer(argument: "[fd00::2]:7747")?.description == "[fd00::2]:7747")
    }

    // MARK: - Kinds

    @Test(arguments: ["--socket P get pods", "get po -A", "describe deployment web", "get s/web"])
    func `a kind that we do not have is bad usage, and those we have are named`(line: String) {
        let words = line.split(separator: " ").map(String.init)
        let thrown = #expect(throws: Failure.self) {
            try KnownKinds.check(ArgumentOrder.settled(words))
        }
        #expect(thrown?.status == .usage)
        #expect(thrown?.message.contains("services (service, svc)") == !line.hasPrefix("describe"))
        #expect(thrown?.message.hasPrefix("there is no kind \"") == true)
    }

    @Test(arguments: ["get svc", "get ep web", "describe no pi-1", "get", "get -h", "members"])
    func `what is a kind, or no question of one, is left to the parser`(line: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(throws: Never.self) { try KnownKinds.check(words) }
    }

    // MARK: - What -o name prints

    @Test(
        arguments: [
            ("get svc/web -o json", "get svc web -o json"),
            ("describe service/shop/web", "describe service web -n shop"),
            ("get endpointslice/shop/web-1.a", "get endpointslice web-1.a -n shop"),
            ("describe node/pi-1", "describe node pi-1"),
            ("delete service/shop/web --no-wait", "delete service/web -n shop --no-wait"),
            ("wait --for create service/shop/web", "wait --for create service/web -n shop"),
            ("wait --for alive member/pi-4", "wait --for alive member/pi-4"),
            ("trace service/shop/web", "trace web -n shop"), ("events svc/web", "events web"),
            ("delete -f service/shop/web", "delete -f service/shop/web"),
            ("apply -f service/web", "apply -f service/web"),
            ("trace node/pi-1", "trace node/pi-1"), ("get s/web", "get s/web"),
            ("get svc/", "get svc/"), ("get -- svc/web", "get -- svc/web"), ("get", "get"),
        ]
    )
    func `the name of an object is an argument again`(line: String, settled: String) throws {
        let words = line.split(separator: " ").map(String.init)
        #expect(try ObjectArguments.settled(words).joined(separator: " ") == settled)
    }

    @Test func `a namespace is said once`() {
        for option in [["-n", "x"], ["--namespace=x"]] {
            let thrown = #expect(throws: Failure.self) {
                try ObjectArguments.settled(["get", "service/shop/web"] + option)
            }
            #expect(thrown?.status == .usage)
        }
    }

    // MARK: - Commands

    @Test(
        arguments: [
            ("help foo", "there is no command \"foo\". All of them: grapevine help"),
            (
                "help descrbe",
                "there is no command \"descrbe\". Did you mean grapevine describe? All of them: "
                    + "grapevine help"
            ),
            (
                "statsu",
                "there is no command \"statsu\". Did you mean grapevine status? All of them: "
                    + "grapevine help"
            ),
            (
                "dns instal",
                "there is no command \"dns instal\". Did you mean grapevine dns install? All of "
                    + "them: grapevine help dns"
            ),
            (
                "help get pods",
                "there is no command \"get pods\". All of them: grapevine help get"
            ),
        ]
    )
    func `a command that we do not have is bad usage, and the nearest is named`(
        line: String,
        words: String
    ) {
        let thrown = #expect(throws: Failure.self) {
            try KnownCommands.check(line.split(separator: " ").map(String.init))
        }
        #expect(thrown?.status == .usage)
        #expect(thrown?.message == words)
    }

    @Test(
        arguments: [
            "", "help", "help get svc", "--version", "-h", "dns", "dns --help", "dns help install",
            "explain foo", "members x", "table show", "---completion get -- x",
        ]
    )
    func `what is a command is left to the parser`(line: String) {
        let words = line.split(separator: " ").map(String.init)
        #expect(throws: Never.self) { try KnownCommands.check(words) }
    }
}
