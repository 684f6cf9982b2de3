namespace NetVS.Director.Fragments;

/// <summary>What the <see cref="FragmentTable"/> says about a fragment.</summary>
internal enum FragmentOutcome : byte
{
    /// <summary>It is new octets of a datagram whose ports are known.</summary>
    Accepted,

    /// <summary>The first fragment of its datagram has not been seen, or was forgotten.</summary>
    WithoutFirst,

    /// <summary>All its octets have passed already.</summary>
    Duplicate,

    /// <summary>It overlaps other fragments, or belongs to a datagram where one did.</summary>
    Overlap,
}
