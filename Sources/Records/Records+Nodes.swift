extension Records {
    /// What other nodes committed, by its topic (`hostState`, `policy`); nil where something may have been missed.
    /// Silent where there is one node.
    package func changes() -> AsyncStream<String?> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: String?.self, bufferingPolicy: .bufferingNewest(16))
        connection.listen { continuation.yield($0) }
        return stream
    }
}
