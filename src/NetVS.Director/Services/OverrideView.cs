using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Services;

/// <summary>An override as a listing shows it.</summary>
/// <param name="Service">The service.</param>
/// <param name="Real">The real server in it; it need not be among the rules now.</param>
/// <param name="Override">What is wanted of it.</param>
/// <param name="TimeLeft">Until its deadline; null if it has none.</param>
public sealed record OverrideView(ServiceKey Service, IpEndpoint Real, DestinationOverride Override, TimeSpan? TimeLeft);
