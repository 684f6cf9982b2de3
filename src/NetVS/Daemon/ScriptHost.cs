using NetVS.Health.Scripts;
using NetVS.Linux.Host;

namespace NetVS.Daemon;

/// <summary>This host, for scripts.</summary>
internal sealed class ScriptHost : IScriptHost
{
    /// <inheritdoc/>
    public uint? FindOwner(string path) => HostProcesses.FindOwner(path);

    /// <inheritdoc/>
    public void Terminate(int process) => HostProcesses.Terminate(process);
}
