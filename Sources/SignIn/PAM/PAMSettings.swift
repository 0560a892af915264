/// How conversations with workers are held.
package struct PAMSettings: Sendable {
    /// Unix socket of `reeve-pam serve`.
    package let socket: String
    /// Seconds from the first question to the end.
    package let seconds: UInt64
    /// Refusals are given at whole multiples of so many milliseconds after the answer that led to them, questions of so
    /// many after the request, later ones, which come after something was compared, of ten times as many: how long a module
    /// took does not tell whether it knows the name.
    package let refusalStep: UInt64
    package let questionStep: UInt64
    /// Milliseconds that a request waits for a module before the person is told to wait.
    package let patience: UInt64
    /// The same where there is something to tell them.
    package let patienceWithNews: UInt64 = 300
    /// Milliseconds that a request waits for a worker where all are taken.
    package let patienceForRoom: UInt64 = 1_000
    /// Conversations at a time, whatever the workers are.
    package let most = 512
    /// Seconds without an answer after which a conversation makes room where all workers are taken.
    package let idle: UInt64 = 20

    package init(
        socket: String, seconds: UInt64 = 120, refusalStep: UInt64 = 2_000, questionStep: UInt64 = 50,
        patience: UInt64 = 3_000
    ) {
        self.socket = socket
        self.seconds = seconds
        self.refusalStep = refusalStep
        self.questionStep = questionStep
        self.patience = patience
    }
}
