import ArgumentParser

/// `grapevine completion SHELL`.
struct CompletionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print what makes a shell complete our commands and options.",
        discussion: """
            bash: grapevine completion bash | sudo tee /etc/bash_completion.d/grapevine
            zsh:  grapevine completion zsh > ~/.zfunc/_grapevine   (a directory of $fpath)
            fish: grapevine completion fish > ~/.config/fish/completions/grapevine.fish
            """
    )

    enum Shell: String, CaseIterable, ExpressibleByArgument, Sendable { case bash, zsh, fish }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    init() {}

    func run() { print(script) }

    var script: String {
        switch shell {
        case .bash: Grapevine.completionScript(for: .bash)
        case .zsh: Grapevine.completionScript(for: .zsh)
        case .fish: Grapevine.completionScript(for: .fish)
        }
    }
}
