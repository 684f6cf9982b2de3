using Microsoft.AspNetCore.Http;

namespace NetVS.Api.Server;

/// <summary>One operation of the API. The table of these is the API; docs/openapi.yaml describes the same, and a test compares them.</summary>
/// <param name="Method">GET, POST, PUT or DELETE.</param>
/// <param name="Path">The path with its parameters in braces.</param>
/// <param name="Handler">Answers a request.</param>
internal sealed record ApiRoute(string Method, string Path, RequestDelegate Handler);
