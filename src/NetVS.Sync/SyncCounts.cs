using System.Text;

namespace NetVS.Sync;

/// <summary>Names and sentences of <see cref="SyncCount"/>: one list, in its order.</summary>
public static class SyncCounts
{
    private static readonly string[] s_texts =
    [
        "messages sent",
        "octets of UDP payload sent",
        "records (connections and templates) sent",
        "records lost because the master's thread was behind; they are sent again with a later packet",
        "messages given up because sync_qlen_max of them waited for the network",
        "messages that the kernel refused to send",
        "records not sent because no message can say them: FULLNAT connections and IPv6 in version 0 to the multicast group, real servers of another family to peers",
        "messages received, good or bad",
        "octets of UDP payload received",
        "records read from messages",
        "connections made from messages",
        "connections brought up to date by messages",
        "persistence templates made from messages",
        "persistence templates brought up to date by messages",
        "connections and templates made without a real server, because no rule here has it",
        "connections that got their real server from a rule that came later",
        "connections and templates replaced, because the message names another real server",
        "ends of connections that have been replaced already, ignored",
        "datagrams too short for a message",
        "datagrams whose length is not the one they say",
        "messages of another sync id",
        "records that end behind their message: the rest of the message was given up",
        "records of a version that is not known: the rest of the message was given up",
        "records of a type that is not known: the rest of the message was given up",
        "records with a malformed or doubled option",
        "records with an option that is not known and must not be skipped",
        "records of one-packet entries, which are not to be sent",
        "records whose flags exclude each other",
        "records of a protocol that is not balanced here",
        "records in a state that their protocol does not have",
        "records of a forwarding method that is not known here (bypass), or where only one of the two directors uses FULLNAT",
        "records whose TCP sequence numbers must be adjusted, which needs an application helper that is not there",
        "records of connections whose client's port is not known yet",
        "records of a persistence engine that is not there",
        "records with an address that no client, service or real server can have",
        "records for which the connection table had no room",
        "frames or records of a peer that are malformed: each was skipped by its length",
        "frames or options of a peer whose kind is not known here: each was skipped by its length",
        "records told to peers, in full transfers and as they changed",
        "records that a peer could not be told because its thread or its room was full: a full transfer repairs it",
        "records heard from peers",
        "records of a peer that it had only heard of itself, of what is known here already",
        "records of a peer of what a later packet has passed here",
        "records of a peer whose timeout had run out when they came",
        "records of FULLNAT connections whose real server no rule here has: asked for again when the rules change",
        "records of FULLNAT connections whose local address no service here has: asked for again when the rules change",
        "records of FULLNAT connections whose local port another connection to the same real server has here",
        "records of FULLNAT connections whose local port belongs to another worker here: both directors need as many workers",
        "records of announced connections whose control connection is not known here, or that are too many",
        "announced connections (FTP data) taken over from records of a peer",
    ];

    private static readonly string[] s_names = [.. Enum.GetNames<SyncCount>().Select(SnakeCase)];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SyncCount> All { get; } = Enum.GetValues<SyncCount>();

    /// <summary>The counter's name: the member's in snake case.</summary>
    public static string Name(SyncCount count) => s_names[(int)count];

    /// <summary>What it counts, for people.</summary>
    public static string Explain(SyncCount count) => s_texts[(int)count];

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (char letter in name)
        {
            if (char.IsAsciiLetterUpper(letter) && text.Length > 0) text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
