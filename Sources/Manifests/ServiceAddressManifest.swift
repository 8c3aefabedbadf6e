import Registry
import Vocabulary

/// Reading where a service is to be reached: addresses, families, or another name.
extension ServiceSpec {
    mutating func readExternalName(_ fields: inout Fields, _ findings: inout Findings) {
        guard let value = fields.take("externalName"), let text = value.text(&findings) else {
            return
        }
        // The dot that says "from the root" in a resolver means nothing more here.
        externalName = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard type == .externalName else { return }
        if IPAddress(externalName) != nil {
            let hint = "use a Service without selector and an EndpointSlice with the address"
            findings.refuse(value.place, "is an address and no name", hint: hint)
        }
    }

    mutating func readAddresses(_ fields: inout Fields, _ findings: inout Findings) {
        readAddressRequest(&fields, &findings)
        readFamilies(&fields, &findings)
        let policies: [(String, IPFamilyPolicy)] = [
            ("SingleStack", .singleStack), ("PreferDualStack", .preferDualStack),
            ("RequireDualStack", .requireDualStack),
        ]
        guard let policy = fields.choice("ipFamilyPolicy", among: policies, &findings) else {
            return
        }
        ipFamilyPolicy = policy
    }

    /// `clusterIP`, and `clusterIPs`, which says the same as a list and may go on with a second.
    private mutating func readAddressRequest(_ fields: inout Fields, _ findings: inout Findings) {
        let single = fields.take("clusterIP").map { Self.request($0, &findings) }
        addressRequest = single ?? .any
        guard let list = fields.take("clusterIPs"), let elements = list.list(&findings) else {
            return
        }
        let requests = elements.map { Self.request($0, &findings) }
        guard let first = requests.first else { return }
        if let single, single != first {
            findings.refuse(list.place, "must begin with the address in clusterIP")
        }
        addressRequest = first
        switch (requests.count, first, requests.last) {
        case (1, _, _): break
        case (2, .fixed, .fixed(let second)?): secondAddress = second
        default:
            let hint = "one address, or one of each family, or None alone"
            findings.refuse(list.place, "these do not go together", hint: hint)
        }
    }

    private static func request(_ value: Tree, _ findings: inout Findings) -> AddressRequest {
        guard let text = value.text(&findings), !text.isEmpty else { return .any }
        if text == "None" { return .headless }
        if let address = IPAddress(text) { return .fixed(address) }
        let hint = "None, an address of the service range, or leave it out"
        findings.refuse(value.place, "\"\(text.prefix(80))\" is not an address", hint: hint)
        return .any
    }

    private mutating func readFamilies(_ fields: inout Fields, _ findings: inout Findings) {
        guard let value = fields.take("ipFamilies"), let list = value.list(&findings) else {
            return
        }
        for element in list.prefix(3) {
            guard let text = element.text(&findings) else { continue }
            guard let family = IPAddress.Family.allCases.first(where: { $0.description == text })
            else {
                let near = NearestName.of(text, among: ["IPv4", "IPv6"])
                findings.refuse(
                    element.place,
                    "must be IPv4 or IPv6, not \"\(text.prefix(80))\"",
                    hint: near.map { "did you mean \($0)?" }
                )
                continue
            }
            ipFamilies.append(family)
        }
    }
}
