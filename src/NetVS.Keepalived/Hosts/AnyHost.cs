namespace NetVS.Keepalived.Hosts;

/// <summary>A host on which every interface and account exists and no script does: nothing about the host is complained about.</summary>
public sealed class AnyHost : IHostFacts
{
    private AnyHost()
    {
    }

    /// <summary>The only one.</summary>
    public static AnyHost Instance { get; } = new();

    /// <inheritdoc/>
    public bool HasInterface(string name) => true;

    /// <inheritdoc/>
    public bool HasAccount(string name, bool isGroup) => true;

    /// <inheritdoc/>
    public bool CanExecute(string path) => false;

    /// <inheritdoc/>
    public bool IsIrregularFile(string path) => false;
}
