import Authority
import Names
import SSHFormats

extension ApprovalRequest {
    /// The columns that ``init(_:)`` reads and ``values`` fill, in their order.
    static let columns = """
        number, wish, requester, device, grant_name, group_name, needed, policy, host, login, source, reason,
        document, asked_at, not_after, state, kind, shown
        """

    init(_ row: SQLRow) throws(StoreError) {
        self.init(
            number: try row.count(0), wish: try row.bytes(1), requester: try row.id(2),
            device: try row.optional(3) { (row, column) throws(StoreError) in try row.id(column) },
            subject: try Self.subject(row),
            approval: Approval(
                by: try row.name(5) { (text) throws(NameError) in try Name(text) }, count: try row.count(6)),
            policy: try row.count(7),
            source: try row.text(10),
            reason: try row.optional(11) { (row, column) throws(StoreError) in try row.text(column) },
            document: try row.text(12), askedAt: try row.time(13), notAfter: try row.time(14),
            state: try row.one(ApprovalState.self, 15))
    }

    /// What does not belong to the kind is empty, where the table wants something.
    private static func subject(_ row: SQLRow) throws(StoreError) -> ApprovalSubject {
        switch try row.one(ApprovalSubject.Kind.self, 16) {
        case .certificate:
            .certificate(
                grant: try row.name(4) { (text) throws(NameError) in try Name(text) },
                host: try row.optional(8) { (row, column) throws(StoreError) in
                    try row.name(column) { (text) throws(NameError) in try Name(host: text) }
                },
                login: try row.name(9) { (text) throws(NameError) in try Login(text) })
        case .recovery: .recovery(number: try row.text(17))
        case .act:
            .act(grant: try row.name(4) { (text) throws(NameError) in try Name(text) }, try row.text(9))
        }
    }

    var values: [SQLValue] {
        var (grant, host, login, shown): (String, String?, String, String?) = ("", nil, "", nil)
        switch subject {
        case .certificate(let name, let to, let who): (grant, host, login) = (name.text, to?.text, who.text)
        case .recovery(let number): shown = number
        case .act(let name, let act): (grant, login) = (name.text, act)
        }
        return [
            .count(number), .bytes(wish), .id(requester), .id(device), .text(grant),
            .text(approval.by.text), .count(approval.count), .count(policy), .text(host), .text(login),
            .text(source), .text(reason), .text(document), .time(askedAt), .time(notAfter),
            .text(state.rawValue), .text(subject.kind.rawValue), .text(shown),
        ]
    }
}

extension ApprovalVote {
    /// The columns that ``init(_:)`` reads and ``values`` fill, in their order.
    static let columns = "person, decision, reason, fingerprint, signature, voted_at"

    init(_ row: SQLRow) throws(StoreError) {
        self.init(
            person: try row.id(0), isApproval: try row.text(1) == "approved",
            reason: try row.optional(2) { (row, column) throws(StoreError) in try row.text(column) },
            key: try row.fingerprint(3), signature: try row.text(4), at: try row.time(5))
    }

    var values: [SQLValue] {
        [
            .id(person), .text(isApproval ? "approved" : "denied"), .text(reason), .bytes(key.bytes),
            .text(signature), .time(at),
        ]
    }
}

extension SQLRow {
    fileprivate func name<Value>(
        _ column: Int, _ read: (String) throws(NameError) -> Value
    ) throws(StoreError) -> Value {
        let text = try text(column)
        do { return try read(text) } catch { throw .unreadable("a name in column \(column)") }
    }
}
