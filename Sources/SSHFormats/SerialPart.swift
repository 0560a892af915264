/// A part of a certificate section that revokes serials, in the form that takes the fewest bytes.
enum SerialPart {
    case list([UInt64])
    case range(ClosedRange<UInt64>)
    /// Runs that span at most 16,384 serials.
    case bitmap([ClosedRange<UInt64>])

    /// The parts that together revoke these serials: bitmaps where they lie close, else ranges and one list.
    static func parts(of serials: SerialSet) -> [SerialPart] {
        var parts: [SerialPart] = []
        var singles: [UInt64] = []
        var cluster = SerialCluster()
        for run in serials.runs where !cluster.take(run) {
            cluster.flush(into: &parts, singles: &singles)
            _ = cluster.take(run)
        }
        cluster.flush(into: &parts, singles: &singles)
        return singles.isEmpty ? parts : [.list(singles)] + parts
    }

    func write(to writer: inout WireWriter) {
        switch self {
        case .list(let serials):
            writer.byte(KRLFormat.CertificateSection.serialList.rawValue)
            writer.string { writer in
                for serial in serials { writer.uint64(serial) }
            }
        case .range(let range):
            writer.byte(KRLFormat.CertificateSection.serialRange.rawValue)
            writer.string {
                $0.uint64(range.lowerBound)
                $0.uint64(range.upperBound)
            }
        case .bitmap(let runs):
            guard let offset = runs.first?.lowerBound, let end = runs.last?.upperBound else { return }
            writer.byte(KRLFormat.CertificateSection.serialBitmap.rawValue)
            writer.string {
                $0.uint64(offset)
                $0.mpint(Self.digits(runs, offset: offset, end: end))
            }
        }
    }

    /// The number whose bit n stands for serial `offset + n`, big-endian.
    private static func digits(_ runs: [ClosedRange<UInt64>], offset: UInt64, end: UInt64) -> [UInt8] {
        var digits = [UInt8](repeating: 0, count: Int((end - offset) / 8) + 1)
        for run in runs {
            for bit in (run.lowerBound - offset)...(run.upperBound - offset) {
                digits[digits.count - 1 - Int(bit / 8)] |= 1 << UInt8(bit % 8)
            }
        }
        return digits
    }
}

/// Runs of serials so close to each other that a bitmap may be the shortest way to write them.
private struct SerialCluster {
    private var runs: [ClosedRange<UInt64>] = []

    /// Bytes of a range: code, length, two serials.
    private static let rangeCost: UInt64 = 21
    /// Bytes of a bitmap beside its bits: code, length, offset, length, a zero before the number.
    private static let bitmapCost: UInt64 = 18

    /// Takes the run in, unless it is too far away to save bytes by that, or the bitmap would grow too long.
    mutating func take(_ run: ClosedRange<UInt64>) -> Bool {
        guard let first = runs.first, let last = runs.last else {
            runs.append(run)
            return true
        }
        let growth = (run.upperBound - last.upperBound) / 8
        guard run.upperBound - first.lowerBound < KRLFormat.bitmapLimit, growth <= Self.cost(run) else {
            return false
        }
        runs.append(run)
        return true
    }

    /// Adds the parts for these runs and starts anew.
    mutating func flush(into parts: inout [SerialPart], singles: inout [UInt64]) {
        defer { runs.removeAll(keepingCapacity: true) }
        guard let first = runs.first, let last = runs.last else { return }
        let span = last.upperBound - first.lowerBound
        let apart = runs.reduce(UInt64(0)) { $0 + Self.cost($1) }
        if span < KRLFormat.bitmapLimit, Self.bitmapCost + span / 8 + 1 < apart {
            parts.append(.bitmap(runs))
            return
        }
        for run in runs {
            if Self.isShort(run) { singles += Array(run) } else { parts.append(.range(run)) }
        }
    }

    private static func isShort(_ run: ClosedRange<UInt64>) -> Bool { run.upperBound - run.lowerBound < 2 }

    private static func cost(_ run: ClosedRange<UInt64>) -> UInt64 {
        isShort(run) ? 8 * (run.upperBound - run.lowerBound + 1) : rangeCost
    }
}
