namespace NetVS.Keepalived.Tables;

/// <summary>Which of keepalived's processes runs a script: each complains for itself when scripts are not secure.</summary>
internal enum ScriptSide
{
    /// <summary>VRRP.</summary>
    Vrrp,

    /// <summary>The checkers.</summary>
    Checkers,
}
