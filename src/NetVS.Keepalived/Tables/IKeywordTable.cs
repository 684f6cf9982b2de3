namespace NetVS.Keepalived.Tables;

/// <summary>The keywords of a kind of block, for documentation and advice.</summary>
public interface IKeywordTable
{
    /// <summary>The block's keyword; several, with blanks between, when they share a table.</summary>
    string Name { get; }

    /// <summary>The keywords with what is done with them.</summary>
    IEnumerable<KeyValuePair<string, KeywordSupport>> Keywords { get; }
}
