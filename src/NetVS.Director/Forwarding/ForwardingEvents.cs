namespace NetVS.Director.Forwarding;

/// <summary>What to call each <see cref="ForwardingEvent"/> and how to explain it; made from the enum itself.</summary>
public static class ForwardingEvents
{
    private static readonly ReasonTable<ForwardingEvent> s_table = new();

    /// <summary>How many events there are; valid values are below it.</summary>
    public static int Count => s_table.Count;

    /// <summary>Every event.</summary>
    public static IReadOnlyList<ForwardingEvent> All { get; } = Enum.GetValues<ForwardingEvent>();

    /// <summary>The name of the counter and the metric, such as <c>icmp_rate_limited</c>.</summary>
    public static string Name(ForwardingEvent counted) => s_table.Name((int)counted);

    /// <summary>The sentence for the operator.</summary>
    public static string Explain(ForwardingEvent counted) => s_table.Text((int)counted);
}
