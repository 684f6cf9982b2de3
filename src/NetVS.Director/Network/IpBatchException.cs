namespace NetVS.Director.Network;

/// <summary>A word of an <c>ip -batch</c> line that cannot be obeyed; becomes a <see cref="NetworkDiagnostic"/>.</summary>
internal sealed class IpBatchException(int column, string message) : Exception(message)
{
    /// <summary>The word's column, from 1.</summary>
    public int Column { get; } = column;
}
