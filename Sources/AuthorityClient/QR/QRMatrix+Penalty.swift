extension QRMatrix {
    /// How badly the symbol reads; the mask with the lowest number is taken (ISO/IEC 18004 §7.8.3).
    var penalty: Int {
        let rows = (0..<side).map { row in (0..<side).map { self[row, $0] } }
        let columns = (0..<side).map { column in (0..<side).map { self[$0, column] } }
        let lines = (rows + columns).reduce(0) { $0 + Self.runs($1) + Self.finders($1) }
        return lines + squares + balance
    }

    /// Five alike in a row cost 3, each more 1.
    private static func runs(_ line: [Bool]) -> Int {
        var penalty = 0
        var length = 0
        var last: Bool?
        for module in line {
            length = module == last ? length + 1 : 1
            last = module
            if length == 5 { penalty += 3 }
            if length > 5 { penalty += 1 }
        }
        return penalty
    }

    /// What looks like a finder, 1:1:3:1:1 with four light modules on a side, costs 40.
    private static func finders(_ line: [Bool]) -> Int {
        let finder = [true, false, true, true, true, false, true]
        let light = [false, false, false, false]
        let patterns = [light + finder, finder + light]
        return (0...max(0, line.count - 11)).reduce(0) { sum, start in
            sum + patterns.count { line[start...].starts(with: $0) } * 40
        }
    }

    /// Each square of two by two alike costs 3.
    private var squares: Int {
        (0..<side - 1).reduce(0) { sum, row in
            sum
                + (0..<side - 1).count { column in
                    let module = self[row, column]
                    return module == self[row, column + 1] && module == self[row + 1, column]
                        && module == self[row + 1, column + 1]
                } * 3
        }
    }

    /// Each 5 % away from half dark costs 10.
    private var balance: Int {
        let dark = modules.count { $0 }
        return abs(dark * 20 - modules.count * 10) / modules.count * 10
    }
}
