using NetVS.Director.Connections;
using NetVS.Director.Offload;
using NetVS.Director.Protocols;
using NetVS.Packets;

namespace NetVS.Director.Tests.Offload;

public sealed class QuietMasksTests
{
    private static readonly (FlowEvents Bit, byte Flags)[] s_segments =
        [(FlowEvents.Syn, 0x02), (FlowEvents.Syn, 0x12), (FlowEvents.Fin, 0x01), (FlowEvents.Fin, 0x11), (FlowEvents.Ack, 0x10), (FlowEvents.Rst, 0x04), (FlowEvents.Rst, 0x14)];

    [Fact]
    public void Of_IsWhatChangesNothing_InEveryStateDirectionAndTable()
    {
        foreach (bool secure in (bool[])[false, true])
            foreach (bool isReply in (bool[])[false, true])
                foreach (ConnectionFlags flags in (ConnectionFlags[])[ConnectionFlags.Hashed, ConnectionFlags.Hashed | ConnectionFlags.NoOutput])
                    for (byte state = 0; state < TcpStateMachine.StateCount; state++)
                    {
                        FlowEvents mask = QuietMasks.Of((TcpState)state, flags, isReply, secure);
                        foreach ((FlowEvents bit, byte segment) in s_segments)
                        {
                            var connection = new Connection<Ipv4Address> { State = state, Flags = flags };
                            TcpStateMachine.Step(ref connection, isReply, segment, secure);
                            bool isQuiet = connection.State == state && connection.Flags == flags;
                            ((mask & bit) != 0).ShouldBe(isQuiet, $"{(TcpState)state} {flags} {(isReply ? "reply" : "request")} {bit} secure {secure}");
                        }
                    }
    }

    [Fact]
    public void Established_IsQuietAboutAcknowledgementsOnly()
    {
        QuietMasks.Of(TcpState.Established, ConnectionFlags.Hashed, isReply: false, secure: false).ShouldBe(FlowEvents.Ack | FlowEvents.Syn);
        QuietMasks.Of(TcpState.Established, ConnectionFlags.Hashed, isReply: true, secure: false).ShouldBe(FlowEvents.Ack | FlowEvents.Syn);
    }
}
