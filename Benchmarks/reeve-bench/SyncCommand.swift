import ArgumentParser
import Glibc
import Posix

/// `reeve-bench sync`: how long the disk takes to make bytes durable, which bounds what can be recorded.
struct SyncCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Time appending 4 KiB to a new file with fdatasync(2).")

    @Option(help: "Folder on the disk to measure.")
    var folder: String
    @Option(help: "How often.")
    var runs = 200

    func run() throws {
        let path = "\(folder)/reeve-bench.sync"
        guard let file = unsafe fopen(path, "wx") else { throw BenchFault("\(path) cannot be made") }
        defer {
            unsafe fclose(file)
            unsafe unlink(path)
        }
        let block = [UInt8](repeating: 0x5a, count: 4_096)
        let taken = Distribution(
            try (0..<runs).map { _ in
                let start = MonotonicClock.now()
                guard unsafe fwrite(block, 1, block.count, file) == block.count, unsafe fflush(file) == 0,
                    unsafe fdatasync(fileno(file)) == 0
                else { throw BenchFault("\(path) cannot be written") }
                return MonotonicClock.now() - start
            })
        Measurement(
            measure: "time", subject: "4 KiB with fdatasync", value: taken.median, unit: "ms",
            details: ["min": taken.minimum, "p99": taken.p99, "runs": Double(runs)]
        ).show()
    }
}
