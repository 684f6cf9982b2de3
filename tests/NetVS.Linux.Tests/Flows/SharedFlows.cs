namespace NetVS.Linux.Tests.Flows;

/// <summary>One flow table and one loaded program for all tests of a class: the verifier takes a second for each.</summary>
public sealed class SharedFlows : IDisposable
{
    private readonly FlowFixture? _flows = Environment.IsPrivilegedProcess ? new FlowFixture() : null;

    /// <summary>The table, empty as after its making. Skips the test where there is none.</summary>
    internal FlowFixture Empty()
    {
        Assert.SkipUnless(_flows is not null, "loading eBPF needs root");
        _flows!.Empty();
        return _flows;
    }

    public void Dispose() => _flows?.Dispose();
}
