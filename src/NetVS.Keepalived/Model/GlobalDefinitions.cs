using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Model;

/// <summary>The global_defs block.</summary>
public sealed record GlobalDefinitions : IConfigurationBlock
{
    /// <summary>Where the block begins.</summary>
    public SourcePosition Position { get; init; }

    /// <summary>The name in mails; null for the host's.</summary>
    public string? RouterId { get; init; }

    /// <summary>Mail.</summary>
    public MailSettings Mail { get; init; } = new();

    /// <summary>VRRP.</summary>
    public VrrpDefaults Vrrp { get; init; } = new();

    /// <summary>IPVS.</summary>
    public LvsDefaults Lvs { get; init; } = new();

    /// <summary>Told about VRRP and checkers.</summary>
    public NotifyPipe Pipe { get; init; } = new();

    /// <summary>Told about VRRP.</summary>
    public NotifyPipe VrrpPipe { get; init; } = new();

    /// <summary>Told about checkers.</summary>
    public NotifyPipe LvsPipe { get; init; } = new();

    /// <summary>Scripts that others than root could change are not run as root.</summary>
    public bool HasScriptSecurity { get; init; }

    /// <summary>Who runs scripts that do not say.</summary>
    public string? ScriptUser { get; init; }

    /// <summary>That user's group, if given.</summary>
    public string? ScriptGroup { get; init; }

    /// <summary>Run before anything else.</summary>
    public ScriptCommand? StartupScript { get; init; }

    /// <summary>Run after everything else.</summary>
    public ScriptCommand? ShutdownScript { get; init; }

    /// <summary>How long it may take.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it may take.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Interfaces may be missing.</summary>
    public bool HasDynamicInterfaces { get; init; }

    /// <summary>Interfaces may change their base or their family.</summary>
    public bool AllowsInterfaceChanges { get; init; }

    /// <summary>For static addresses without one.</summary>
    public string? DefaultInterface { get; init; }

    /// <summary>A new file is tested before it replaces the old one.</summary>
    public bool ChecksReload { get; init; }

    /// <summary>How often what is in force is compared with the configuration; null for never.</summary>
    public TimeSpan? ReconcileInterval { get; init; }

    /// <summary>What differs is only said, not put right.</summary>
    public bool ReconcilesByReport { get; init; }

    /// <inheritdoc/>
    public string Name => "";
}
