/// Dates as OpenSSH writes them in `expiry-time`, `valid-after` and `valid-before`: `YYYYMMDD[HHMM[SS]]`, with
/// `Z` or `UTC` behind it if it is not meant in local time (sshd(8), ssh-keygen(1)).
enum AbsoluteTime {
    /// Reads a date.
    ///
    /// - Parameter utcOffset: How many seconds the clock of the reader is ahead of UTC, for dates without `Z`.
    /// - Returns: Nil for anything else, and for moments at or before 1970. Days that a month does not have are
    ///   days of the next one, as in OpenSSH.
    static func parse(_ text: [UInt8], utcOffset: Int64) -> UnixTime? {
        var digits = text[...]
        var offset = utcOffset
        for suffix in ["z", "utc"]
        where digits.suffix(suffix.utf8.count).map(\.asciiLowercased).elementsEqual(suffix.utf8) {
            digits = digits.dropLast(suffix.utf8.count)
            offset = 0
            break
        }
        guard [8, 12, 14].contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let year = number(digits.prefix(4))
        let rest = digits.dropFirst(4) + [UInt8](repeating: 0x30, count: 14 - digits.count)
        let fields = stride(from: 0, to: 10, by: 2).map { number(rest.dropFirst($0).prefix(2)) }
        guard (1...12).contains(fields[0]), (1...31).contains(fields[1]), fields[2] < 24, fields[3] < 60,
            fields[4] <= 61
        else { return nil }
        let days = daysSince1970(year: year, month: fields[0]) + fields[1] - 1
        let seconds = days * 86_400 + fields[2] * 3600 + fields[3] * 60 + fields[4] - offset
        return seconds > 0 ? UnixTime(UInt64(seconds)) : nil
    }

    /// `YYYYMMDDHHMMSSZ`, for years up to 9999; later moments are written as the last of 9999.
    static func text(_ time: UnixTime) -> String {
        let last: UInt64 = 253_402_300_799
        let seconds = Int64(min(time.seconds, last))
        let (day, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, date) = civil(day)
        let parts = [month, date, second / 3600, second / 60 % 60, second % 60]
        let head = String(repeating: "0", count: 4 - String(year).count) + String(year)
        return parts.reduce(head) { $0 + ($1 < 10 ? "0" : "") + String($1) } + "Z"
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64 {
        digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// Days from 1970-01-01 to the first of this month, in the Gregorian calendar.
    private static func daysSince1970(year: Int64, month: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, date: Int64) {
        let days = day + 719_468
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
