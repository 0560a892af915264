import ArgumentParser

/// A length of time on the command line: `90`, `90s`, `30m`, `8h`, `2d`.
struct DurationArgument: ExpressibleByArgument {
    let seconds: UInt64

    /// nil for anything else and above 2^64 - 1 seconds.
    init?(argument: String) {
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        let unit = argument.last.flatMap { units[$0] }
        let digits = unit == nil ? argument[...] : argument.dropLast()
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = UInt64(digits)
        else { return nil }
        let (seconds, isTooLong) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !isTooLong else { return nil }
        self.seconds = seconds
    }
}
