using NetVS.Director.Forwarding;
using NetVS.Testing.Packets;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>What tests say about what left the director; a failure shows both packets decoded.</summary>
internal static class SentAssertions
{
    public static DirectorRig.Sent ShouldTransmit(this DirectorRig.Sent sent, PacketBuilder expected)
    {
        sent.Verdict.ShouldBe(Verdict.Transmit, sent.Reason.ToString());
        return sent.ShouldCarry(expected.Build());
    }

    public static DirectorRig.Sent ShouldCarry(this DirectorRig.Sent sent, byte[] expected)
    {
        if (!sent.Frame.AsSpan().SequenceEqual(expected))
        {
            throw new ShouldAssertException(
                $"\nexpected {PacketDescriber.Describe(expected)}\n         {Convert.ToHexString(expected)}" +
                $"\nbut was  {PacketDescriber.Describe(sent.Frame)}\n         {Convert.ToHexString(sent.Frame)}");
        }

        return sent;
    }

    public static DirectorRig.Sent ShouldGoToStack(this DirectorRig.Sent sent, PacketBuilder expected)
    {
        sent.Verdict.ShouldBe(Verdict.ToStack, sent.Reason.ToString());
        return sent.ShouldCarry(expected.Build());
    }

    public static DirectorRig.Sent ShouldDrop(this DirectorRig.Sent sent, DropReason reason)
    {
        sent.Verdict.ShouldBe(Verdict.Drop);
        sent.Reason.ShouldBe(reason);
        return sent;
    }
}
