using NetVS.Keepalived.Language;

namespace NetVS.Keepalived.Tables;

/// <summary>A keyword of a block.</summary>
/// <typeparam name="T">The block's record.</typeparam>
/// <param name="Support">What NetVS does with it.</param>
/// <param name="Read">Reads the statement, and the block after it if it has one; the record with the value.</param>
internal sealed record Keyword<T>(KeywordSupport Support, Func<BlockReader, Statement, T, T> Read);
