namespace NetVS.Rules.Listing;

/// <summary>What a listing shows, and how.</summary>
public sealed record ListingOptions
{
    /// <summary>What is listed.</summary>
    public ListingSubject Subject { get; init; }

    /// <summary>The layout of services; of connections only PersistentConnections means something.</summary>
    public ListingLayout Layout { get; init; }

    /// <summary>Addresses and ports as numbers; otherwise names are looked up.</summary>
    public bool IsNumeric { get; init; }

    /// <summary>Large numbers in full.</summary>
    public bool IsExact { get; init; }

    /// <summary>Sorted; otherwise in the order the director keeps.</summary>
    public bool IsSorted { get; init; } = true;
}
