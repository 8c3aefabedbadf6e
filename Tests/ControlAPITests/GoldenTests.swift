import ControlAPI
import Testing

/// What scripts rely on, byte for byte.
struct GoldenTests {
    @Test func `members`() {
        let list = MemberList([
            Member(
                name: "pi-3",
                id: "03",
                address: "10.0.0.3:7747",
                state: .suspect,
                lastHeardSeconds: 14.000_4,
                accusedBy: ["pi-2", "pi-1"],
                roundTripMilliseconds: 1.4,
                endpoints: 1,
                agrees: false,
                troubles: ["GV1065"]
            ),
            Member(
                name: "pi-1",
                id: "01",
                address: "10.0.0.1:7747",
                state: .alive,
                isSelf: true,
                viewDigest: "77c0"
            ),
        ])
        #expect(
            json(list) == """
                {"apiVersion":"grapevine/v1","items":[\
                {"accusedBy":[],"address":"10.0.0.1:7747","id":"01","lastHeardSeconds":null,\
                "name":"pi-1","self":true,"state":"alive","troubles":[],"viewDigest":"77c0"},\
                {"accusedBy":["pi-1","pi-2"],"address":"10.0.0.3:7747","agrees":false,\
                "endpoints":1,"id":"03","lastHeardSeconds":14,"name":"pi-3",\
                "roundTripMilliseconds":1.4,"self":false,"state":"suspect",\
                "troubles":["GV1065"]}],"kind":"MemberList","outsiders":[],"troubles":[]}
                """
        )
    }

    @Test func `services`() throws {
        let view = try World.view([World.web(), World.db()])
        #expect(
            json(ObjectList(servicesOf: view, programming: .done)) == """
                {"apiVersion":"v1","items":[\
                {"apiVersion":"v1","kind":"Service",\
                "metadata":{"annotations":{"grapevine/declared-by":"pi-1",\
                "grapevine/endpoints":"0/0"},"labels":{},"name":"db","namespace":"default",\
                "uid":"000000000000000000000000000000bb"},\
                "spec":{"clusterIP":"None","clusterIPs":["None"],\
                "internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],\
                "ipFamilyPolicy":"SingleStack",\
                "ports":[{"port":5432,"protocol":"TCP","targetPort":5432}],"selector":{},\
                "sessionAffinity":"None","type":"ClusterIP"},\
                "status":{"conditions":[\
                {"message":"It is headless and needs no address.","reason":"Headless",\
                "status":"True","type":"AddressSettled"},\
                {"message":"No machine offers an endpoint.","reason":"NoEndpoints",\
                "status":"False","type":"EndpointsReady"},\
                {"message":"It is headless and needs no rule.","reason":"Headless",\
                "status":"True","type":"Programmed"}],"loadBalancer":{}}},\
                {"apiVersion":"v1","kind":"Service",\
                "metadata":{"annotations":{"grapevine/aliases":"10.96.0.9",\
                "grapevine/declared-by":"00000000000000000000000000000003,pi-2",\
                "grapevine/endpoints":"1/2","grapevine/given":"10.96.113.20,30080",\
                "note":"a/b"},"labels":{"app":"web"},"name":"web",\
                "namespace":"default","uid":"000000000000000000000000000000aa"},\
                "spec":{"clusterIP":"10.96.113.20","clusterIPs":["10.96.113.20"],\
                "externalTrafficPolicy":"Cluster","internalTrafficPolicy":"Cluster",\
                "ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack",\
                "ports":[{"name":"http","nodePort":30080,"port":80,"protocol":"TCP",\
                "targetPort":8080}],"selector":{"app":"web"},"sessionAffinity":"None",\
                "type":"NodePort"},\
                "status":{"conditions":[\
                {"message":"Its address is 10.96.113.20.","reason":"Settled","status":"True",\
                "type":"AddressSettled"},\
                {"message":"1 of 2 endpoints are ready.","reason":"EndpointsReady",\
                "status":"True","type":"EndpointsReady"},\
                {"message":"This machine's table holds it.","reason":"Programmed",\
                "status":"True","type":"Programmed"}],"loadBalancer":{}}}],"kind":"List"}
                """
        )
    }

    @Test func `endpoints`() throws {
        let view = try World.view([World.web()])
        let start = """
            {"addressType":"IPv4","apiVersion":"discovery.k8s.io/v1","endpoints":[{"addresses":
            """
        let rest = """
            "labels":{"endpointslice.kubernetes.io/managed-by":"grapevine",\
            "kubernetes.io/service-name":"web"}
            """
        let ports = #""ports":[{"name":"http","port":8080,"protocol":"TCP"}]"#
        #expect(
            json(ObjectList(endpointsOf: view)) == """
                {"apiVersion":"v1","items":[\
                \(start)["10.1.0.1"],\
                "conditions":{"ready":true,"serving":true,"terminating":false},\
                "nodeName":"pi-1"}],"kind":"EndpointSlice","metadata":{"annotations":{},\
                \(rest),"name":"web-pi-1","namespace":"default"},\(ports)},\
                \(start)["10.1.0.2"],\
                "conditions":{"ready":false,"serving":true,"terminating":false},\
                "hostname":"b","nodeName":"pi-2"}],"kind":"EndpointSlice",\
                "metadata":{"annotations":{"grapevine/suspect":"true"},\
                \(rest),"name":"web-pi-2","namespace":"default"},\(ports)}],"kind":"List"}
                """
        )
    }

    @Test func `nodes`() throws {
        #expect(
            json(ObjectList(nodesOf: try World.view([]))) == """
                {"apiVersion":"v1","items":[\
                {"addresses":["10.1.0.1"],"apiVersion":"grapevine/v1",\
                "id":"00000000000000000000000000000001","kind":"Node","name":"pi-1",\
                "podCIDRs":["10.2.0.1/32"]},\
                {"addresses":["10.1.0.2"],"apiVersion":"grapevine/v1",\
                "id":"00000000000000000000000000000002","kind":"Node","name":"pi-2",\
                "podCIDRs":[]}],"kind":"List"}
                """
        )
    }

    @Test func `status`() {
        let members = MemberList([
            Member(name: "a", id: "1", address: "", state: .alive, isSelf: true),
            Member(name: "b", id: "2", address: "", state: .dead),
            Member(name: "c", id: "3", address: "", state: .suspect),
            Member(name: "d", id: "4", address: "", state: .left),
        ])
        let status = StatusReply(
            name: "pi-1",
            cluster: "home",
            clusterID: "07",
            nodeID: "01",
            version: "0.1.0",
            commit: "0123abcd",
            state: .degraded,
            viewDigest: "9f31",
            members: StatusReply.Members(of: members),
            services: 2,
            endpoints: 3,
            table: StatusReply.Table(
                programmed: true,
                generation: 4,
                flavour: "nft",
                chains: 5,
                rules: 6
            ),
            serviceCIDR: "10.96.0.0/16",
            nodePorts: "30000-32767",
            address: "10.0.0.1:7747",
            startedSeconds: 12.5,
            clockBehindSeconds: -0.25,
            rejected: ["signature": 2, "malformed": 1],
            troubles: ["b is dead."]
        )
        #expect(
            json(status) == """
                {"address":"10.0.0.1:7747","clockBehindSeconds":-0.25,"cluster":"home",\
                "clusterID":"07","commit":"0123abcd","endpoints":3,\
                "gossip":{"bytesReceived":0,"bytesSent":0,"packetsReceived":0,"packetsSent":0},\
                "members":{"alive":1,"dead":1,"left":1,"suspect":1,"unheard":0},"name":"pi-1",\
                "nodeID":"01","nodePorts":"30000-32767",\
                "rejected":{"malformed":1,"signature":2},"serviceCIDR":"10.96.0.0/16",\
                "services":2,"startedSeconds":12.5,"state":"degraded",\
                "table":{"chains":5,"flavour":"nft","frozen":false,"generation":4,"notes":[],\
                "programmed":true,"quarantined":[],"rules":6},\
                "troubles":["b is dead."],"version":"0.1.0","viewDigest":"9f31"}
                """
        )
    }

    @Test func `apply and delete`() {
        let applied = ApplyReply(
            items: [
                ApplyReply.Item(
                    kind: "Service",
                    namespace: "default",
                    name: "web",
                    result: .created,
                    clusterIP: "10.96.113.20",
                    nodePorts: [30080]
                ),
                ApplyReply.Item(
                    kind: "EndpointSlice",
                    namespace: "default",
                    name: "web-1",
                    result: .unchanged
                ),
            ],
            warnings: ["web.yaml:3: it has no effect"]
        )
        #expect(
            json(applied) == """
                {"items":[{"clusterIP":"10.96.113.20","kind":"Service","name":"web",\
                "namespace":"default","nodePorts":[30080],"result":"created"},\
                {"kind":"EndpointSlice","name":"web-1","namespace":"default",\
                "result":"unchanged"}],"warnings":["web.yaml:3: it has no effect"]}
                """
        )
        let deleted = DeleteReply(items: [
            DeleteReply.Item(kind: "Service", namespace: "a", name: "web", result: .notFound)
        ])
        #expect(
            json(deleted) == """
                {"items":[{"kind":"Service","name":"web","namespace":"a","result":"notFound"}]}
                """
        )
    }

    @Test func `table`() {
        #expect(
            json(TableReply(flavour: "nft", generation: 3, text: "*nat\nCOMMIT\n"))
                == #"{"flavour":"nft","generation":3,"text":"*nat\nCOMMIT\n"}"#
        )
        #expect(
            json(TableVerification(matches: false, flavour: "nft", differences: ["- a"]))
                == #"{"differences":["- a"],"flavour":"nft","foreign":[],"matches":false}"#
        )
        #expect(
            json(TableCleanup(removedChains: ["nat A"], kept: ["net.ipv4.ip_forward=1"]))
                == #"{"kept":["net.ipv4.ip_forward=1"],"removedChains":["nat A"]}"#
        )
        let run = TableDifference.Run(family: "IPv4", text: "*nat\nCOMMIT\n")
        #expect(
            json(TableDifference(frozen: true, flavour: "nft", runs: [run]))
                == #"{"flavour":"nft","frozen":true,"runs":[{"family":"IPv4","text":"*nat\nCOMMIT\n"}]}"#
        )
        #expect(json(FreezeReply(frozen: true)) == #"{"frozen":true}"#)
        let endpoint = ConnectionList.Endpoint(address: "10.1.2.5:80", connections: 3)
        let port = ConnectionList.Port(
            namespace: "default",
            name: "web",
            port: "http",
            connections: 4,
            endpoints: [endpoint]
        )
        #expect(
            json(ConnectionList([port])) == """
                {"items":[{"connections":4,"endpoints":[{"address":"10.1.2.5:80",\
                "connections":3}],"name":"web","namespace":"default","port":"http"}]}
                """
        )
    }

    @Test func `problems`() {
        let mistake = Problem.Mistake(file: "web.yaml", line: 6, path: "spec.x", detail: "unknown")
        let problem = Problem(
            .invalidManifest,
            detail: "1 problem",
            hint: "correct it",
            errors: [mistake]
        )
        #expect(
            json(problem) == """
                {"code":"invalid_manifest","detail":"1 problem","errors":[{"detail":"unknown",\
                "file":"web.yaml","line":6,"path":"spec.x"}],"hint":"correct it","status":400,\
                "title":"The manifest is not acceptable",\
                "type":"urn:grapevine:problem:invalid_manifest"}
                """
        )
        #expect(mistake.text == "web.yaml:6: spec.x: unknown")
        #expect(Problem.Mistake(detail: "no").text == "no")
    }
}
