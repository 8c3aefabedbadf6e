import Sodium

/// A chain of ours and its rules, in the order they are tried.
package struct Chain: Hashable, Sendable {
    /// At most `ChainName.longest` characters where we made it.
    package let name: String
    package let rules: [Rule]

    package init(_ name: String, _ rules: [Rule]) {
        self.name = name
        self.rules = rules
    }

    /// A hash of the rules' text, by which two readings of a chain are told apart.
    package var fingerprint: UInt64 {
        BLAKE2b.hash64(Array(rules.map(\.text).joined(separator: "\n").utf8))
    }
}

/// The two tables of the kernel that hold rules of ours, in the order they are written.
package enum KernelTable: String, Hashable, Comparable, Sendable, CaseIterable {
    case nat
    case filter

    package static func < (left: KernelTable, right: KernelTable) -> Bool {
        left == .nat && right == .filter
    }
}

/// Where the kernel calls a table: the built-in chains.
package enum Hook: String, Hashable, Comparable, Sendable, CaseIterable {
    case prerouting = "PREROUTING"
    case input = "INPUT"
    case forward = "FORWARD"
    case output = "OUTPUT"
    case postrouting = "POSTROUTING"

    /// A packet's way through the machine.
    package static func < (left: Hook, right: Hook) -> Bool {
        guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right)
        else { preconditionFailure("\(left) or \(right) is no hook") }
        return first < second
    }
}

/// A rule of a built-in chain that leads to a chain of ours.
package struct Jump: Hashable, Sendable {
    package let hook: Hook
    package let rule: Rule

    package init(_ hook: Hook, _ rule: Rule) {
        self.hook = hook
        self.rule = rule
    }
}
