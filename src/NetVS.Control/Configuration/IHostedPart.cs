using NetVS.Keepalived.Model;

namespace NetVS.Control.Configuration;

/// <summary>A part of the daemon that a keepalived.conf configures: health checks, VRRP and the like.</summary>
/// <remarks>
/// <para>Order: <see cref="Prepare"/> and its commit with the first configuration, before a packet is taken; <see cref="Begin"/> when the director
/// forwards; <see cref="Prepare"/> again for each reload; <see cref="End"/> before anything is detached.</para>
/// <para>A reload has two phases, so that a bad file changes nothing: every part prepares, the rules are changed, every part commits. A part that changes
/// rules by itself holds still from its <see cref="Prepare"/> until its <see cref="IPreparedConfiguration"/> is disposed of.</para>
/// <para>Threads: all of these come one after the other, from any thread; <see cref="ReadStatus"/> comes at any time.</para>
/// </remarks>
public interface IHostedPart
{
    /// <summary>Its name in <c>netvs status</c>: one word, lower case.</summary>
    string Name { get; }

    /// <summary>Gets ready for a configuration without changing anything yet.</summary>
    /// <param name="current">The configuration in force; null at the start.</param>
    /// <param name="next">The next one. The part may change its <see cref="ConfigurationPlan.Wanted"/> rules, and adds what it finds wrong.</param>
    IPreparedConfiguration Prepare(KeepalivedConfiguration? current, ConfigurationPlan next);

    /// <summary>The director forwards: what talks to the network may begin.</summary>
    void Begin();

    /// <summary>The daemon ends; may take a second or two, no more.</summary>
    /// <param name="isForwardingKept">Whether established flows are forwarded on for a successor.</param>
    void End(bool isForwardingKept);

    /// <summary>Lines for <c>netvs status</c>; none where there is nothing to say.</summary>
    IReadOnlyList<string> ReadStatus();
}
