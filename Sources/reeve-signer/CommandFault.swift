import ArgumentParser
import Posix
import SignerProtocol
import SignerVault

/// How faults end the program: a sentence on standard error and an exit code.
enum CommandFault {
    /// Refused: files that are not ours, keys already there. As for all our programs, usage is 2.
    private static let refused = ExitCode(1)
    /// The system said no: file, socket or privilege.
    private static let system = ExitCode(3)

    static func reported(_ body: () throws -> Void) throws {
        do { try body() } catch let error as VaultError {
            StandardError.write("reeve-signer: \(error)\n")
            guard case .posix = error else { throw refused }
            throw system
        } catch let error as SignerFault {
            StandardError.write("reeve-signer: \(error.code.rawValue): \(error.reason)\n")
            throw refused
        } catch let error as PosixError {
            StandardError.write("reeve-signer: \(error)\n")
            throw system
        }
    }
}
