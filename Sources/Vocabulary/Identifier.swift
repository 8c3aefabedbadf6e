/// A 16-byte name that a hash or a random draw gave to something.
///
/// `NodeID`, `ClusterID` and `ServiceID` are kept apart as types, because to mix them up would
/// compile otherwise and route traffic to the wrong place.
package protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The 16 bytes as one big-endian number, so that order is the order of the bytes.
    var number: UInt128 { get }

    init(_ number: UInt128)
}

extension UInt8 {
    /// Whether this is the ASCII code of a hexadecimal digit.
    var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}

extension Identifier {
    /// The 16 bytes in network order.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }

    /// - Parameter bytes: Exactly 16 bytes in network order; anything else gives `nil`.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        self.init(bytes.reduce(0) { $0 << 8 | UInt128($1) })
    }

    /// - Parameter hex: 32 hexadecimal digits; anything else gives `nil`.
    package init?(hex: some StringProtocol) {
        // A sign would be read as part of a number: `-0` even as an unsigned one.
        guard hex.utf8.count == 32, hex.utf8.allSatisfy({ $0.isHexDigit }),
            let number = UInt128(hex, radix: 16)
        else { return nil }
        self.init(number)
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.number < right.number
    }

    /// All 32 hexadecimal digits.
    package var description: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// The first eight digits: enough for a person to tell two apart, not for a program.
    package var short: String { String(description.prefix(8)) }
}

/// Names a node for ever: `BLAKE2b-128("gv1-node" ‖ public key)`, so a name cannot be taken
/// without the key (registry design, section 2).
package struct NodeID: Identifier {
    package let number: UInt128
    package init(_ number: UInt128) { self.number = number }
}

/// Names a cluster: 16 random bytes drawn once by `trust init`.
///
/// Every signature covers it.
package struct ClusterID: Identifier {
    package let number: UInt128
    package init(_ number: UInt128) { self.number = number }
}

/// Names a service inside one cluster: `BLAKE2b-128(key = clusterId, namespace ‖ 0 ‖ name)`.
package struct ServiceID: Identifier {
    package let number: UInt128
    package init(_ number: UInt128) { self.number = number }
}
