using System.Text.Json;

namespace NetVS.Golden.Oracle;

/// <summary>What player.py plays to the kernel: a network, and steps at their times.</summary>
/// <param name="Name">The fixture.</param>
/// <param name="Interfaces">The director's interfaces that frames come in by.</param>
/// <param name="Network">Lines of an ip -batch file.</param>
/// <param name="Steps">What happens, in order.</param>
internal sealed record KernelScenario(string Name, IReadOnlyList<string> Interfaces, IReadOnlyList<string> Network, IReadOnlyList<KernelStep> Steps)
{
    /// <summary>How player.py spells members.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);
}

/// <summary>One step: "network" and "marks" with lines, "set", "ipvsadm" with words, "in" with a frame, or "look", which does nothing.</summary>
/// <param name="At">Milliseconds from the beginning.</param>
/// <param name="Do">Which of them.</param>
internal sealed record KernelStep(double At, string Do)
{
    /// <summary>Whether what can be read is read: of many frames in one line after the last one only.</summary>
    public bool Looks { get; init; } = true;

    public IReadOnlyList<string>? Lines { get; init; }

    public string? Name { get; init; }

    public string? Value { get; init; }

    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>Standard input of ipvsadm.</summary>
    public string? Input { get; init; }

    public string? Interface { get; init; }

    /// <summary>The frame in hexadecimal; of "stack" the packet from its IP header on.</summary>
    public string? Frame { get; init; }

    /// <summary>The header in front of the frame that says what is unfinished about it (struct virtio_net_hdr); null for nothing.</summary>
    public string? Header { get; init; }
}

/// <summary>A frame that came out.</summary>
internal sealed record KernelFrame(string Interface, string Frame);

/// <summary>What came of a step, and what could be read right after it.</summary>
/// <param name="Frames">Frames that came out because of it.</param>
/// <param name="Unasked">Frames that came out before it, while time passed.</param>
/// <param name="Asked">Addresses whose MAC was asked for.</param>
/// <param name="Stack">Packets that reached the kernel's own stack, from the IP header on.</param>
/// <param name="Output">Standard output of ipvsadm.</param>
/// <param name="Error">Standard error of ipvsadm; of "set" the errno.</param>
/// <param name="Status">Exit status of ipvsadm.</param>
/// <param name="Services">/proc/net/ip_vs.</param>
/// <param name="Connections">/proc/net/ip_vs_conn.</param>
/// <param name="Live">/proc/net/ip_vs_stats_percpu: what ip_vs_stats says at the next tick of the estimator.</param>
internal sealed record KernelAnswer(
    IReadOnlyList<KernelFrame> Frames, IReadOnlyList<KernelFrame> Unasked, IReadOnlyList<string> Asked, IReadOnlyList<string> Stack,
    string? Output, string? Error, int Status,
    [property: System.Text.Json.Serialization.JsonPropertyName("ip_vs")] string Services,
    [property: System.Text.Json.Serialization.JsonPropertyName("ip_vs_conn")] string Connections,
    [property: System.Text.Json.Serialization.JsonPropertyName("ip_vs_stats_percpu")] string Live);

/// <summary>The answers of one scenario, or why there are none.</summary>
internal sealed record KernelAnswers(IReadOnlyList<KernelAnswer>? Steps, string? Problem);

/// <summary>All answers, by scenario.</summary>
internal sealed record KernelReport(string Kernel, IReadOnlyDictionary<string, KernelAnswers> Answers);
