namespace NetVS.Packets;

/// <summary>Why a frame cannot be cut into segments.</summary>
public enum SegmenterError : byte
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>The offload says that there is nothing to cut, or a segment size of 0.</summary>
    NoSegmentSize,

    /// <summary>The frame is no whole IP packet of the family and protocol the offload says.</summary>
    NotOfThatKind,

    /// <summary>The TCP or UDP header does not fit.</summary>
    TruncatedL4Header,
}
