import Authority
import AuthorityAPI
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// A good answer.
    init(_ answer: Answer, requestID: String, _ configuration: GatewayConfiguration) {
        var fields = HTTPFields(plain: requestID)
        if let index = answer.receipt?.index { fields[.ledgerIndex] = String(index) }
        if let size = answer.receipt?.treeSize { fields[.treeSize] = String(size) }
        if let serial = answer.serial { fields[.serial] = String(serial) }
        for (name, value) in answer.fields { fields[name] = value }
        let status = HTTPResponse.Status(code: answer.status)
        switch answer.body {
        case .bytes(let bytes, let type):
            fields[.contentType] = type
            self.init(
                status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        case .stateVersions(let versions, let retry):
            fields[.contentType] = "text/event-stream"
            let stream = HostEventStream(
                versions: versions, keepAlive: .seconds(configuration.keepAlive), retry: retry)
            self.init(status: status, headers: fields, body: stream.body)
        }
    }

    /// A refusal or failure: RFC 9457.
    init(_ failure: Failure, requestID: String) {
        var fields = HTTPFields(plain: requestID)
        fields[.contentType] = "application/problem+json"
        for (name, value) in failure.fields { fields[name] = value }
        let bytes = APICoding.encode(failure.problem(requestID: requestID))
        self.init(
            status: HTTPResponse.Status(code: failure.status), headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension HTTPFields {
    /// What every answer carries.
    init(plain requestID: String) {
        self.init()
        reserveCapacity(12)
        append(HTTPField(name: .requestID, value: requestID))
        append(HTTPField(name: .cacheControl, value: "no-store"))
        append(HTTPField(name: .noSniff, value: "nosniff"))
        append(HTTPField(name: .referrer, value: "no-referrer"))
        append(HTTPField(name: .transport, value: "max-age=31536000"))
        append(HTTPField(name: .contentPolicy, value: "default-src 'none'; frame-ancestors 'none'"))
    }
}
