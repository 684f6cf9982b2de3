// Reference §6.2.
namespace NetVS.Director.Protocols;

/// <summary>UDP's state machine: one state, whose timeout each datagram of either direction restarts. It is never active.</summary>
internal static class UdpStateMachine
{
    /// <summary>The number of the only state.</summary>
    public const byte State = 0;

    /// <summary>As IPVS prints the state.</summary>
    public const string Name = "UDP";
}
