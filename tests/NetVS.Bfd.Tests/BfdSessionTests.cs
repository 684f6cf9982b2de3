using NetVS.Bfd.Machine;
using NetVS.Bfd.Wire;
using NetVS.Packets;
using NetVS.Testing.Memory;

namespace NetVS.Bfd.Tests;

/// <summary>The state machine of RFC 5880 §6, by two sessions that hear each other, or do not.</summary>
public sealed class BfdSessionTests
{
    [Fact]
    public void Two_ComeUp_ByAThreeWayHandshake()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(1);
        wire.Changes.ShouldBe("there:Down>Init here:Down>Init here:Init>Up there:Init>Up");
        wire.Here.Diagnostic.ShouldBe(BfdDiagnostic.None);
    }

    [Fact]
    public void Down_SendsOnceASecond_Up_AsFastAsBothCan()
    {
        var wire = new BfdWire(BfdWire.Options("here", transmit: 50), BfdWire.Options("there", receive: 200)) { IsHereHeard = false, IsThereHeard = false };
        wire.Start();
        wire.Pass(10_000);
        wire.Sent.Count(s => s.From == wire.Here).ShouldBeInRange(10, 14);
        wire.IsHereHeard = wire.IsThereHeard = true;
        wire.Pass(2000);
        wire.Here.State.ShouldBe(BfdState.Up);
        wire.Sent.Clear();
        wire.Pass(2000);

        // Here wants 50 ms and there can take 200: each 150 to 200 ms. There wants 100 ms: each 75 to 100.
        wire.Here.Interval.ShouldBe(TimeSpan.FromMilliseconds(200));
        wire.Sent.Count(s => s.From == wire.Here).ShouldBeInRange(10, 14);
        wire.Sent.Count(s => s.From == wire.There).ShouldBeInRange(20, 27);
    }

    [Fact]
    public void Silence_BringsItDown_AtTheDetectionTime_AndNotBefore()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(2000);
        wire.Here.DetectionTime.ShouldBe(TimeSpan.FromMilliseconds(300));
        _ = wire.Changes;
        wire.IsThereHeard = false;
        MonotonicTime last = wire.Sent.Last(s => s.From == wire.There).At;
        int left = (int)(last + wire.Here.DetectionTime - wire.Now).TotalMilliseconds;
        wire.Pass(left - 1);
        wire.Changes.ShouldBeEmpty();
        wire.Pass(1);
        wire.Changes.ShouldBe("here:Up>Down there:Up>Down");
        wire.Here.Diagnostic.ShouldBe(BfdDiagnostic.DetectionTimeExpired);
        wire.There.Diagnostic.ShouldBe(BfdDiagnostic.NeighbourSignalledDown);
        wire.IsThereHeard = true;
        wire.Pass(1500);
        wire.Here.State.ShouldBe(BfdState.Up);
        wire.Here.CameUp.ShouldBe(2);
    }

    [Fact]
    public void OneWay_NeverComesUp()
    {
        var wire = new BfdWire { IsHereHeard = false };
        wire.Start();
        wire.Pass(10_000);
        wire.Here.State.ShouldBe(BfdState.Init);
        wire.There.State.ShouldBe(BfdState.Down);
    }

    [Fact]
    public void Passive_WaitsForTheOther_AndFallsSilentWithIt()
    {
        var wire = new BfdWire(BfdWire.Options("here", isPassive: true)) { IsThereHeard = false };
        wire.Start();
        wire.Pass(5000);
        wire.Sent.ShouldAllBe(s => s.From == wire.There);
        wire.IsThereHeard = true;
        wire.Pass(2000);
        wire.Here.State.ShouldBe(BfdState.Up);
        wire.IsThereHeard = false;
        wire.Pass(1000);
        wire.Here.State.ShouldBe(BfdState.Down);
        wire.Sent.Clear();
        wire.Pass(5000);
        wire.Sent.ShouldAllBe(s => s.From == wire.There);
    }

    [Fact]
    public void Stop_TellsTheOther_WhichWaits()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(1000);
        _ = wire.Changes;
        wire.Here.Stop(wire.Now);
        wire.Deliver();
        wire.Changes.ShouldBe("here:Up>AdminDown there:Up>Down");
        wire.Sent[^2].Packet.ShouldSatisfyAllConditions(p => p.State.ShouldBe(BfdState.AdminDown), p => p.Diagnostic.ShouldBe(BfdDiagnostic.AdministrativelyDown));
        wire.Sent.Clear();
        wire.Pass(5000);
        wire.Sent.ShouldAllBe(s => s.From == wire.There && s.Packet.State == BfdState.Down);
    }

    [Fact]
    public void Poll_IsAskedOnceUp_AndAnsweredAtOnce()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(1000);
        wire.Sent.Count(s => s.Packet.IsPoll).ShouldBeInRange(2, 4);
        wire.Sent.Count(s => s.Packet.IsFinal).ShouldBe(wire.Sent.Count(s => s.Packet.IsPoll));
        wire.Sent.Clear();
        wire.Pass(1000);
        wire.Sent.ShouldAllBe(s => !s.Packet.IsPoll && !s.Packet.IsFinal);
    }

    [Fact]
    public void SlowerNumbers_AreUsedWhenTheOtherHasAnswered()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(1000);
        wire.IsThereHeard = false;
        wire.Here.Change(BfdWire.Options("here", transmit: 1000, receive: 50), wire.Now);
        wire.Here.Interval.ShouldBe(TimeSpan.FromMilliseconds(100), "it must not be late for who has not heard of it");
        wire.Pass(100);
        wire.Sent[^1].Packet.ShouldSatisfyAllConditions(p => p.IsPoll.ShouldBe(wire.Sent[^1].From == wire.Here));
        wire.IsThereHeard = true;
        wire.Pass(200);
        wire.Here.Interval.ShouldBe(TimeSpan.FromSeconds(1));
        wire.Pass(5000);
        wire.Here.State.ShouldBe(BfdState.Up);
        wire.There.State.ShouldBe(BfdState.Up);
        wire.There.DetectionTime.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void NeighbourThatCannotReceive_IsSentNothing_AndOneThatDemandsSilenceNeither()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(1000);
        BfdPacket last = wire.Sent.Last(s => s.From == wire.There).Packet;
        foreach (BfdPacket quiet in new[] { last with { RequiredReceive = 0 }, last with { IsDemand = true } })
        {
            wire.Here.Receive(quiet, wire.Now);
            wire.Here.Deadline.ShouldBe(wire.Now + wire.Here.DetectionTime);
            wire.Here.Receive(last, wire.Now);
            wire.Here.Deadline.ShouldBeLessThan(wire.Now + wire.Here.DetectionTime);
        }
    }

    [Fact]
    public void MultiplierOfOne_LeavesATenth_OfEachInterval()
    {
        BfdWire wire = new BfdWire(BfdWire.Options("here", multiplier: 1), BfdWire.Options("there", multiplier: 1)).Start();
        wire.Pass(10_000);
        wire.Changes.ShouldBe("there:Down>Init here:Down>Init here:Init>Up there:Init>Up");
        MonotonicTime[] at = [.. wire.Sent.Where(s => s.From == wire.Here && !s.Packet.IsFinal).Select(s => s.At).SkipWhile(t => wire.Now - t > TimeSpan.FromSeconds(5))];
        for (int i = 1; i < at.Length; i++) (at[i] - at[i - 1]).TotalMilliseconds.ShouldBeInRange(75, 91);
    }

    [Fact]
    public void SteadySession_AllocatesNothing()
    {
        BfdWire wire = new BfdWire().Start();
        wire.Pass(1000);
        BfdPacket last = wire.Sent.Last(s => s.From == wire.There).Packet;
        var quiet = new Silent();
        var session = new BfdSession(BfdWire.Options("x"), 7, quiet);
        session.Start(wire.Now);
        MonotonicTime now = wire.Now;
        Allocations.Measure(100_000, Step).ShouldBe(0);

        void Step()
        {
            now += TimeSpan.FromMilliseconds(10);
            session.Receive(last, now);
            session.Tick(now);
        }
    }

    private sealed class Silent : IBfdEffects
    {
        public void Send(BfdSession session, in BfdPacket packet)
        {
        }

        public void Change(BfdSession session, BfdState former)
        {
        }
    }
}
