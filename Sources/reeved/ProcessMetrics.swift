import Posix
import Telemetry

extension Metric {
    /// What Prometheus' own client libraries say of a process, under their names.
    static var process: [Metric] {
        [
            .counter("process_cpu_seconds_total", "Processor time, user and system, in seconds.") {
                ProcessUsage.now?.cpuSeconds
            },
            .gauge("process_resident_memory_bytes", "Resident memory, in bytes.") {
                ProcessUsage.now.map { Double($0.residentBytes) }
            },
            .gauge("process_open_fds", "Open file descriptors.") {
                ProcessUsage.openDescriptors.map { Double($0) }
            },
            .gauge("process_max_fds", "Most file descriptors that may be open.") {
                ProcessUsage.mostDescriptors.map { Double($0) }
            },
            .gauge("process_start_time_seconds", "When the process started, in seconds since 1970 UTC.") {
                ProcessUsage.startedAt
            },
        ]
    }
}
