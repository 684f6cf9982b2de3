using NetVS.Help;

namespace NetVS.Commands;

/// <summary><c>netvs completion</c>.</summary>
internal static class CompletionCommand
{
    private const string Usage =
        "usage: netvs completion bash|zsh\n\n" +
        "Prints the completion of netvs and ipvsadm for a shell:\n" +
        "  netvs completion bash > /usr/share/bash-completion/completions/netvs      (and a symlink ipvsadm to it)\n" +
        "  netvs completion zsh > /usr/share/zsh/vendor-completions/_netvs";

    /// <summary>Its line in the table.</summary>
    public static Command Command { get; } = new("completion for bash and zsh", Usage, arguments => Task.FromResult(PrintingCommand.Run(
        arguments, Usage, new() { ["bash"] = CompletionScript.Bash, ["zsh"] = CompletionScript.Zsh })));
}
