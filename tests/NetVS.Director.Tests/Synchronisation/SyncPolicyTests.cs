using NetVS.Director.Connections;
using NetVS.Director.Protocols;
using NetVS.Director.Synchronisation;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Director.Tests.Synchronisation;

/// <summary>When a connection is announced: reference §14.4, case by case.</summary>
public sealed class SyncPolicyTests
{
    private static readonly MonotonicTime s_start = MonotonicTime.FromSeconds(1000);

    private static Connection<Ipv4Address> Tcp(TcpState state, uint timeout = 900) =>
        new() { Protocol = IpProtocol.Tcp, State = (byte)state, Timeout = timeout };

    private static bool Ask(ref Connection<Ipv4Address> connection, uint packets, SyncTerms terms, double seconds = 0)
    {
        connection.InPackets = packets;
        return SyncPolicy.IsDue(ref connection, packets - 1, in terms, s_start + TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void Established_IsAnnouncedAtPacket3And53And103()
    {
        Connection<Ipv4Address> connection = Tcp(TcpState.Established);
        Enumerable.Range(1, 200).Where(n => Ask(ref connection, (uint)n, new SyncTerms(3, 50, 0, 0))).ShouldBe([3, 53, 103, 153]);
    }

    [Theory]
    [InlineData((byte)TcpState.None, false)]
    [InlineData((byte)TcpState.Established, false)]
    [InlineData((byte)TcpState.SynSent, false)]
    [InlineData((byte)TcpState.SynReceived, false)]
    [InlineData((byte)TcpState.FinWait, true)]
    [InlineData((byte)TcpState.TimeWait, true)]
    [InlineData((byte)TcpState.Close, true)]
    [InlineData((byte)TcpState.CloseWait, true)]
    [InlineData((byte)TcpState.LastAck, false)]
    [InlineData((byte)TcpState.SynAck, false)]
    public void ClosingState_IsAnnouncedAtOnce_Once(byte state, bool isAnnounced)
    {
        Connection<Ipv4Address> connection = Tcp((TcpState)state);
        Ask(ref connection, 7, new SyncTerms(3, 50, 0, 0)).ShouldBe(isAnnounced);
        Ask(ref connection, 8, new SyncTerms(3, 50, 0, 0)).ShouldBeFalse("the state is known");
    }

    [Fact]
    public void PeriodZero_AnnouncesAtTheThresholdOnly()
    {
        Connection<Ipv4Address> connection = Tcp(TcpState.Established);
        Enumerable.Range(1, 200).Where(n => Ask(ref connection, (uint)n, new SyncTerms(5, 0, 0, 0))).ShouldBe([5]);
    }

    [Fact]
    public void Udp_GoesByItsPackets()
    {
        var connection = new Connection<Ipv4Address> { Protocol = IpProtocol.Udp, Timeout = 300 };
        Enumerable.Range(1, 60).Where(n => Ask(ref connection, (uint)n, new SyncTerms(3, 50, 0, 0))).ShouldBe([3, 53]);
    }

    [Fact]
    public void Template_IsAlwaysItsTurn_UnlessThePeriodIsZero()
    {
        var template = new Connection<Ipv4Address> { Protocol = IpProtocol.Tcp, Timeout = 300, Flags = ConnectionFlags.Template };
        Enumerable.Range(1, 5).Where(n => Ask(ref template, (uint)n, new SyncTerms(3, 50, 0, 0))).ShouldBe([1, 2, 3, 4, 5]);
        Enumerable.Range(1, 5).Where(n => Ask(ref template, (uint)n, new SyncTerms(3, 0, 0, 0))).ShouldBe([3]);
    }

    [Fact]
    public void RefreshPeriod_LetsOnlyANewEndPass_AndRetries()
    {
        // One packet a second: the end moves by one. R = 20 s is less than half the timeout.
        Connection<Ipv4Address> connection = Tcp(TcpState.Established);
        int[] At(int retries)
        {
            connection = Tcp(TcpState.Established);
            return [.. Enumerable.Range(0, 50).Where(second => Ask(ref connection, (uint)second + 1, new SyncTerms(0, 0, 20, retries), second))];
        }

        At(0).ShouldBe([0, 20, 40]);

        // A retry when an eighth of R (2.5 s) has passed since the last one: IPVS then announces the end anew, so that R counts from there.
        At(1).ShouldBe([0, 3, 23, 26, 46, 49]);
        At(2).ShouldBe([0, 3, 6, 26, 29, 32]);
    }

    [Fact]
    public void RefreshPeriod_IsBoundedByHalfTheTimeout_ButNotBelowTenSeconds()
    {
        Connection<Ipv4Address> connection = Tcp(TcpState.Established, timeout: 60);
        Enumerable.Range(0, 100).Where(s => Ask(ref connection, (uint)s + 1, new SyncTerms(0, 0, 1000, 0), s)).ShouldBe([0, 30, 60, 90]);
        connection = Tcp(TcpState.Established, timeout: 4);
        Enumerable.Range(0, 35).Where(s => Ask(ref connection, (uint)s + 1, new SyncTerms(0, 0, 1000, 0), s)).ShouldBe([0, 10, 20, 30]);
    }

    [Fact]
    public void ClosingState_DoesNotWaitForTheRefreshPeriod()
    {
        Connection<Ipv4Address> connection = Tcp(TcpState.Established);
        Ask(ref connection, 1, new SyncTerms(0, 0, 100, 0)).ShouldBeTrue();
        connection.State = (byte)TcpState.TimeWait;
        Ask(ref connection, 2, new SyncTerms(0, 0, 100, 0)).ShouldBeTrue();
        SyncPolicy.AnnouncedState(connection.SyncMark).ShouldBe((byte)TcpState.TimeWait);
    }

    [Fact]
    public void PacketsKnownSomeAtATime_CrossWhereOneOfThemWouldHave() => Seeds.Run(3000, (random, _) =>
    {
        int period = random.Next(0, 8), threshold = period == 0 ? random.Next(0, 9) : random.Next(0, period);
        uint before = (uint)random.Next(0, 40), after = before + (uint)random.Next(0, 20);
        bool expected = Enumerable.Range((int)before + 1, (int)(after - before)).Any(n => period == 0 ? n == threshold : n % period == threshold);
        SyncPolicy.HasCrossed(before, after, threshold, period).ShouldBe(expected, $"({before}, {after}] threshold {threshold} period {period}");
    });

    [Fact]
    public void Ends_AreComparedAcrossTheOverflow()
    {
        Connection<Ipv4Address> connection = Tcp(TcpState.Established);
        const double Overflow = (1 << 26) / 8.0;
        int[] seconds = [.. Enumerable.Range(-30, 60).Where(s =>
        {
            connection.InPackets++;
            return SyncPolicy.IsDue(ref connection, connection.InPackets - 1, new SyncTerms(0, 0, 20, 0), MonotonicTime.FromSeconds(0) + TimeSpan.FromSeconds(Overflow - 900 + s));
        })];
        seconds.ShouldBe([-30, -10, 10]);
    }
}
