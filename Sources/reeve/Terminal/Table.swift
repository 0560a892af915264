/// Rows of cells for people, two blanks between columns. Programs take `--json`.
struct Table {
    /// Written first, where people read at a terminal and not where lines are counted.
    var head: [String] = []
    let rows: [[String]]

    /// On a terminal a line ends where the screen does, with `…`; in a pipe nothing is cut.
    func lines(on screen: Screen) -> [String] {
        let all = (screen.isTerminal && !head.isEmpty && !rows.isEmpty ? [head] : []) + rows
        let safe = all.map { row in row.map { Output.printable($0) } }
        var widths: [Int] = []
        for row in safe {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.unicodeScalars.count)
            }
        }
        return safe.map { row in Self.cut(Self.line(row, widths), to: screen.width) }
    }

    private static func line(_ row: [String], _ widths: [Int]) -> String {
        var line = ""
        for (cell, width) in zip(row, widths) {
            line += cell + String(repeating: " ", count: width - cell.unicodeScalars.count + 2)
        }
        while line.hasSuffix(" ") { line.removeLast() }
        return line
    }

    private static func cut(_ line: String, to width: Int?) -> String {
        guard let width, line.unicodeScalars.count > width else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.prefix(max(width - 1, 0)))) + "…"
    }
}
