/// The modules of one symbol under one mask (ISO/IEC 18004 §6.3, §7.7 to §7.10).
struct QRMatrix {
    private(set) var modules: [Bool]
    let side: Int
    private var isFunction: [Bool]

    init(_ version: QRVersion, _ correction: QRCorrection, _ codewords: [UInt8], mask: Int) {
        side = version.side
        modules = Array(repeating: false, count: side * side)
        isFunction = modules
        drawTiming()
        for (row, column) in [(3, 3), (3, side - 4), (side - 4, 3)] { drawFinder(row, column) }
        drawAlignment(version.alignment)
        drawFormat(correction.indicator << 3 | UInt32(mask))
        drawVersion(version.number)
        place(codewords, mask: mask)
    }

    subscript(row: Int, column: Int) -> Bool { modules[row * side + column] }

    private mutating func set(_ row: Int, _ column: Int, _ isDark: Bool) {
        guard (0..<side).contains(row), (0..<side).contains(column) else { return }
        modules[row * side + column] = isDark
        isFunction[row * side + column] = true
    }

    private mutating func drawTiming() {
        for place in 0..<side {
            set(6, place, place.isMultiple(of: 2))
            set(place, 6, place.isMultiple(of: 2))
        }
    }

    /// Rings around a centre, with the separator.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for right in -4...4 {
                let ring = max(abs(down), abs(right))
                set(row + down, column + right, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment(_ centres: [Int]) {
        guard let last = centres.last else { return }
        for row in centres {
            for column in centres {
                let isFinder = row == 6 && (column == 6 || column == last) || row == last && column == 6
                guard !isFinder else { continue }
                for down in -2...2 {
                    for right in -2...2 { set(row + down, column + right, max(abs(down), abs(right)) != 1) }
                }
            }
        }
    }

    /// Correction level and mask with their BCH code, twice, and the module that is always dark (§7.9).
    private mutating func drawFormat(_ data: UInt32) {
        var remainder = data
        for _ in 0..<10 { remainder = remainder << 1 ^ (remainder >> 9) * 0x537 }
        let bits = (data << 10 | remainder) ^ 0x5412
        let isSet = { (place: Int) in bits >> place & 1 == 1 }
        for place in 0..<6 { set(place, 8, isSet(place)) }
        set(7, 8, isSet(6))
        set(8, 8, isSet(7))
        set(8, 7, isSet(8))
        for place in 9..<15 { set(8, 14 - place, isSet(place)) }
        for place in 0..<8 { set(8, side - 1 - place, isSet(place)) }
        for place in 8..<15 { set(side - 15 + place, 8, isSet(place)) }
        set(side - 8, 8, true)
    }

    /// The version with its BCH code, twice, from version 7 on (§7.10).
    private mutating func drawVersion(_ number: Int) {
        guard number >= 7 else { return }
        var remainder = UInt32(number)
        for _ in 0..<12 { remainder = remainder << 1 ^ (remainder >> 11) * 0x1f25 }
        let bits = UInt32(number) << 12 | remainder
        for place in 0..<18 {
            let isDark = bits >> place & 1 == 1
            set(place / 3, side - 11 + place % 3, isDark)
            set(side - 11 + place % 3, place / 3, isDark)
        }
    }

    /// Columns in pairs from the right, up and down in turn, the timing column left out (§7.7.3).
    private mutating func place(_ codewords: [UInt8], mask: Int) {
        var bit = 0
        var isUpward = true
        for right in stride(from: side - 1, through: 1, by: -2).map({ $0 <= 6 ? $0 - 1 : $0 }) {
            for step in 0..<side {
                let row = isUpward ? side - 1 - step : step
                for column in [right, right - 1] where !isFunction[row * side + column] {
                    let byte = bit / 8 < codewords.count ? codewords[bit / 8] : 0
                    let isDark = byte >> (7 - bit % 8) & 1 == 1
                    modules[row * side + column] = isDark != Self.inverts(mask, row, column)
                    bit += 1
                }
            }
            isUpward.toggle()
        }
    }

    /// §7.8.2, table 10.
    private static func inverts(_ mask: Int, _ row: Int, _ column: Int) -> Bool {
        switch mask {
        case 0: (row + column) % 2 == 0
        case 1: row % 2 == 0
        case 2: column % 3 == 0
        case 3: (row + column) % 3 == 0
        case 4: (row / 2 + column / 3) % 2 == 0
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3) % 2 == 0
        default: ((row + column) % 2 + row * column % 3) % 2 == 0
        }
    }
}
