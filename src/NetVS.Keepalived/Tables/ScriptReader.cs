using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Hosts;
using NetVS.Keepalived.Language;
using NetVS.Keepalived.Model;

namespace NetVS.Keepalived.Tables;

/// <summary>Reads script values (reference §2.10) and remembers which of them could run.</summary>
internal sealed class ScriptReader(DiagnosticBag diagnostics, IHostFacts host)
{
    private readonly List<(ScriptCommand Script, ScriptSide Side)> _runnable = [];

    /// <summary>The first script that exists and would be run by a side, or null.</summary>
    public ScriptCommand? FirstRunnable(ScriptSide side) => _runnable.Find(r => r.Side == side).Script;

    /// <summary>Reads the value of a keyword.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="side">Who runs it.</param>
    /// <param name="takesUser">Whether the words after the first are a user and a group; otherwise they are ignored.</param>
    /// <returns>Null when there is none; the reason was reported.</returns>
    public ScriptCommand? TryRead(Statement statement, ScriptSide side, bool takesUser)
    {
        string text = statement.Text;
        int start = statement.Keyword.Length;
        char unmatched = ScriptWords.Split(text[start..], out List<(string Text, int Index)> words);
        if (unmatched != '\0')
        {
            // A missing double quote was reported where the line was cut.
            if (unmatched == '\'')
                diagnostics.Error(statement.Source.At(start), $"String '{text}': missing terminating {unmatched}", "close the quote", ProblemClass.UnmatchedQuote);
            return null;
        }

        if (words.Count == 0)
        {
            if (!statement.HasUnmatchedQuote) BlockReader.ReportMissing(diagnostics, statement, 1);
            return null;
        }

        SourcePosition position = statement.Source.At(start + words[0].Index);
        ScriptWords.Split(words[0].Text, out List<(string Text, int Index)> arguments);
        var script = new ScriptCommand
        {
            Arguments = [.. arguments.Select(a => a.Text)],
            User = takesUser && words.Count > 1 ? words[1].Text : null,
            Group = takesUser && words.Count > 2 ? words[2].Text : null,
            Position = position,
        };
        if (arguments.Count == 0)
        {
            diagnostics.Error(position, "the script is empty", "name a program");
            return null;
        }

        Check(statement, script, side);
        return script;
    }

    private void Check(Statement statement, ScriptCommand script, ScriptSide side)
    {
        if (script.User is { } user && !host.HasAccount(user, isGroup: false))
        {
            diagnostics.Warn(script.Position, $"{statement.Keyword}: there is no user '{user}': the script is not run",
                $"arguments of a script need quotes: {statement.Keyword} \"{script.Program} {user}\"", ProblemClass.None);
        }
        else if (script.Group is { } group && !host.HasAccount(group.TrimStart(':'), isGroup: true))
        {
            diagnostics.Warn(script.Position, $"{statement.Keyword}: there is no group '{group}': the script is not run", "name an existing group", ProblemClass.None);
        }
        else if (host.CanExecute(script.Program))
        {
            _runnable.Add((script, side));
        }
        else if (!ReferenceEquals(host, AnyHost.Instance))
        {
            diagnostics.Warn(script.Position, $"{statement.Keyword}: '{script.Program}' is not there or may not be executed: it is not run",
                "give the whole path of an executable file", ProblemClass.None);
        }
    }
}
