import Logging
import Testing

@testable import Agent

/// The same is said once in a while, and counted meanwhile.
struct QuietingTests {
    private let start = ContinuousClock.now
    private let noise = Quieting.Saying(level: .warning, code: "GV1001", words: "noise")

    @Test func `what comes again at once is not said, and counted when it is said again`() {
        var quieting = Quieting()
        func admit(after seconds: Int) -> Int? {
            quieting.admit(
                noise,
                of: "",
                quietFor: .seconds(10),
                at: start.advanced(by: .seconds(seconds))
            )
        }
        #expect(admit(after: 0) == 0)
        #expect(admit(after: 1) == nil)
        #expect(admit(after: 9) == nil)
        #expect(admit(after: 10) == 2)
        #expect(admit(after: 21) == 0)
    }

    @Test func `what is about somebody else is said`() {
        var quieting = Quieting()
        let first = quieting.admit(noise, of: "a", quietFor: .seconds(10), at: start)
        let second = quieting.admit(noise, of: "b", quietFor: .seconds(10), at: start)
        #expect(first == 0 && second == 0)
    }

    @Test func `a count that nobody came back for is told once`() {
        var quieting = Quieting()
        #expect(quieting.sweep(at: start).isEmpty)
        for _ in 0..<4 { _ = quieting.admit(noise, of: "", quietFor: .seconds(10), at: start) }
        #expect(quieting.sweep(at: start.advanced(by: .seconds(5))).isEmpty)
        let untold = quieting.sweep(at: start.advanced(by: .seconds(11)))
        #expect(untold.map(\.said) == [noise])
        #expect(untold.map(\.unsaid) == [3])
        #expect(quieting.sweep(at: start.advanced(by: .seconds(30))).isEmpty)
    }

    @Test func `thousands of subjects are quieted by their code`() {
        var quieting = Quieting()
        var said = 0
        for number in 0..<5_000 {
            let unsaid = quieting.admit(noise, of: "\(number)", quietFor: .seconds(10), at: start)
            said += unsaid == nil ? 0 : 1
        }
        #expect(said == Quieting.mostKeys + 1)
    }
}
