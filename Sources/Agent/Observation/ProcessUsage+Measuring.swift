import Host

extension ProcessUsage {
    /// Writes what the process takes into the metrics that every program of Prometheus' friends has.
    func measure(into journal: Journal) {
        journal.metrics.replace(.cpuTime, with: [[]: cpuSeconds])
        journal.gauge(.residentMemory, to: Double(residentBytes))
        journal.gauge(.virtualMemory, to: Double(virtualBytes))
        journal.gauge(.openFiles, to: Double(openFiles))
        if let maximumFiles { journal.gauge(.maximumFiles, to: Double(maximumFiles)) }
        journal.gauge(.startTime, to: startedAt)
    }
}
