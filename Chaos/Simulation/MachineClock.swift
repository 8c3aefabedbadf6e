package import Vocabulary

/// The two clocks of a machine: one that never goes back, and the one on the wall.
///
/// Both begin right, and follow the world's time until something is said of them.
package struct MachineClock: Hashable, Sendable {
    /// Whether nothing was ever said of it: then both show the world's time.
    package private(set) var isPlain = true
    private var worldMark = Instant.zero
    private var monotonicMark = Instant.zero
    /// Millionths of a second of this clock in a second of the world.
    private var rate = 1_000_000
    private var isStopped = false
    /// How far the wall clock is ahead, besides what its course adds.
    private var offset = Duration.zero
    private var course = WallCourse.steady
    private var courseMark = Instant.zero

    // MARK: Monotonic

    /// What the monotonic clock shows.
    package func monotonic(at world: Instant) -> Instant {
        guard !isPlain else { return world }
        guard !isStopped else { return monotonicMark }
        let elapsed = Int128((world - worldMark).nanoseconds)
        return monotonicMark + .nanoseconds(Int64(clamping: elapsed * Int128(rate) / 1_000_000))
    }

    /// When the monotonic clock will show a moment, if nothing more is said of it; `.never` where
    /// it will not.
    package func world(when moment: Instant) -> Instant {
        guard !isPlain, moment != .never else { return moment }
        guard !isStopped, rate > 0 else { return .never }
        let wanted = Int128((moment - monotonicMark).nanoseconds) * 1_000_000
        // Rounded up: at that time it shows the moment or a later one.
        let elapsed = (wanted + Int128(rate - 1)) / Int128(rate)
        return worldMark + .nanoseconds(Int64(clamping: elapsed))
    }

    /// Lets it gain or lose so many millionths from now on; -1,000,000 stops it.
    mutating func setDrift(_ ppm: Int, at world: Instant) {
        mark(world)
        rate = max(0, 1_000_000 + ppm)
    }

    /// Stops both clocks, as a virtual machine that is paused does, or lets them go on.
    mutating func setStopped(_ stops: Bool, at world: Instant) {
        guard stops != isStopped else { return }
        mark(world)
        isStopped = stops
    }

    private mutating func mark(_ world: Instant) {
        monotonicMark = monotonic(at: world)
        worldMark = world
        isPlain = false
    }

    // MARK: Wall

    /// What the clock on the wall shows.
    package func wall(at world: Instant) -> WallTime {
        let now = monotonic(at: world)
        return Authority.beginning.advanced(by: now - .zero + ahead(at: now))
    }

    private func ahead(at now: Instant) -> Duration {
        let elapsed = now - courseMark
        switch course {
        case .steady:
            return offset
        case .drifting(let ppm):
            let change = Int128(elapsed.nanoseconds) * Int128(ppm) / 1_000_000
            return offset + .nanoseconds(Int64(clamping: change))
        case .strobing(let step, let period):
            guard period.nanoseconds > 1 else { return offset }
            let isAhead = elapsed.nanoseconds / (period.nanoseconds / 2) % 2 == 1
            return isAhead ? offset + step : offset
        case .swinging(let reach, let period):
            guard period.nanoseconds > 3 else { return offset }
            let quarter = period.nanoseconds / 4
            // From 0 up to 2, down to -2 … in quarters of the period: 0, 1, 0, -1.
            let phase = elapsed.nanoseconds % period.nanoseconds
            let height =
                phase <= quarter
                ? phase : phase <= 3 * quarter ? 2 * quarter - phase : phase - 4 * quarter
            let change = Int128(reach.nanoseconds) * Int128(height) / Int128(quarter)
            return offset + .nanoseconds(Int64(clamping: change))
        case .stopped:
            return offset - elapsed
        }
    }

    /// Sets the wall clock so far ahead, to run on evenly.
    mutating func setAhead(_ offset: Duration, at world: Instant) {
        mark(world)
        self.offset = offset
        course = .steady
    }

    /// Sets the wall clock forward, or back.
    mutating func step(by change: Duration, at world: Instant) {
        mark(world)
        offset += change
    }

    /// Lets the wall clock go another way from where it is.
    mutating func setCourse(_ course: WallCourse, at world: Instant) {
        mark(world)
        switch self.course {
        case .drifting, .stopped: offset = ahead(at: monotonicMark)
        case .steady, .strobing, .swinging: break
        }
        self.course = course
        courseMark = monotonicMark
    }
}

/// How a wall clock goes, besides being set.
package enum WallCourse: Hashable, Sendable {
    case steady
    /// It gains so many millionths.
    case drifting(ppm: Int)
    /// It is right for half of each period, and so far ahead for the other half.
    case strobing(by: Duration, period: Duration)
    /// It goes ahead so far, back as far behind, and so on.
    case swinging(by: Duration, period: Duration)
    /// It shows one moment for ever.
    case stopped
}
