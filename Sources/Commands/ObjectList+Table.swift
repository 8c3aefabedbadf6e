import ControlAPI

extension ServiceObject {
    /// `80:30080/TCP,53/UDP`, as kubectl writes it.
    var portsText: String {
        spec.ports.map { port in
            "\(port.port)\(port.nodePort.map { ":\($0)" } ?? "")/\(port.protocol)"
        }
        .joined(separator: ",")
    }

    /// What people dial: an address, `None`, or nothing at all for an external name.
    var addressText: String {
        guard let address = spec.clusterIP else { return "<none>" }
        return address.isEmpty ? "<pending>" : address
    }

    func annotation(_ name: String) -> String { metadata.annotations[name] ?? "" }

    func isTrue(_ type: String) -> String { condition(type)?.isTrue == true ? "yes" : "no" }
}

extension EndpointSliceObject {
    /// `http:8080/TCP,53/UDP`.
    var portsText: String {
        ports.map { "\($0.name.isEmpty ? "" : "\($0.name):")\($0.port)/\($0.protocol)" }
            .joined(separator: ",")
    }

    /// One word for what an endpoint is worth to new flows.
    func state(of endpoint: Endpoint) -> String {
        if endpoint.conditions.terminating { return "terminating" }
        if endpoint.conditions.ready { return "ready" }
        return metadata.annotations[Self.suspectAnnotation] == "true" ? "suspect" : "not-ready"
    }
}

/// Services, endpoints and nodes, each with its columns.
struct ServiceListing: Listing {
    let list: ObjectList<ServiceObject>
    var items: [ServiceObject] { list.items }

    init(_ list: ObjectList<ServiceObject>) { self.list = list }

    func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }

    func reference(to item: ServiceObject) -> ObjectReference { ObjectReference(item) }

    func table(isWide: Bool) -> TextTable {
        var columns = ["NAMESPACE", "NAME", "TYPE", "CLUSTER-IP", "PORT(S)", "READY", "SETTLED"]
        if isWide { columns += ["PROGRAMMED", "DECLARED-BY", "ALIASES", "EXTERNAL-NAME"] }
        var table = TextTable(columns)
        for service in items {
            var row = [
                service.metadata.namespace, service.metadata.name, service.spec.type,
                service.addressText, service.portsText,
                service.annotation(ServiceObject.Annotation.endpoints),
                service.isTrue("AddressSettled"),
            ]
            if isWide {
                row += [
                    service.isTrue("Programmed"),
                    service.annotation(ServiceObject.Annotation.declaredBy),
                    service.annotation(ServiceObject.Annotation.aliases),
                    service.spec.externalName ?? "",
                ]
            }
            table.add(row)
        }
        return table
    }
}

struct EndpointListing: Listing {
    let list: ObjectList<EndpointSliceObject>
    var items: [EndpointSliceObject] { list.items }

    init(_ list: ObjectList<EndpointSliceObject>) { self.list = list }

    func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }

    func reference(to item: EndpointSliceObject) -> ObjectReference { ObjectReference(item) }

    func table(isWide: Bool) -> TextTable {
        var columns = ["NAMESPACE", "SERVICE", "ADDRESS", "PORT(S)", "NODE", "STATE"]
        if isWide { columns += ["HOSTNAME", "ZONE", "WEIGHT", "SLICE"] }
        var table = TextTable(columns)
        for slice in items {
            for endpoint in slice.endpoints {
                var row = [
                    slice.metadata.namespace, slice.service,
                    endpoint.addresses.first ?? "", slice.portsText, endpoint.nodeName,
                    slice.state(of: endpoint),
                ]
                if isWide {
                    row += [endpoint.hostname ?? "", endpoint.zone ?? "", "\(slice.weight)"]
                    row += [slice.metadata.name]
                }
                table.add(row)
            }
        }
        return table
    }
}

struct NodeListing: Listing {
    let list: ObjectList<NodeObject>
    var items: [NodeObject] { list.items }

    init(_ list: ObjectList<NodeObject>) { self.list = list }

    func encode(to encoder: any Encoder) throws { try list.encode(to: encoder) }

    func reference(to item: NodeObject) -> ObjectReference { ObjectReference(item) }

    func table(isWide: Bool) -> TextTable {
        var table = TextTable(["NAME", "ADDRESSES", "POD-CIDRS"] + (isWide ? ["ID"] : []))
        for node in items {
            let row = [
                node.name, node.addresses.joined(separator: ","),
                node.podCIDRs.joined(separator: ","),
            ]
            table.add(row + (isWide ? [node.id] : []))
        }
        return table
    }
}
