namespace NetVS.Keepalived.Model;

/// <summary>How VRRP version 2 authenticates.</summary>
public enum VrrpAuthentication
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>A password in clear text (PASS).</summary>
    Password,

    /// <summary>An authentication header (AH).</summary>
    Header,
}
