// swift-tools-version: 6.2
import PackageDescription

/// The rules of the house, the same for every target (Docs/Decisions/0001-the-house.md).
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

func floor(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: strict)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let toml: Target.Dependency = .product(name: "TOMLKit", package: "TOMLKit")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS: Target.Dependency = .product(name: "HummingbirdTLS", package: "hummingbird")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "keyreeve",
    products: [
        .library(name: "SSHFormats", targets: ["SSHFormats"]),
        .library(name: "Ledger", targets: ["Ledger"]),
        .library(name: "AuthorityAPI", targets: ["AuthorityAPI"]),
        .library(name: "AuthorityClient", targets: ["AuthorityClient"]),
        .executable(name: "reeved", targets: ["reeved"]),
        .executable(name: "reeve-signer", targets: ["reeve-signer"]),
        .executable(name: "reeve-door", targets: ["reeve-door"]),
        .executable(name: "reeve", targets: ["reeve"]),
        .executable(name: "reeve-agent", targets: ["reeve-agent"]),
        .executable(name: "reeve-principals", targets: ["reeve-principals"]),
        .executable(name: "reeve-pam", targets: ["reeve-pam"]),
        .executable(name: "reeve-fetch", targets: ["reeve-fetch"]),
        .library(name: "pam_reeve", type: .dynamic, targets: ["pam_reeve"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/LebJe/TOMLKit.git", from: "0.6.0"),
    ],
    targets: [
        // Cellar: system libraries, headers only.
        .systemLibrary(name: "CPosix", path: "Sources/CPosix"),
        .systemLibrary(name: "CVersion", path: "Sources/CVersion"),
        .systemLibrary(
            name: "CArgon2", path: "Sources/CArgon2", pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"])]),
        .systemLibrary(
            name: "CPQ", path: "Sources/CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(
            name: "CLibssh", path: "Sources/CLibssh", pkgConfig: "libssh",
            providers: [.apt(["libssh-dev"])]),
        .systemLibrary(
            name: "CFido2", path: "Sources/CFido2", pkgConfig: "libfido2", providers: [.apt(["libfido2-dev"])]
        ),
        .systemLibrary(
            name: "CPAM", path: "Sources/CPAM", pkgConfig: "pam", providers: [.apt(["libpam0g-dev"])]),

        // Floor 0: values and bytes.
        floor("SSHFormats", [crypto, cryptoExtras]),
        floor("Ledger", [crypto]),
        floor("Names", []),
        floor("Posix", ["CPosix"]),
        floor("HostDocuments", ["SSHFormats", crypto]),
        floor("Telemetry", [logging]),
        floor("Diagnosis", []),

        // Floor 1: rules and contracts, no I/O.
        floor("AuthorityAPI", ["SSHFormats", "Ledger", "Names", "HostDocuments", crypto]),
        floor("SignerProtocol", ["SSHFormats", "Ledger", "Names", "HostDocuments", crypto]),
        floor("PAMProtocol", ["SSHFormats", "Names", "Posix"]),
        floor("Authority", ["SSHFormats", "Ledger", "Names", "HostDocuments", crypto, yams]),

        // Floor 2: adapters.
        floor(
            "Records",
            [
                "Authority", "SSHFormats", "Ledger", "Names", "Posix", "Telemetry", "CPQ", crypto, grdb,
                sqlite, nioCore,
            ]),
        floor(
            "SignIn",
            [
                "Authority", "AuthorityAPI", "Names", "SSHFormats", "PAMProtocol", "Posix", "CArgon2",
                "CFido2", "CPosix", crypto, cryptoExtras, nioCore, nioHTTP1, nioSSL, httpClient,
            ]),
        floor("PAMService", ["PAMProtocol", "Names", "Posix", "CPosix", "CPAM"]),
        floor(
            "SignerVault",
            [
                "SignerProtocol", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix", "CPosix", crypto,
            ]),
        floor(
            "Signers",
            [
                "SignerProtocol", "Authority", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix",
                "Telemetry", "CPosix", crypto, logging, nioCore, nioPosix,
            ]),
        floor(
            "AuthorityClient",
            [
                "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix", crypto, nioCore,
                nioPosix, nioHTTP1, nioSSL, httpClient,
            ]),

        // Floor 3: what the outside meets.
        floor(
            "Gateway",
            [
                "Authority", "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Telemetry",
                crypto, nioCore,
                nioPosix, nioHTTP1, nioSSL, httpTypes, hummingbird, hummingbirdCore, hummingbirdTLS, logging,
                lifecycle,
            ]),
        floor(
            "HostAgent",
            [
                "AuthorityClient", "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix",
                "Diagnosis", "CPosix", crypto, logging,
            ]),
        floor(
            "SSHDoor",
            [
                "AuthorityClient", "AuthorityAPI", "SSHFormats", "Names", "Posix", "Telemetry", "CLibssh",
            ]),

        // Roof: flags, configuration, wiring.
        program(
            "reeved",
            [
                "Gateway", "Records", "SignIn", "Signers", "Authority", "AuthorityAPI", "SSHFormats",
                "Ledger",
                "Names",
                "HostDocuments", "Posix", "Telemetry", "Diagnosis", "CVersion", crypto, x509, asn1, nioSSL,
                toml, logging,
                lifecycle,
                unixSignals,
                arguments,
                hummingbird,
            ]),
        program(
            "reeve-pam", ["PAMService", "Posix", "CVersion", arguments]),
        program(
            "reeve-signer", ["SignerVault", "SignerProtocol", "SSHFormats", "Posix", "CVersion", arguments]),
        program(
            "reeve-door",
            [
                "SSHDoor", "AuthorityClient", "AuthorityAPI", "SSHFormats", "Posix", "Telemetry", "CVersion",
                arguments,
            ]),
        program(
            "reeve",
            [
                "AuthorityClient", "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix",
                "Diagnosis", "CPosix", "CVersion", crypto, arguments,
            ]),
        program(
            "reeve-agent",
            [
                "HostAgent", "AuthorityClient", "AuthorityAPI", "SSHFormats", "Names", "Posix", "Diagnosis",
                "CVersion", logging,
                arguments,
            ]),
        // sshd runs it twice per login: C, without a runtime that takes its time to start.
        .executableTarget(
            name: "reeve-principals",
            cSettings: [.enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error)],
            // Without Swift's start-up object, which needs its libraries; and static, which starts faster still.
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-executable"])]),
        // ssh waits for it whenever it goes to an enrolled host: C and static for the same reasons.
        .executableTarget(
            name: "reeve-fetch",
            cSettings: [
                .define("_GNU_SOURCE"), .enableWarning("all"), .enableWarning("extra"),
                .treatAllWarnings(as: .error),
            ],
            linkerSettings: [.unsafeFlags(["-nostartfiles", "-static-executable"])]),
        // Lives inside sudo and sshd: C without a runtime, five names visible, and never unloaded.
        .target(
            name: "pam_reeve", path: "PAM", exclude: ["exports.map", "link"],
            cSettings: [
                .define("_GNU_SOURCE"), .unsafeFlags(["-fvisibility=hidden", "-fstack-protector-strong"]),
                .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
            ],
            linkerSettings: [
                .linkedLibrary("pam"),
                .unsafeFlags(
                    [
                        "-nostartfiles", "-no-toolchain-stdlib-rpath", "-resource-dir",
                        "\(Context.packageDirectory)/PAM/link",
                    ]
                        + ["-z", "nodelete", "-z", "relro", "-z", "now", "-z", "defs"].flatMap {
                            ["-Xlinker", $0]
                        } + ["-Xlinker", "--version-script=\(Context.packageDirectory)/PAM/exports.map"]),
            ]),

        // Measures; not shipped.
        .executableTarget(
            name: "reeve-bench",
            dependencies: [
                "AuthorityClient", "AuthorityAPI", "SSHFormats", "HostDocuments", "Names", "Posix", crypto,
                nioCore, nioPosix, nioHTTP1, nioSSL, hummingbird, hummingbirdTLS, logging, arguments,
            ],
            path: "Benchmarks/reeve-bench", swiftSettings: strict),

        // The tests.
        .target(
            name: "TestKit",
            dependencies: ["Authority", "SSHFormats", "Ledger", "Names", "Posix", "CPosix", crypto],
            path: "Tests/TestKit",
            swiftSettings: strict),
        tests("Architecture", []),
        tests("SSHFormatsTests", ["SSHFormats"]),
        tests("LedgerTests", ["Ledger", "TestKit", crypto]),
        tests("NamesTests", ["Names", "Posix", "HostDocuments", "SSHFormats"]),
        tests("TelemetryTests", ["Telemetry", "Posix", logging]),
        tests("DiagnosisTests", ["Diagnosis"]),
        tests("AuthorityAPITests", ["AuthorityAPI", "SSHFormats", crypto]),
        tests(
            "AuthorityTests",
            ["Authority", "SSHFormats", "Ledger", "Names", "HostDocuments", "TestKit", crypto]),
        tests("RecordsTests", ["Records", "Authority", "SSHFormats", "Ledger", "Names", "Posix", "TestKit"]),
        tests(
            "SignInTests",
            [
                "SignIn", "Authority", "AuthorityAPI", "Names", "SSHFormats", "Posix", "TestKit", crypto,
                cryptoExtras, nioCore, nioPosix, nioHTTP1,
            ]),
        tests(
            "PAMServiceTests",
            ["PAMService", "PAMProtocol", "SignIn", "Authority", "SSHFormats", "Names", "Posix", "TestKit"]),
        tests(
            "SignersTests",
            [
                "Signers", "SignerVault", "SignerProtocol", "Authority", "SSHFormats", "Ledger", "Names",
                "HostDocuments", "Posix", "TestKit", crypto,
            ]),
        tests(
            "GatewayTests",
            [
                "Gateway", "Authority", "AuthorityAPI", "SSHFormats", "Names", "HostDocuments", "Telemetry",
                "TestKit", crypto,
                nioCore, nioPosix, nioSSL, yams, httpTypes, hummingbird, hummingbirdCore, logging,
            ]),
        tests(
            "HostAgentTests",
            [
                "HostAgent", "AuthorityAPI", "SSHFormats", "Names", "HostDocuments", "Posix", "CPAM",
                "Diagnosis", "TestKit",
                crypto,
            ]),
        tests(
            "SSHDoorTests", ["SSHDoor", "AuthorityAPI", "AuthorityClient", "SSHFormats", "Names", "Posix"]),
        tests(
            "EndToEnd",
            [
                "AuthorityClient", "AuthorityAPI", "SSHFormats", "Ledger", "Names", "HostDocuments", "Posix",
                "CPosix", "CVersion", "TestKit", crypto, httpClient, nioCore, nioHTTP1,
            ]),
    ]
)

// KEYREEVE_FUZZ=1 (Scripts/fuzz.sh) leaves what the fuzzers need, watched by libFuzzer, and builds that alone.
if Context.environment["KEYREEVE_FUZZ"] == "1" {
    let watched = [
        "SSHFormats", "Ledger", "Names", "HostDocuments", "AuthorityAPI", "SignerProtocol", "PAMProtocol",
        "Posix", "CPosix",
    ]
    let fuzzing: [SwiftSetting] = [
        .unsafeFlags(["-sanitize=fuzzer", "-parse-as-library", "-enable-testing"])
    ]
    /// Of a module what reads the words of others, without its connections and its libraries.
    func readers(
        _ name: String, _ dependencies: [Target.Dependency], _ folder: String, _ files: [String]
    )
        -> Target
    {
        .target(
            name: name, dependencies: dependencies, path: "Sources/\(folder)", sources: files,
            swiftSettings: strict + fuzzing)
    }
    package.products = []
    package.targets.removeAll { !watched.contains($0.name) }
    for target in package.targets where target.type == .regular {
        target.swiftSettings = (target.swiftSettings ?? []) + fuzzing
    }
    package.targets += [
        readers(
            "Authority", [], "Authority/Ports", ["PasskeyFault.swift", "PasskeyExpectation.swift"]),
        readers(
            "SignIn", ["Authority", "AuthorityAPI", "Names", "SSHFormats", crypto, cryptoExtras], "SignIn",
            ["IDTokenCheck", "ProviderFault", "ProviderKey", "ProviderKeys", "ProviderURL", "TokenAlgorithm"]
                .map { "OIDC/\($0).swift" }
                + ["AttestationObject", "AuthenticatorData", "CBORReader", "ClientData"]
                .map { "Passkeys/\($0).swift" }),
        readers("SSHDoor", ["AuthorityAPI"], "SSHDoor", ["WorkerWord.swift"]),
        readers(
            "HostAgent", ["SSHFormats"], "HostAgent",
            ["Fault.swift", "Sudo/AuthInfo.swift", "Sudo/ModuleRequest.swift", "Sudo/ProcessOrigin.swift"]),
    ]
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "SSHFormats", "Ledger", "HostDocuments", "AuthorityAPI", "SignerProtocol", "SignIn",
                "Authority",
                "PAMProtocol", "SSHDoor", "HostAgent",
            ],
            path: "Tests/Fuzz", exclude: ["Corpus"], swiftSettings: strict + fuzzing,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
    package.dependencies.removeAll {
        guard case .sourceControl(_, let location, _) = $0.kind else { return false }
        return !location.hasSuffix("/swift-crypto.git")
    }
}
