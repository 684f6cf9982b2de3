namespace NetVS.Bfd.Wire;

/// <summary>A session's state, as it stands in a packet (RFC 5880 §4.1).</summary>
public enum BfdState : byte
{
    /// <summary>Held down by its operator.</summary>
    AdminDown,

    /// <summary>Nothing is heard of the other end.</summary>
    Down,

    /// <summary>The other end is heard, and has not said that it hears this one.</summary>
    Init,

    /// <summary>Both hear each other.</summary>
    Up,
}
