/// Codes that begin with GV20: on this machine.
extension CodeBook {
    static let machine = [
        CodeEntry(
            "GV2000",
            "a library that the agent uses complained",
            why: "its words say; the agent itself goes on",
            next: "sudo journalctl -u grapevine"
        ),
        CodeEntry(
            "GV2001",
            "a part of the agent failed: disk, socket or a program",
            why: "the agent goes on without it where it can, and tries again",
            next: "the line says which part; sudo grapevine doctor"
        ),
        CodeEntry(
            "GV2002",
            "a part of the agent lags behind, or its snapshot was damaged and is made anew",
            why: "nobody waits for it; what was declared here is whole, the rest comes from peers",
            next: "is the disk slow, full or failing? df -h /var/lib/grapevine; sudo dmesg"
        ),
        CodeEntry(
            "GV2003",
            "the database holds a wish that this version cannot read",
            why: "the service of that name is not declared by this node",
            next: "grapevine apply -f FILE declares it again"
        ),
        CodeEntry(
            "GV2004",
            "a damaged database was set aside and what was whole in it kept",
            why: "declarations may be missing until they are applied again",
            next: "grapevine get services -A; grapevine apply -f DIR"
        ),
        CodeEntry(
            "GV2030",
            "a manifest of the directory is wrong",
            why: "that file does not count; what it declared before stays, and all others count",
            next: "grapevine diff -f FILE says each mistake with its line"
        ),
        CodeEntry(
            "GV2031",
            "the directory for --manifests is not there yet",
            why: "nothing is declared from it; it is looked for each second",
            next: "sudo mkdir -p DIR"
        ),
        CodeEntry(
            "GV2032",
            "a manifest has a field that was accepted and has no effect",
            why: "the object does less than it says",
            next: "grapevine explain FIELD"
        ),
        CodeEntry(
            "GV2040",
            "peers are told an address that is not among the bundle's addresses",
            why: "endpoints at that address may be refused by the others",
            next: "grapevine trust issue --replace --address IP, or correct --advertise"
        ),
        CodeEntry(
            "GV2041",
            "this bundle has another key than the one before",
            why: "to the others this is another node; what the old one declared stays for 72 hours",
            next: "grapevine trust revoke OLD; to renew and keep the key: grapevine trust renew"
        ),
        CodeEntry(
            "GV2042",
            "a token was given that is not needed or cannot be read",
            why: "nothing: this machine has its bundle already",
            next: "take --token-file out of the configuration"
        ),
        CodeEntry(
            "GV2043",
            "no interface has the address that peers are told",
            why: "peers may not reach this agent; it works on, alone if need be",
            next: "ip -brief address; grapevine agent --advertise IP, and trust issue --replace"
        ),
        CodeEntry(
            "GV2090",
            "the configuration was read again (SIGHUP)",
            why: "it says what is taken over and what needs a restart",
            next: "grapevine config view --origins"
        ),
        CodeEntry(
            "GV2091",
            "the configuration is wrong, and the one before stays in force",
            why: "the next start would fail",
            next: "sudo grapevine agent --check-config; then sudo systemctl reload grapevine"
        ),
    ]

    static let table = [
        CodeEntry(
            "GV2010",
            "there are rules in the other rule set (iptables-nft, iptables-legacy)",
            why: "every packet passes both, so the others may take packets for services away",
            next: "sudo grapevine table cleanup removes ours from both; sudo iptables-legacy-save"
        ),
        CodeEntry(
            "GV2011",
            "a program that the agent needs is missing",
            why: "no rule can be written, so the agent does not start",
            next: "sudo apt install iptables iproute2, or run it with --table none"
        ),
        CodeEntry(
            "GV2012",
            "FORWARD drops by policy",
            why: "flows to services are let through by our rules; pods that talk directly are not",
            next: "sudo iptables -S FORWARD"
        ),
        CodeEntry(
            "GV2013",
            "packets are not forwarded",
            why: "a NodePort reaches only endpoints on this machine",
            next: "sudo sysctl -w net.ipv4.ip_forward=1"
        ),
        CodeEntry(
            "GV2014",
            "packets between pods on one bridge pass iptables by",
            why: "such pods do not reach each other through a service",
            next:
                "sudo modprobe br_netfilter && sudo sysctl -w net.bridge.bridge-nf-call-iptables=1"
        ),
        CodeEntry(
            "GV2015",
            "there is no route to the service range",
            why: "programs on this machine do not reach services",
            next: "sudo ip route add CIDR dev INTERFACE"
        ),
        CodeEntry(
            "GV2016",
            "the service range is in use on this machine: a route or an address is inside it",
            why: "rules would take that network's packets, so none are written",
            next: "ip route; make the cluster with another --service-cidr"
        ),
        CodeEntry(
            "GV2017",
            "rp_filter drops packets",
            why: "clients whose packets come in where the answer would not leave get no answer",
            next: "sudo sysctl -w net.ipv4.conf.INTERFACE.rp_filter=2"
        ),
        CodeEntry(
            "GV2018",
            "a program listens on a NodePort",
            why: "from other machines nobody reaches that program any more",
            next: "sudo ss -lntup sport = :PORT; give one of the two another port"
        ),
        CodeEntry(
            "GV2019",
            "late TCP packets may reset flows",
            why: "a packet outside the window is not translated back",
            next: "sudo sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1"
        ),
        CodeEntry(
            "GV2020",
            "something of a service cannot be a rule",
            why: "that part does not work here; the rest of it and all others do",
            next: "grapevine describe service NAME"
        ),
        CodeEntry(
            "GV2021",
            "somebody changed our rules; they were repaired",
            why:
                "for a moment services led elsewhere; again and again means another program flushes",
            next: "sudo nft monitor shows who"
        ),
        CodeEntry(
            "GV2022",
            "iptables refuses the rules of one service",
            why: "that service has no rules here; it is tried again when it changes",
            next: "grapevine describe service NAME"
        ),
        CodeEntry(
            "GV2023",
            "rules could not be written",
            why: "the kernel holds older rules; it is tried again, at most 30 s later",
            next: "grapevine table diff shows what is missing; sudo iptables -S"
        ),
        CodeEntry(
            "GV2024",
            "a rule of others stands before ours",
            why: "it may take packets for services away",
            next: "sudo iptables -t nat -S PREROUTING"
        ),
        CodeEntry(
            "GV2025",
            "frozen: no rule is written",
            why: "services change and this machine's rules do not",
            next: "sudo grapevine unfreeze"
        ),
        CodeEntry(
            "GV2026",
            "a port for health checks cannot be opened",
            why: "load balancers leave this machine out for that service; all else works",
            next: "sudo ss -ltnp sport = :PORT; give one of the two another port"
        ),
        CodeEntry(
            "GV2028",
            "the rules were removed by `table cleanup`",
            why: "no service works on this machine",
            next: "sudo systemctl restart grapevine"
        ),
        CodeEntry(
            "GV2050",
            "the port for names of services is taken",
            why: "programs here cannot ask for names; services by address go on",
            next: "sudo ss -lnup sport = :8653; stop that program, or choose another --dns"
        ),
        CodeEntry(
            "GV2051",
            "names cannot be answered at an address",
            why: "programs here cannot ask for names; services by address go on",
            next: "ip -brief address; choose another --dns"
        ),
        CodeEntry(
            "GV2070",
            "the TCP port for readers cannot be opened",
            why: "nobody is answered there: no /metrics, no http_sd; the Unix socket works",
            next: "sudo ss -ltnp sport = :7980; stop that program, or choose another --http"
        ),
    ]
}
