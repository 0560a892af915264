import Foundation
import Testing

@testable import Diagnosis

/// Docs/DOCTOR.md, held against the programs.
@Suite struct `The codes of findings` {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    private static let page: Set<String> = {
        let text = (try? String(contentsOfFile: "\(root)/Docs/DOCTOR.md", encoding: .utf8)) ?? ""
        return Set(text.matches(of: /`([a-z0-9-]+)`/).map { String($0.output.1) })
    }()

    @Test(arguments: ["HostAgent/Doctor", "reeve/Doctor"])
    func `are told of in the page, each of them`(_ folder: String) throws {
        let path = "\(Self.root)/Sources/\(folder)"
        let files = try FileManager.default.contentsOfDirectory(atPath: path)
        let codes = try files.flatMap { file in
            let text = try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8)
            return text.matches(of: /\.(?:good|note|warning|failure)\(\s*"([a-z0-9-]+)"/)
                .map { String($0.output.1) }
        }
        #expect(codes.count > 20)
        #expect(Set(codes).subtracting(Self.page) == [])
    }

    @Test func `of log lines too`() {
        let all = LogEntry.ofCertificates + LogEntry.ofKeys + LogEntry.ofAccounts + LogEntry.ofConnections
        #expect(Set(all.map(\.code)).subtracting(Self.page) == [])
    }

    @Test func `of log lines have as many names as places`() {
        let all = LogEntry.ofCertificates + LogEntry.ofKeys + LogEntry.ofAccounts + LogEntry.ofConnections
        for entry in all {
            #expect(entry.template.places == entry.fields.count, "\(entry.code)")
            #expect((entry.outcome == .failed) == (entry.next != nil), "\(entry.code)")
        }
    }
}
