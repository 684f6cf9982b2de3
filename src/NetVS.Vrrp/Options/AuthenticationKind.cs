namespace NetVS.Vrrp.Options;

/// <summary>How version 2 authenticates; the values are the field's on the wire (RFC 2338 §5.3.6).</summary>
public enum AuthenticationKind : byte
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>A password in clear text.</summary>
    Password = 1,

    /// <summary>An IP authentication header with HMAC-MD5.</summary>
    Header = 2,
}
