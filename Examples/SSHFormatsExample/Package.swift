// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "SSHFormatsExample",
    dependencies: [.package(name: "keyreeve", path: "../..")],
    targets: [
        .executableTarget(
            name: "SSHFormatsExample", dependencies: [.product(name: "SSHFormats", package: "keyreeve")])
    ])
