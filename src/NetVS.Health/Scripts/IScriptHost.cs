namespace NetVS.Health.Scripts;

/// <summary>What running scripts needs of the system and the framework does not have.</summary>
public interface IScriptHost
{
    /// <summary>The user id that owns a file or directory; null if it cannot be told.</summary>
    uint? FindOwner(string path);

    /// <summary>Asks a process to end (SIGTERM).</summary>
    void Terminate(int process);
}
