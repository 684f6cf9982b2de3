namespace NetVS.Keepalived.Model;

/// <summary>A connection is made and closed.</summary>
public sealed record TcpCheck : Checker
{
    /// <inheritdoc/>
    public override string Kind => "TCP_CHECK";
}
