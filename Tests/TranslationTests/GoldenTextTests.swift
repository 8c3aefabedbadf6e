import Registry
import Testing
import Translation
import Vocabulary

struct GoldenTextTests {
    @Test func `39 a small view gives exactly this text`() {
        let web = Village.service(
            "web",
            at: "10.96.1.1",
            nodePorts: [30_080],
            to: [
                Village.endpoint("10.1.1.5", on: 1), Village.endpoint("10.1.2.5"),
                Village.endpoint("10.1.3.5", on: 3),
            ]
        )
        let dns = Village.service(
            "dns",
            at: "10.96.0.10",
            ports: [ServicePort(name: "dns", transport: .udp, port: 53)],
            to: [
                Village.endpoint(
                    "10.1.2.6",
                    ports: [EndpointPort(name: "dns", transport: .udp, port: 5353)]
                )
            ]
        )
        let idle = Village.service("idle", at: "10.96.1.2", nodePorts: [30_081], to: [])
        let rendering = Rendering(of: Village.view([web, dns, idle]), on: Village.machine)
        #expect(rendering.refusals.isEmpty)
        #expect(rendering.table.text == Self.golden)
    }

    /// Changing this changes what every machine writes at its next start: say why in the commit.
    static let golden = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :INPUT ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :GV-DROP - [0:0]
        :GV-HAIRPIN - [0:0]
        :GV-MASQUERADE - [0:0]
        :GV-NODEPORTS - [0:0]
        :GV-NODEPORTS-TCP - [0:0]
        :GV-NODEPORTS-UDP - [0:0]
        :GV-OUTSIDERS - [0:0]
        :GV-PORTS-TCP - [0:0]
        :GV-PORTS-UDP - [0:0]
        :GV-POSTROUTING - [0:0]
        :GV-SERVICES - [0:0]
        :GV-SVC-JXXYUG3TAFI5NOIX - [0:0]
        :GV-SVC-PN7W4BF36CWNZL3Y - [0:0]
        -A PREROUTING -j GV-SERVICES
        -A PREROUTING ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j GV-NODEPORTS
        -A OUTPUT -j GV-SERVICES
        -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j GV-NODEPORTS
        -A POSTROUTING -j GV-POSTROUTING
        -A GV-DROP -j MARK --set-xmark 0x400/0x1400
        -A GV-DROP -j ACCEPT
        -A GV-HAIRPIN -s 10.1.1.5/32 -d 10.1.1.5/32 -g GV-MASQUERADE
        -A GV-MASQUERADE -j MARK --set-xmark 0x0/0x1400
        -A GV-MASQUERADE -j MASQUERADE --random-fully
        -A GV-NODEPORTS -p tcp -m tcp --dport 30000:32767 -g GV-NODEPORTS-TCP
        -A GV-NODEPORTS -p udp -m udp --dport 30000:32767 -g GV-NODEPORTS-UDP
        -A GV-NODEPORTS-TCP -j MARK --set-xmark 0x1000/0x1000
        -A GV-NODEPORTS-TCP -j GV-PORTS-TCP
        -A GV-NODEPORTS-TCP -j MARK --set-xmark 0x0/0x1400
        -A GV-NODEPORTS-UDP -j MARK --set-xmark 0x1000/0x1000
        -A GV-NODEPORTS-UDP -j GV-PORTS-UDP
        -A GV-NODEPORTS-UDP -j MARK --set-xmark 0x0/0x1400
        -A GV-OUTSIDERS -s 10.1.1.0/24 -j RETURN
        -A GV-OUTSIDERS -j MARK --set-xmark 0x1000/0x1000
        -A GV-PORTS-TCP -p tcp -m tcp --dport 30080 -m comment --comment "default/web:80" -g \
        GV-SVC-PN7W4BF36CWNZL3Y
        -A GV-PORTS-TCP -p tcp -m tcp --dport 30081 -m comment --comment "default/idle:80" -j ACCEPT
        -A GV-POSTROUTING -m conntrack ! --ctstate DNAT -j RETURN
        -A GV-POSTROUTING -j GV-HAIRPIN
        -A GV-POSTROUTING -m mark ! --mark 0x1000/0x1000 -j RETURN
        -A GV-POSTROUTING -d 10.1.1.0/24 -m conntrack ! --ctorigdst 10.96.0.0/16 -j RETURN
        -A GV-POSTROUTING -m addrtype --dst-type LOCAL -m conntrack ! --ctorigdst 10.96.0.0/16 -j \
        RETURN
        -A GV-POSTROUTING -g GV-MASQUERADE
        -A GV-SERVICES ! -d 10.96.0.0/16 -j RETURN
        -A GV-SERVICES -m addrtype ! --src-type LOCAL -j GV-OUTSIDERS
        -A GV-SERVICES -d 10.96.0.10/32 -p udp -m udp --dport 53 -m comment --comment \
        "default/dns:dns" -g GV-SVC-JXXYUG3TAFI5NOIX
        -A GV-SERVICES -d 10.96.1.1/32 -p tcp -m tcp --dport 80 -m comment --comment \
        "default/web:80" -g GV-SVC-PN7W4BF36CWNZL3Y
        -A GV-SVC-JXXYUG3TAFI5NOIX -p udp -m comment --comment "default/dns:dns" -j DNAT \
        --to-destination 10.1.2.6:5353
        -A GV-SVC-PN7W4BF36CWNZL3Y -p tcp -m statistic --mode random --probability 0.33333333349 \
        -m comment --comment "default/web:80" -j DNAT --to-destination 10.1.1.5:8080
        -A GV-SVC-PN7W4BF36CWNZL3Y -p tcp -m statistic --mode random --probability 0.50000000000 \
        -m comment --comment "default/web:80" -j DNAT --to-destination 10.1.2.5:8080
        -A GV-SVC-PN7W4BF36CWNZL3Y -p tcp -m comment --comment "default/web:80" -j DNAT \
        --to-destination 10.1.3.5:8080
        COMMIT
        *filter
        :INPUT ACCEPT [0:0]
        :FORWARD ACCEPT [0:0]
        :OUTPUT ACCEPT [0:0]
        :GV-FORWARD - [0:0]
        :GV-REJECT - [0:0]
        :GV-REJECT-NODEPORTS - [0:0]
        :GV-REJECT-SERVICES - [0:0]
        -A INPUT -m conntrack --ctstate NEW -j GV-REJECT
        -A FORWARD -j GV-FORWARD
        -A FORWARD -m conntrack --ctstate NEW -j GV-REJECT
        -A OUTPUT -m conntrack --ctstate NEW -j GV-REJECT
        -A GV-FORWARD -m conntrack --ctstate DNAT --ctorigdst 10.96.0.0/16 -j ACCEPT
        -A GV-FORWARD -m mark ! --mark 0x0/0x1400 -m conntrack --ctstate DNAT -j ACCEPT
        -A GV-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -m conntrack --ctstate DNAT \
        --ctorigdstport 30000:32767 -j ACCEPT
        -A GV-REJECT -d 10.96.0.0/16 -g GV-REJECT-SERVICES
        -A GV-REJECT ! -d 127.0.0.0/8 -p tcp -m tcp --dport 30000:32767 -m addrtype --dst-type \
        LOCAL -g GV-REJECT-NODEPORTS
        -A GV-REJECT ! -d 127.0.0.0/8 -p udp -m udp --dport 30000:32767 -m addrtype --dst-type \
        LOCAL -g GV-REJECT-NODEPORTS
        -A GV-REJECT-NODEPORTS -m conntrack --ctstate DNAT -j RETURN
        -A GV-REJECT-NODEPORTS -m mark --mark 0x400/0x400 -j DROP
        -A GV-REJECT-NODEPORTS -m mark ! --mark 0x1000/0x1000 -j RETURN
        -A GV-REJECT-NODEPORTS -p tcp -j REJECT --reject-with tcp-reset
        -A GV-REJECT-NODEPORTS -j REJECT --reject-with icmp-port-unreachable
        -A GV-REJECT-SERVICES -m mark --mark 0x400/0x400 -j DROP
        -A GV-REJECT-SERVICES -p tcp -j REJECT --reject-with tcp-reset
        -A GV-REJECT-SERVICES -j REJECT --reject-with icmp-port-unreachable
        COMMIT

        """
}
