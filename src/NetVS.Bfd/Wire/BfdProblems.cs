namespace NetVS.Bfd.Wire;

/// <summary>The names of problems, as counters and for people: a problem without one cannot be added.</summary>
public static class BfdProblems
{
    private static readonly (string Name, string Meaning)[] s_texts = [.. Enum.GetValues<BfdProblem>().Select(Text)];

    /// <summary>The counter's name.</summary>
    public static string NameOf(BfdProblem problem) => s_texts[(int)problem].Name;

    /// <summary>The sentence.</summary>
    public static string MeaningOf(BfdProblem problem) => s_texts[(int)problem].Meaning;

    private static (string Name, string Meaning) Text(BfdProblem problem) => problem switch
    {
        BfdProblem.None => ("accepted", "valid"),
        BfdProblem.TooShort => ("too_short", "shorter than a control packet"),
        BfdProblem.Version => ("version", "not BFD version 1"),
        BfdProblem.Length => ("length", "the length field does not fit the packet"),
        BfdProblem.Multiplier => ("multiplier", "the detection multiplier is 0"),
        BfdProblem.Multipoint => ("multipoint", "the multipoint bit is set"),
        BfdProblem.Discriminator => ("discriminator", "the sender's discriminator is 0"),
        BfdProblem.NoSessionNamed => ("no_session_named", "it names no session and says that one is up"),
        BfdProblem.Authenticated => ("authenticated", "it is authenticated: take authentication out there"),
        BfdProblem.PollAndFinal => ("poll_and_final", "it asks and answers at once"),
        BfdProblem.UnknownSession => ("unknown_session", "no bfd_instance here expects it"),
        BfdProblem.Source => ("source", "it names a session and comes from another address than its neighbor_ip: someone forges"),
        BfdProblem.Hops => ("hops", "it came over more routers than max_hops: correct ttl and max_hops, or someone forges"),
        _ => throw new InvalidOperationException($"{problem} has no text"),
    };
}
