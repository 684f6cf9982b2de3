using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;

namespace NetVS.Keepalived.Values;

/// <summary>A line of a track_ block: <c>NAME [weight N [reverse|noreverse]]</c> (reference §4.8).</summary>
internal static class TrackedLine
{
    /// <summary>Reads a line about something whose block must have been read before.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="line">The line.</param>
    /// <param name="record">The instance or group.</param>
    /// <param name="kind">The kind of block in <see cref="BlockReader.Names"/>.</param>
    /// <param name="what">How messages call it.</param>
    /// <param name="most">The greatest weight.</param>
    public static TrackedItem? Read(BlockReader reader, Statement line, IConfigurationBlock record, string kind, string what, int most)
    {
        if (line[0] is not { } name) return null;
        if (!reader.Names.ContainsKey((kind, name.Text)))
        {
            reader.Error(name, record, $"(%n) {what} %v not found, ignoring...", $"define '{kind} {name.Text}' before this block");
            return null;
        }

        return ReadOptions(reader, line, record, what, most);
    }

    /// <summary>Reads a line about an interface.</summary>
    public static TrackedItem? ReadInterface(BlockReader reader, Statement line, IConfigurationBlock record, IReadOnlyList<TrackedItem> before)
    {
        if (line[0] is not { } name) return null;
        if (!reader.Host.HasInterface(name.Text))
        {
            Interfaces.ReportMissing(reader, name, $"({record.Name}) tracked interface {name.Text} doesn't exist");
        }
        else if (before.Any(i => i.Name == name.Text))
        {
            reader.Error(name, record, "(%n) duplicate track_interface %v - ignoring", "take one of them out");
            return null;
        }

        return ReadOptions(reader, line, record, null, 253);
    }

    private static TrackedItem? ReadOptions(BlockReader reader, Statement line, IConfigurationBlock record, string? what, int most)
    {
        var item = new TrackedItem { Name = line.Words[0].Text, Position = line.Position };
        for (int i = 1; i < line.Words.Count; i++)
        {
            Word word = line.Words[i];
            if (word.Text is "reverse" or "noreverse")
            {
                item = item with { IsReversed = word.Text == "reverse" };
            }
            else if (word.Text == "weight" && line[i + 1] is { } value)
            {
                i++;
                if (NumberText.TryParse(value.Text, -254, 254, out long weight, out string complaint) && Math.Abs(weight) <= most)
                    item = item with { Weight = (int)weight };
                else if (complaint.Contains("range", StringComparison.Ordinal) && Math.Abs(weight) == 254)
                    item = item with { Weight = Limit(reader, value, record, weight, most) };
                else if (what is null)
                    reader.BadNumber(value, record, complaint, $"(%n) weight %v for {item.Name} must be between [-{most}..{most}] inclusive. Ignoring...");
                else
                    reader.BadNumber(value, record, complaint, $"(%n) {what} {item.Name}: weight %v must be between [-{most}..{most}] inclusive, ignoring...");
            }
            else if (word.Text == "weight")
            {
                reader.Error(word, record, $"(%n) weight without value specified for {what ?? "track_interface"} {item.Name} - ignoring", "write the number");
            }
            else
            {
                reader.Error(word, record, $"(%n) unknown {what ?? "track_interface"} option %v for {item.Name} - ignoring", "only weight, reverse and noreverse may follow");
            }
        }

        return item;
    }

    private static int Limit(BlockReader reader, Word value, IConfigurationBlock record, long weight, int most)
    {
        reader.Warn(value, record, $"(%n) weight %v is set to {Math.Sign(weight) * most}");
        return Math.Sign(weight) * most;
    }
}
