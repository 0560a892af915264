import Glibc
import Posix

extension Configuration {
    /// Says before anything is made that this server could not listen. A name that resolves to an address is left to the
    /// server itself, as is port 0.
    ///
    /// - Throws: ``StartFault`` for an address that is taken, that is not this machine's, or that needs more rights.
    func requireFreeAddress() throws {
        guard port != 0 else { return }
        let place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        do throws(PosixError) {
            _ = try TCPListener(host: host, port: port)
        } catch {
            switch error.code {
            case EADDRINUSE:
                throw StartFault(
                    "something else listens on \(place)",
                    advice: "Stop it (`ss -ltnp` names it), or give another with --listen.")
            case EACCES:
                throw StartFault(
                    "\(place) needs root, or the capability CAP_NET_BIND_SERVICE",
                    advice: "Give a port from 1024 on with --listen.")
            case EADDRNOTAVAIL:
                throw StartFault(
                    "this machine has no address \(host)", advice: "Give one of its own with --listen.")
            default: return
            }
        }
    }
}
