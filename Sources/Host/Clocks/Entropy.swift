package import Vocabulary

/// Chance from the kernel (getrandom): what seeds everything that then runs deterministically.
package enum Entropy {
    /// Bytes nobody can guess.
    package static func bytes(_ count: Int) -> [UInt8] {
        var source = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &source) }
    }

    /// A number nobody can guess.
    package static func number() -> UInt64 {
        var source = SystemRandomNumberGenerator()
        return source.next()
    }

    /// A seed nobody can guess.
    package static func seed() -> Seed { Seed(number()) }
}
