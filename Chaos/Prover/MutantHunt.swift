#if GRAPEVINE_MUTANTS
import Foundation
import Laws
import Synchronization
import Vocabulary

/// Makes one mistake after the other, each in a process of its own, and sees who notices.
struct MutantHunt {
    /// - Returns: 0 where every mistake was noticed.
    func run() -> Int32 {
        let all = Mutation.allCases
        let results = Mutex<[String: String]>([:])
        DispatchQueue.concurrentPerform(iterations: all.count) { number in
            let name = all[number].rawValue
            let line = hunt(name)
            results.withLock { $0[name] = line }
            print(line)
        }
        let missed = results.withLock { $0 }.values.filter { $0.hasPrefix("✗") }
        print("\(all.count - missed.count) of \(all.count) mistakes are noticed")
        return missed.isEmpty ? 0 : 1
    }

    /// Starts this program anew for one mistake: it may trap, and that is noticed too.
    private func hunt(_ name: String) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["mutant", name]
        process.environment = ["SWIFT_BACKTRACE": "enable=no"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return "✗ \(name): cannot be tried: \(error)" }
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: output, as: UTF8.self).split(separator: "\n").last
        if process.terminationReason == .uncaughtSignal {
            return "✓ \(name): a precondition traps"
        }
        return text.map(String.init) ?? "✗ \(name): nothing is said"
    }

    /// - Returns: 0 where this mistake was noticed.
    func run(_ name: String) -> Int32 {
        guard let mutation = Mutation(rawValue: name) else {
            print("✗ \(name) is no mistake that is known")
            return 2
        }
        Mutation.active = mutation
        guard let found = Hunt().run() else {
            print("✗ \(name): nobody notices")
            return 1
        }
        let place = "\(found.how), seed \(found.seed.value), run \(found.runs)"
        print("✓ \(name): \(found.breach.description.prefix(150)) (\(place))")
        return 0
    }
}
#endif
