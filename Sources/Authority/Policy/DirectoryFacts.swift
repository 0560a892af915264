/// What policy tests and explanations are answered from.
package struct DirectoryFacts: Sendable {
    package let persons: [Identity]
    package let hosts: [Host]

    package init(persons: [Identity], hosts: [Host]) {
        self.persons = persons
        self.hosts = hosts
    }
}
