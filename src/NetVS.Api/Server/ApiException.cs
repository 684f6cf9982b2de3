using NetVS.Api.Contract;

namespace NetVS.Api.Server;

/// <summary>Ends a request with a problem.</summary>
internal sealed class ApiException(int code, ProblemBody problem) : Exception(problem.Detail)
{
    public int Code { get; } = code;

    public ProblemBody Problem { get; } = problem;
}
