extension QRCode {
    /// Lines for a terminal, two rows of modules in each, the quiet zone of four modules around it. Light modules are
    /// drawn as blocks, so that it reads on a dark background, and colours are set so that it reads on a light one too.
    package var terminalLines: [String] {
        stride(from: -4, to: side + 4, by: 2).map { row in
            let blocks = (-4..<side + 4).map { column in
                switch (isDark(row: row, column: column), isDark(row: row + 1, column: column)) {
                case (false, false): "█"
                case (false, true): "▀"
                case (true, false): "▄"
                case (true, true): " "
                }
            }
            return "\u{1b}[37;40m" + blocks.joined() + "\u{1b}[0m"
        }
    }
}
