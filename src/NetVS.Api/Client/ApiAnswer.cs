using System.Diagnostics.CodeAnalysis;
using NetVS.Api.Contract;

namespace NetVS.Api.Client;

/// <summary>A body or a problem.</summary>
internal readonly record struct ApiAnswer<T>(T? Value, ProblemBody? Problem)
{
    /// <summary>Whether there is a body.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool IsOk => Problem is null;
}
