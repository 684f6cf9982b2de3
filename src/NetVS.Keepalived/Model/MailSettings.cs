using System.Collections.Immutable;

namespace NetVS.Keepalived.Model;

/// <summary>Where and how mails are sent.</summary>
public sealed record MailSettings
{
    /// <summary>The recipients; without any, no mail is sent.</summary>
    public ImmutableList<string> Recipients { get; init; } = [];

    /// <summary>The sender.</summary>
    public string? From { get; init; }

    /// <summary>The mail server, a name or an address; without it, no mail is sent.</summary>
    public string? Server { get; init; }

    /// <summary>Its port, host order.</summary>
    public ushort Port { get; init; } = 25;

    /// <summary>How the host calls itself.</summary>
    public string? HeloName { get; init; }

    /// <summary>For connecting and for each reply.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The default for everything that does not say whether it sends mail.</summary>
    public bool? Alerts { get; init; }

    /// <summary>The default for VRRP.</summary>
    public bool? VrrpAlerts { get; init; }

    /// <summary>The default for checkers.</summary>
    public bool? CheckerAlerts { get; init; }

    /// <summary>No mail for FAULT.</summary>
    public bool HasNoFaults { get; init; }

    /// <summary>Checkers send mail only when a real server's state changes.</summary>
    public bool IsCheckerSilent { get; init; }
}
