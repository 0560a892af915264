import Authority
import CPQ
import Glibc
import Posix

/// One connection by libpq, in pipeline mode (PostgreSQL manual, 34.5): commands leave without waiting, answers come
/// in their order, and no answer is waited for longer than agreed. For one thread at a time.
@safe final class PostgresLink {
    private let connection: OpaquePointer
    private let warnings: UnsafeMutablePointer<Int>
    private var prepared: [Statement: String] = [:]
    private var sent: [Sent] = []

    /// A statement's text with the types of its values: what the server plans once.
    private struct Statement: Hashable {
        let sql: String
        let types: [Oid]
    }

    private struct Sent {
        /// The statement that was prepared just before it was run.
        let preparing: Statement?
    }

    /// Connects to one host, within ``PostgresAddress/connectSeconds``.
    ///
    /// - Throws: ``LinkError/lost(_:)``.
    init(_ host: PostgresAddress.Host) throws(LinkError) {
        guard let opened = unsafe host.connect() else { throw .lost("out of memory") }
        unsafe connection = opened
        unsafe warnings = .allocate(capacity: 1)
        unsafe warnings.initialize(to: 0)
        guard unsafe PQstatus(connection) == CONNECTION_OK else { throw lost("the connection was not made") }
        unsafe PQsetNoticeReceiver(
            connection,
            { context, result in
                guard let severity = unsafe pq_severity(result), unsafe strcmp(severity, "WARNING") == 0
                else {
                    return
                }
                unsafe context?.assumingMemoryBound(to: Int.self).pointee += 1
            }, warnings)
        guard unsafe PQsetnonblocking(connection, 1) == 0, unsafe PQenterPipelineMode(connection) == 1 else {
            throw lost("no pipeline mode")
        }
    }

    deinit {
        unsafe PQfinish(connection)
        unsafe warnings.deallocate()
    }

    /// How many warnings the server has sent since the connection was made.
    var warningCount: Int { unsafe warnings.pointee }

    /// Sends a statement, with `?` for its values, without waiting for its answer.
    func send(_ sql: String, _ values: [SQLValue] = []) throws(LinkError) {
        let statement = Statement(sql: sql, types: values.map(\.oid))
        let isNew = prepared[statement] == nil
        let name = prepared[statement] ?? "s\(prepared.count)"
        if isNew {
            let code = unsafe PQsendPrepare(
                connection, name, PostgresText.numbered(sql), Int32(values.count), statement.types)
            guard code == 1 else { throw lost("a statement was not sent") }
            prepared[statement] = name
        }
        let code = unsafe PostgresParameters(values).lend { pointers, lengths, formats in
            unsafe PQsendQueryPrepared(connection, name, Int32(values.count), pointers, lengths, formats, 1)
        }
        guard code == 1 else { throw lost("a statement was not sent") }
        sent.append(Sent(preparing: isNew ? statement : nil))
        // The server may begin while more is being made ready.
        if sent.count % 16 == 0, unsafe PQflush(connection) < 0 { throw lost("a statement was not sent") }
    }

    /// Waits for the answers to everything that was sent.
    ///
    /// - Returns: One for each ``send(_:_:)``, in their order; after a refusal the rest is ``LinkError/skipped``.
    /// - Throws: ``LinkError/lost(_:)``.
    func answers(by deadline: Deadline) throws(LinkError) -> [Result<PostgresAnswer, LinkError>] {
        guard unsafe PQpipelineSync(connection) == 1 else { throw lost("nothing was sent") }
        var answers: [Result<PostgresAnswer, LinkError>] = []
        answers.reserveCapacity(sent.count)
        for command in sent {
            guard let statement = command.preparing else {
                answers.append(try answer(by: deadline))
                continue
            }
            let preparation = try answer(by: deadline)
            let answer = try answer(by: deadline)
            guard case .failure = preparation else {
                answers.append(answer)
                continue
            }
            prepared[statement] = nil
            answers.append(preparation)
        }
        sent = []
        let end = unsafe try result(by: deadline)
        defer { unsafe PQclear(end) }
        guard unsafe PQresultStatus(end) == PGRES_PIPELINE_SYNC else { throw lost("answers out of order") }
        return answers
    }

