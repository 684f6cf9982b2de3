using NetVS.Linux.Divert;

namespace NetVS.Linux.Tests.Divert;

/// <summary>One loaded program for all tests of a class, which set its maps anew: the verifier takes a second for each.</summary>
public sealed class LoadedDivert : IDisposable
{
    /// <summary>Null where there is no privilege to load it.</summary>
    internal DivertProgram? Program { get; } = Environment.IsPrivilegedProcess ? DivertProgram.Load() : null;

    public void Dispose() => Program?.Dispose();
}
