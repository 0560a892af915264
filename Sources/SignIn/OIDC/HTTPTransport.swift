import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOSSL
package import Names

/// Asks providers over HTTP/1.1, TLS 1.2 or newer. ``close()`` must be called once.
package final class HTTPTransport: ProviderTransport {
    /// Longest answer, in bytes.
    static let longestAnswer = 262_144

    private let client: HTTPClient
    private let seconds: Int64

    /// - Parameters:
    ///   - roots: A PEM file of the roots that providers' certificates come from; nil: those of the system.
    ///   - seconds: From the request to the end of its answer.
    /// - Throws: ``ProviderFault/unavailable(reason:)`` where the file cannot be read.
    package init(roots: String? = nil, seconds: Int64 = 10) throws(ProviderFault) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if let roots {
            do { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(roots)) } catch {
                throw .unavailable(reason: "the file of roots cannot be read")
            }
        }
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tls, redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(min(5, seconds)), read: .seconds(seconds)),
            decompression: .disabled)
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.seconds = seconds
    }

    package func close() async { try? await client.shutdown() }

    package func get(
        _ url: ProviderURL, bearer: Secret<String>?
    ) async throws(ProviderFault) -> ProviderAnswer {
        var request = request(url)
        bearer?.withExposed { request.headers.add(name: "Authorization", value: "Bearer \($0)") }
        return try await answer(to: request)
    }

    package func post(
        _ url: ProviderURL, form: Secret<String>, basic: Secret<String>?
    ) async throws(ProviderFault) -> ProviderAnswer {
        var request = request(url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        form.withExposed { request.body = .bytes(Array($0.utf8)) }
        basic?.withExposed { request.headers.add(name: "Authorization", value: "Basic \($0)") }
        return try await answer(to: request)
    }

    private func request(_ url: ProviderURL) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: url.text)
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "User-Agent", value: "reeved")
        return request
    }

    private func answer(to request: HTTPClientRequest) async throws(ProviderFault) -> ProviderAnswer {
        do {
            // The time for the whole answer: one that trickles does not last for ever.
            return try await withThrowingTaskGroup(of: ProviderAnswer?.self) { [client, seconds] group in
                group.addTask {
                    let response = try await client.execute(request, timeout: .seconds(seconds))
                    let body = try await response.body.collect(upTo: HTTPTransport.longestAnswer)
                    return ProviderAnswer(
                        status: Int(response.status.code), body: Array(buffer: body))
                }
                group.addTask {
                    try await Task.sleep(for: .seconds(seconds), clock: .continuous)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let answer = first else {
                    throw ProviderFault.unavailable(reason: "no answer in \(seconds) s")
                }
                return answer
            }
        } catch let fault as ProviderFault {
            throw fault
        } catch is NIOTooManyBytesError {
            throw .unavailable(reason: "an answer of more than \(HTTPTransport.longestAnswer) bytes")
        } catch let error as HTTPClientError {
            throw .unavailable(reason: error.shortDescription)
        } catch {
            throw .unavailable(reason: "it cannot be reached")
        }
    }
}
