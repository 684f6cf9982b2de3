using NetVS.Commands;

namespace NetVS;

/// <summary>The table of commands: adding one is a file under Commands/ and a line here.</summary>
internal static class CommandTable
{
    /// <summary>Commands by name.</summary>
    public static IReadOnlyDictionary<string, Command> Commands { get; } = new SortedDictionary<string, Command>(StringComparer.Ordinal)
    {
        ["bench"] = BenchCommand.Command,
        ["check"] = CheckCommand.Command,
        ["completion"] = CompletionCommand.Command,
        ["get"] = SettingCommands.Get,
        ["ipvsadm"] = IpvsadmCommand.Command,
        ["lab"] = LabCommand.Command,
        ["man"] = ManCommand.Command,
        ["mark"] = MarkCommand.Command,
        ["plan"] = RulesCommands.Plan,
        ["proc"] = ProcCommand.Command,
        ["realserver"] = RealServerCommand.Command,
        ["reconcile"] = RulesCommands.Reconcile,
        ["reload"] = RulesCommands.Reload,
        ["replay"] = ReplayCommand.Command,
        ["run"] = RunCommand.Command,
        ["server"] = ServerCommand.Command,
        ["service"] = ServiceCommand.Command,
        ["set"] = SettingCommands.Set,
        ["status"] = StatusCommand.Command,
        ["sync"] = SyncCommand.Command,
        ["stop"] = StopCommand.Command,
        ["why"] = WhyCommand.Command,
    };
}
