namespace NetVS.Keepalived.Model;

/// <summary>An echo request is answered.</summary>
public sealed record PingCheck : Checker
{
    /// <inheritdoc/>
    public override string Kind => "PING_CHECK";
}
