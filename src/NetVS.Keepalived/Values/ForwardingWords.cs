using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Rules;

namespace NetVS.Keepalived.Values;

/// <summary>The value of lvs_method (reference §5.2), with FULLNAT as its published forks spell it.</summary>
internal static class ForwardingWords
{
    /// <summary>Reads the words after the keyword.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="record">The block.</param>
    /// <param name="owner">How messages call the server: virtual server or real server.</param>
    public static Forwarding? Read(BlockReader reader, Statement statement, IConfigurationBlock record, string owner)
    {
        if (!reader.TryTake(statement, 1, out Word word)) return null;
        ForwardingMethod? method = word.Text switch
        {
            "NAT" => ForwardingMethod.Nat,
            "DR" => ForwardingMethod.DirectRouting,
            "TUN" => ForwardingMethod.Tunnel,
            "FULLNAT" or "FNAT" => ForwardingMethod.FullNat,
            _ => null,
        };
        if (method is null)
        {
            reader.Error(word, record, $"PARSER : unknown [%v] routing method for {owner}.", "NAT, DR, TUN or FULLNAT, in capitals");
            return null;
        }

        var forwarding = new Forwarding { Method = method.Value };
        string? type = null, checksum = null;
        for (int i = 2; i < statement.Words.Count; i++)
        {
            Word option = statement.Words[i];
            if (method == ForwardingMethod.Tunnel && option.Text is "type" or "port")
            {
                if (!reader.TryTake(statement, ++i, out Word value)) return null;
                if (option.Text == "type") type = value.Text;
                if (option.Text == "type" && value.Text is not ("ipip" or "gue" or "gre"))
                {
                    reader.Error(value, record, $"Unknown tunnel type %v for {owner}.", "ipip, gue or gre");
                    return null;
                }

                if (option.Text != "port") continue;
                if (!NumberText.TryParse(value.Text, 1, 65535, out long port, out string complaint))
                {
                    reader.BadNumber(value, record, complaint, $"Invalid gue tunnel port %v for {owner}.");
                    return null;
                }

                forwarding = forwarding with { TunnelPort = (ushort)port };
            }
            else if (method == ForwardingMethod.Tunnel && option.Text is "nocsum" or "csum" or "remcsum")
            {
                checksum = option.Text;
            }
            else
            {
                reader.Error(option, record, $"Invalid tunnel option %v for {owner}.", "only TUN has options: type, port, nocsum, csum, remcsum");
                return null;
            }
        }

        forwarding = forwarding with
        {
            TunnelType = type switch { "gue" => TunnelType.Gue, "gre" => TunnelType.Gre, _ => TunnelType.IpIp },
            TunnelChecksum = checksum switch { "csum" => TunnelChecksum.Checksum, "remcsum" => TunnelChecksum.RemoteChecksum, _ => TunnelChecksum.None },
        };
        string? contradiction = forwarding switch
        {
            { TunnelType: TunnelType.Gue } gue when gue.TunnelPort == 0 => "gue tunnels require port, otherwise cannot have port.",
            { TunnelType: not TunnelType.Gue, TunnelPort: not 0 } => "gue tunnels require port, otherwise cannot have port.",
            { TunnelType: TunnelType.IpIp } when checksum is not null => "ipip tunnels do not support checksum option.",
            { TunnelType: TunnelType.Gre, TunnelChecksum: TunnelChecksum.RemoteChecksum } => "gre tunnels do not support remote checksum option.",
            _ => null,
        };
        if (contradiction is null) return forwarding;
        reader.Error(word, record, contradiction, "see lvs_method in docs/keepalived.md");
        return null;
    }
}
