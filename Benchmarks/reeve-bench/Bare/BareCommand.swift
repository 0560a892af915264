import ArgumentParser
import Hummingbird
import HummingbirdTLS
import Logging
import NIOSSL

/// `reeve-bench bare`: the yardstick for `reeved`.
struct BareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bare",
        abstract:
            "Serve TLS by the same stack as reeved, sign a certificate for each POST, and record nothing.")

    @Option(help: "Port on loopback.")
    var port: Int

    func run() async throws {
        let identity = try SelfSignedIdentity()
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(identity.certificate)], privateKey: .privateKey(identity.key))
        tls.minimumTLSVersion = .tlsv12
        tls.applicationProtocols = ["http/1.1"]
        var logger = Logger(label: "bare")
        logger.logLevel = .warning
        let application = Application(
            responder: try BareSigner(), server: try .tls(.http1(), tlsConfiguration: tls),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            logger: logger)
        try await application.runService()
    }
}
