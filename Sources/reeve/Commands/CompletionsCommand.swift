import ArgumentParser

/// `reeve completions`
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print the script that completes commands and options in a shell.",
        discussion: """
            bash: reeve completions bash > /usr/share/bash-completion/completions/reeve
            zsh:  reeve completions zsh > /usr/share/zsh/vendor-completions/_reeve
            fish: reeve completions fish > /usr/share/fish/vendor_completions.d/reeve.fish
            The other programs print theirs with --generate-completion-script SHELL.
            """)

    enum Shell: String, CaseIterable, ExpressibleByArgument { case bash, zsh, fish }

    @Argument(help: "The shell.")
    var shell: Shell

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell.rawValue) else {
            preconditionFailure("the argument parser writes completions for bash, zsh and fish")
        }
        print(Reeve.completionScript(for: shell))
    }
}
