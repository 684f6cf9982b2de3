namespace NetVS.Director.Forwarding;

/// <summary>Why a packet was dropped. Each has a counter, a metric and a sentence (<c>DropReasons</c>).</summary>
public enum DropReason : byte
{
    /// <summary>The packet was not dropped.</summary>
    None = 0,
}
