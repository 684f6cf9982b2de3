namespace NetVS.Keepalived.Model;

/// <summary>The scripts of a VRRP instance or group.</summary>
public sealed record NotifyScripts
{
    /// <summary>On becoming master.</summary>
    public ScriptCommand? Master { get; init; }

    /// <summary>On becoming backup.</summary>
    public ScriptCommand? Backup { get; init; }

    /// <summary>On FAULT.</summary>
    public ScriptCommand? Fault { get; init; }

    /// <summary>On stopping.</summary>
    public ScriptCommand? Stop { get; init; }

    /// <summary>When a reload takes the instance away.</summary>
    public ScriptCommand? Deleted { get; init; }

    /// <summary>At each advert of lower priority.</summary>
    public ScriptCommand? MasterReceivedLowerPriority { get; init; }

    /// <summary>At each of them, with arguments.</summary>
    public ScriptCommand? All { get; init; }

    /// <summary>DELETED is sent, not FAULT, when a reload takes the instance away.</summary>
    public bool SendsDeleted { get; init; }
}
