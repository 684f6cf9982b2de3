namespace NetVS.Keepalived.Model;

/// <summary>A host block of SMTP_CHECK.</summary>
public sealed record SmtpHost : Checker
{
    /// <inheritdoc/>
    public override string Kind => "host";
}
