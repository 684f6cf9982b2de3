using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;
using NetVS.Packets;

namespace NetVS.Keepalived.Keywords;

/// <summary>The lines of global_defs about IPVS that hold several values (reference §3.2).</summary>
internal static class GlobalLvsLines
{
    private const long MostTimeout = 2678400;

    /// <summary><c>lvs_timeouts [tcp N] [tcpfin N] [udp N]</c>.</summary>
    public static GlobalDefinitions ReadTimeouts(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (statement.Words.Count < 3)
        {
            reader.ErrorAt(statement.Position, "lvs_timeouts requires at least one option", "tcp N, tcpfin N or udp N");
            return g;
        }

        LvsDefaults lvs = g.Lvs;
        for (int i = 1; i < statement.Words.Count; i++)
        {
            Word word = statement.Words[i];
            if (word.Text is not ("tcp" or "tcpfin" or "udp"))
            {
                reader.Error(word, g, "Unknown option %v specified for lvs_timeouts", "tcp, tcpfin or udp");
                continue;
            }

            if (statement[++i] is not { } value)
            {
                reader.Error(word, g, "No value specified for lvs_timout %v - ignoring", "write the seconds");
                continue;
            }

            if (!NumberText.TryParse(value.Text, 0, MostTimeout, out long seconds, out string complaint))
            {
                reader.BadNumber(value, g, complaint, $"Invalid lvs_timeout {word.Text} (%v) - ignoring");
                continue;
            }

            lvs = word.Text switch
            {
                "tcp" => lvs with { TcpTimeout = (uint)seconds },
                "tcpfin" => lvs with { TcpFinTimeout = (uint)seconds },
                _ => lvs with { UdpTimeout = (uint)seconds },
            };
        }

        return g with { Lvs = lvs };
    }

    /// <summary><c>lvs_sync_daemon IF [inst VRRP] [id N] [maxlen N] [port N] [ttl N] [group A]</c>.</summary>
    public static GlobalDefinitions ReadSyncDaemon(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (!reader.TryTake(statement, 1, out Word name)) return g;
        var daemon = new SyncDaemon { Interface = name.Text, Position = name.Position };
        for (int i = 2; i < statement.Words.Count; i++)
        {
            Word word = statement.Words[i];
            Word? value = statement[i + 1];
            switch (word.Text)
            {
                case "inst" or "id" or "maxlen" or "port" or "ttl" or "group" when value is null:
                    reader.Error(word, g, "No value specified for lvs_sync_daemon %v - ignoring", "write the value");
                    break;
                case "inst":
                    daemon = daemon with { Instance = value!.Text };
                    break;
                case "id":
                    if (Take(reader, value!, g, 0, 255, "Invalid syncid (%v) - defaulting to vrid") is { } id) daemon = daemon with { Id = id };
                    break;
                case "maxlen":
                    if (Take(reader, value!, g, 1, 65507, "Invalid lvs_sync_daemon maxlen (%v) - ignoring") is { } length) daemon = daemon with { MaxLength = length };
                    break;
                case "port":
                    if (Take(reader, value!, g, 1, 65535, "Invalid lvs_sync_daemon port (%v) - ignoring") is { } port) daemon = daemon with { Port = (ushort)port };
                    break;
                case "ttl":
                    if (Take(reader, value!, g, 1, 255, "Invalid lvs_sync_daemon ttl (%v) - ignoring") is { } ttl) daemon = daemon with { Ttl = ttl };
                    break;
                case "group":
                    if (IpAddress.TryParse(value!.Text, out IpAddress group) && group.IsMulticast) daemon = daemon with { Group = group };
                    else reader.Error(value, g, "Invalid lvs_sync_daemon group (%v) - ignoring", "write a multicast address");
                    break;
                default:
                    daemon = ReadBare(reader, word, g, daemon);
                    continue;
            }

            i++;
        }

        return g with { Lvs = g.Lvs with { SyncDaemon = daemon } };
    }

    /// <summary><c>lvs_flush_on_stop [VS]</c>.</summary>
    public static GlobalDefinitions ReadFlushOnStop(BlockReader reader, Statement statement, GlobalDefinitions g)
    {
        if (statement[1] is not { } word) return g with { Lvs = g.Lvs with { FlushesOnStop = true } };
        if (word.Text == "VS") return g with { Lvs = g.Lvs with { DeletesServicesOnStop = true } };
        reader.Error(word, g, "Unknown lvs_flush_on_stop type %v", "nothing or VS may follow");
        return g;
    }

    // The old form: the second word is the instance, the third the id.
    private static SyncDaemon ReadBare(BlockReader reader, Word word, GlobalDefinitions g, SyncDaemon daemon)
    {
        if (daemon.Instance is null && daemon.Id is null) return daemon with { Instance = word.Text };
        reader.Error(word, g, "Please use keyword \"id\" before lvs_sync_daemon SYNCID", $"write id {word.Text}");
        return Take(reader, word, g, 0, 255, "Invalid syncid (%v) - defaulting to vrid") is { } id ? daemon with { Id = id } : daemon;
    }

    private static int? Take(BlockReader reader, Word word, GlobalDefinitions g, int least, int most, string error)
    {
        if (NumberText.TryParse(word.Text, least, most, out long number, out string complaint)) return (int)number;
        reader.BadNumber(word, g, complaint, error);
        return null;
    }
}