    /// One command's answer, up to the mark that follows it.
    private func answer(by deadline: Deadline) throws(LinkError) -> Result<PostgresAnswer, LinkError> {
        let result = unsafe try result(by: deadline)
        defer { unsafe PQclear(result) }
        let answer = Result { () throws(LinkError) in unsafe try PostgresAnswer(result) }
        guard unsafe PQstatus(connection) == CONNECTION_OK else { throw lost("it went away") }
        if let more = unsafe try next(by: deadline) {
            unsafe PQclear(more)
            throw lost("answers out of order")
        }
        return answer
    }

    private func result(by deadline: Deadline) throws(LinkError) -> OpaquePointer {
        guard let result = unsafe try next(by: deadline) else { throw lost("an answer is missing") }
        return unsafe result
    }

    private func next(by deadline: Deadline) throws(LinkError) -> OpaquePointer? {
        while unsafe PQisBusy(connection) == 1 {
            let unsent = unsafe PQflush(connection)
            guard unsent >= 0 else { throw lost("it went away") }
            try wait(for: unsent == 0 ? POLLIN : POLLIN | POLLOUT, deadline)
            guard unsafe PQconsumeInput(connection) == 1 else { throw lost("it went away") }
        }
        return unsafe PQgetResult(connection)
    }

    private func wait(for events: Int32, _ deadline: Deadline) throws(LinkError) {
        var descriptor = unsafe pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0)
        while true {
            let left = deadline.millisecondsLeft
            guard left > 0 else { throw lost("no answer in time") }
            let count = unsafe poll(&descriptor, 1, left)
            guard count == 0 || (count < 0 && errno == EINTR) else { return }
        }
    }

    private func lost(_ what: String) -> LinkError {
        let text = unsafe PQerrorMessage(connection).map { unsafe String(cString: $0) } ?? ""
        return .lost("\(what): \(text.split(separator: "\n").joined(separator: "; "))")
    }
}

extension PostgresLink {
    /// Sends one statement and waits for its rows.
    func rows(_ sql: String, _ values: [SQLValue] = [], by deadline: Deadline) throws(LinkError) -> [SQLRow] {
        try send(sql, values)
        return try answers(by: deadline).last?.get().rows ?? []
    }

    /// Sends statements and waits for all; the first refusal is thrown.
    func run(_ statements: [String], by deadline: Deadline) throws(LinkError) {
        for sql in statements { try send(sql) }
        for answer in try answers(by: deadline) { _ = try answer.get() }
    }

    /// Undoes the transaction, whatever is under way in it.
    func rollBack() throws(LinkError) {
        if !sent.isEmpty { _ = try answers(by: .answer) }
        try run(["ROLLBACK"], by: .answer)
    }

    /// Waits until the server sends something unasked, or `deadline`.
    ///
    /// - Returns: What was notified.
    func notifications(by deadline: Deadline) throws(LinkError) -> [String] {
        if deadline.millisecondsLeft > 0 {
            var descriptor = unsafe pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&descriptor, 1, deadline.millisecondsLeft)
        }
        guard unsafe PQconsumeInput(connection) == 1 else { throw lost("it went away") }
        var payloads: [String] = []
        while let notice = unsafe PQnotifies(connection) {
            if let extra = unsafe notice.pointee.extra { payloads.append(unsafe String(cString: extra)) }
            unsafe PQfreemem(notice)
        }
        return payloads
    }
}

extension Deadline {
    /// For poll(2), rounded up.
    fileprivate var millisecondsLeft: Int32 {
        let now = MonotonicClock.now()
        guard nanoseconds > now else { return 0 }
        return Int32(clamping: (nanoseconds - now - 1) / 1_000_000 + 1)
    }
}
