import Authority
import Foundation
import Gateway
import Posix
import SSHFormats

extension World {
    /// The clock, the generator and two threads of this machine.
    static let real = World(
        now: { UnixTime(WallClock.now()) }, random: Randomness.bytes, workshop: Workshop(threads: 2))
}

enum Randomness {
    /// - Precondition: The kernel's generator answers; without it no key or token can be made, so the process ends.
    static func bytes(_ count: Int) -> [UInt8] {
        do { return try secureRandom(count) } catch { preconditionFailure("no randomness: \(error)") }
    }
}

enum Environment {
    static func value(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }
    /// Half the cores hash passwords, at least one.
    static var hashingThreads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount / 2) }
}
