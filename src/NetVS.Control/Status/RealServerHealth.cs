namespace NetVS.Control.Status;

/// <summary>A real server as its checks see it.</summary>
/// <param name="Address">Address and port.</param>
/// <param name="IsUp">Whether all its checks are up.</param>
/// <param name="Weight">The weight it has, or would have if it were in use.</param>
/// <param name="Since">When it became what it is.</param>
/// <param name="Checks">Its checks; without any it is always up.</param>
public sealed record RealServerHealth(string Address, bool IsUp, int Weight, DateTimeOffset Since, IReadOnlyList<CheckHealth> Checks);
