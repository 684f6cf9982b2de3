using System.Reflection;
using System.Text;

namespace NetVS.Director.Forwarding;

/// <summary>Names and sentences of an enum whose members carry <see cref="ReasonTextAttribute"/>; read once, at start.</summary>
/// <remarks>A member without a sentence, or a gap in the numbering, fails the type's initialisation and so every test.</remarks>
internal sealed class ReasonTable<TEnum> where TEnum : struct, Enum
{
    private readonly string[] _names;
    private readonly string[] _texts;

    /// <summary>Reads the enum.</summary>
    public ReasonTable()
    {
        TEnum[] values = Enum.GetValues<TEnum>();
        _names = new string[values.Length];
        _texts = new string[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (Convert.ToInt32(values[i]) != i) throw new InvalidOperationException($"{typeof(TEnum).Name} has a gap at {i}");
            string member = values[i].ToString();
            ReasonTextAttribute text = typeof(TEnum).GetField(member)!.GetCustomAttribute<ReasonTextAttribute>()
                ?? throw new InvalidOperationException($"{typeof(TEnum).Name}.{member} has no sentence for the operator");
            _names[i] = SnakeCase(member);
            _texts[i] = text.Text;
        }
    }

    /// <summary>How many members there are, the zero one included.</summary>
    public int Count => _names.Length;

    /// <summary>The counter's name: the member's name in snake case.</summary>
    public string Name(int value) => _names[value];

    /// <summary>The operator's sentence.</summary>
    public string Text(int value) => _texts[value];

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiLetterUpper(name[i]) && i > 0) text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }
}
