extension UnixTime {
    /// `2026-01-31 12:00:00 UTC`, for people; from the year 10000 on the last moment before it.
    package var utcText: String {
        let digits = Array(AbsoluteTime.text(self).utf8)
        let part = { (range: Range<Int>) in String(decoding: digits[range], as: UTF8.self) }
        let date = [part(0..<4), part(4..<6), part(6..<8)].joined(separator: "-")
        return date + " " + [part(8..<10), part(10..<12), part(12..<14)].joined(separator: ":") + " UTC"
    }
}
