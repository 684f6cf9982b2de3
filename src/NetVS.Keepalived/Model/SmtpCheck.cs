using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>A mail server greets.</summary>
public sealed record SmtpCheck : Checker
{
    /// <summary>How the check calls itself.</summary>
    public string HeloName { get; init; } = "smtpchecker.keepalived.org";

    /// <summary>The old host blocks: one check for each.</summary>
    public ImmutableList<SmtpHost> Hosts { get; init; } = [];

    /// <inheritdoc/>
    public override string Kind => "SMTP_CHECK";
}
