import Diagnosis
import Posix
import SSHFormats

/// Whether the clock can be right.
struct ClockExamination {
    /// Code of the finding that it shows less than events that were recorded.
    static let behind = "clock-behind-ledger"

    let now: UnixTime
    /// Time of the newest event in the ledger; nil before the first.
    let newest: UnixTime?

    var findings: [Finding] { [order, synchronisation] }

    private var order: Finding {
        guard let newest, newest.seconds > now.seconds + 60 else {
            return .good("clock", "not behind the newest event")
        }
        return .failure(
            Self.behind, "the clock is \(newest.seconds - now.seconds) s behind the newest event",
            advice: "Set the clock: certificates would not count yet, or too long.")
    }

    private var synchronisation: Finding {
        switch WallClock.isSynchronised {
        case true: .good("clock-sync", "kept right by NTP or the like")
        case false:
            .warning(
                "clock-unsynchronised", "nothing keeps the clock right, says the kernel",
                advice: "Run chrony or systemd-timesyncd.")
        case nil: .warning("clock-unknown", "the kernel does not say", advice: "Check it.")
        }
    }
}
