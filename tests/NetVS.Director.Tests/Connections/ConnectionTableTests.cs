using NetVS.Director.Connections;
using NetVS.Packets;
using NetVS.Rules;

namespace NetVS.Director.Tests.Connections;

public sealed class ConnectionTableTests
{
    private static readonly UInt128 s_key = new(0x0123456789ABCDEF, 0xFEDCBA9876543210);
    private static readonly Ipv4Address s_client = Ipv4Address.Parse("203.0.113.7");
    private static readonly Ipv4Address s_virtual = Ipv4Address.Parse("10.0.0.1");
    private static readonly Ipv4Address s_real = Ipv4Address.Parse("192.168.1.10");
    private static readonly Ipv4Address s_local = Ipv4Address.Parse("192.168.1.1");
    private static readonly MonotonicTime s_now = MonotonicTime.FromSeconds(100);

    [Theory]
    [InlineData(ForwardingMethod.Nat, false)]
    [InlineData(ForwardingMethod.FullNat, false)]
    [InlineData(ForwardingMethod.DirectRouting, true)]
    [InlineData(ForwardingMethod.Tunnel, true)]
    [InlineData(ForwardingMethod.Local, true)]
    public void TryCreate_Methods_ExpectRepliesOrNot(ForwardingMethod method, bool hasNoOutput)
    {
        using var table = new ConnectionTable<Ipv4Address>(10, s_key);
        int handle = Create(table, 40000, method);
        ref Connection<Ipv4Address> connection = ref table[handle];
        connection.Flags.HasFlag(ConnectionFlags.NoOutput).ShouldBe(hasNoOutput);
        connection.Flags.HasFlag(ConnectionFlags.Inactive).ShouldBeTrue();
        (connection.State, connection.Timeout, connection.InPackets).ShouldBe(((byte)0, 3u, 0u));
        (connection.Client, connection.ClientPort, connection.Virtual, connection.VirtualPort, connection.Real, connection.RealPort)
            .ShouldBe((s_client, (ushort)40000, s_virtual, (ushort)80, s_real, (ushort)8080));
        (connection.NextHopInbound, connection.NextHopOutbound, connection.DestinationIndex).ShouldBe((-1, -1, 5));
    }

    [Theory]
    [InlineData(ForwardingMethod.Nat, true, false)]
    [InlineData(ForwardingMethod.DirectRouting, false, true)]
    [InlineData(ForwardingMethod.Tunnel, false, true)]
    [InlineData(ForwardingMethod.Local, false, true)]
    [InlineData(ForwardingMethod.FullNat, false, false)]
    public void FindOutbound_Source_MustBeRealForNatAndVirtualOtherwise(ForwardingMethod method, bool byReal, bool byVirtual)
    {
        using var table = new ConnectionTable<Ipv4Address>(10, s_key);
        int handle = Create(table, 40000, method);
        table.FindOutbound(IpProtocol.Tcp, s_client, 40000, s_real, 8080).ShouldBe(byReal ? handle : 0);
        table.FindOutbound(IpProtocol.Tcp, s_client, 40000, s_virtual, 80).ShouldBe(byVirtual ? handle : 0);
        table.FindOutbound(IpProtocol.Tcp, s_client, 40000, s_real, 80).ShouldBe(0);
        table.FindOutbound(IpProtocol.Tcp, s_client, 40000, s_virtual, 8080).ShouldBe(0);
    }

    [Fact]
    public void FindInbound_AnyFieldDifferent_IsNotFound()
    {
        using var table = new ConnectionTable<Ipv4Address>(10, s_key);
        int handle = Create(table, 40000);
        table.FindInbound(IpProtocol.Tcp, s_client, 40000, s_virtual, 80).ShouldBe(handle);
        table.FindInbound(IpProtocol.Udp, s_client, 40000, s_virtual, 80).ShouldBe(0);
        table.FindInbound(IpProtocol.Tcp, s_local, 40000, s_virtual, 80).ShouldBe(0);
        table.FindInbound(IpProtocol.Tcp, s_client, 40001, s_virtual, 80).ShouldBe(0);
        table.FindInbound(IpProtocol.Tcp, s_client, 40000, s_local, 80).ShouldBe(0);
        table.FindInbound(IpProtocol.Tcp, s_client, 40000, s_virtual, 81).ShouldBe(0);
    }

    [Fact]
    public void FindFullNatReply_AnyFieldDifferent_IsNotFound()
    {
        using var table = new ConnectionTable<Ipv4Address>(10, s_key);
        int handle = Create(table, 40000, ForwardingMethod.FullNat, localPort: 5000);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5000, s_real, 8080).ShouldBe(handle);
        table.FindFullNatReply(IpProtocol.Udp, s_local, 5000, s_real, 8080).ShouldBe(0);
        table.FindFullNatReply(IpProtocol.Tcp, s_client, 5000, s_real, 8080).ShouldBe(0);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5001, s_real, 8080).ShouldBe(0);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5000, s_client, 8080).ShouldBe(0);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5000, s_real, 8081).ShouldBe(0);
        table.Remove(handle);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5000, s_real, 8080).ShouldBe(0);
    }

    [Fact]
    public void FullNat_OneLocalPort_ServesEachRealServer()
    {
        using var table = new ConnectionTable<Ipv4Address>(10, s_key);
        Ipv4Address other = Ipv4Address.Parse("192.168.1.11");
        int first = Create(table, 40000, ForwardingMethod.FullNat, localPort: 5000);
        int second = Create(table, 40001, ForwardingMethod.FullNat, localPort: 5000, real: other);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5000, s_real, 8080).ShouldBe(first);
        table.FindFullNatReply(IpProtocol.Tcp, s_local, 5000, other, 8080).ShouldBe(second);
    }

    [Fact]
    public void TryCreate_TableFull_RefusesCountsAndChangesNothing()
    {
        using var table = new ConnectionTable<Ipv4Address>(100, s_key);
        for (int i = 0; i < 100; i++) Create(table, (ushort)(1000 + i)).ShouldNotBe(0);
        table.Count.ShouldBe(100);

        TryCreate(table, 2000, out int handle).ShouldBeFalse();
        (handle, table.Count, table.RefusedFull, table.RefusedClientEnd, table.HighestHandle).ShouldBe((0, 100, 1L, 0L, 100));
        table.FindInbound(IpProtocol.Tcp, s_client, 2000, s_virtual, 80).ShouldBe(0);
        for (int i = 0; i < 100; i++)
            table.FindInbound(IpProtocol.Tcp, s_client, (ushort)(1000 + i), s_virtual, 80).ShouldBe(i + 1);

        table.Remove(50);
        TryCreate(table, 2000, out handle).ShouldBeTrue();
        handle.ShouldBe(50, "the entry freed last is used first");
    }

    [Fact]
    public void TryCreate_OneClientEnd_IsBounded()
    {
        using var table = new ConnectionTable<Ipv4Address>(1000, s_key);
        for (int i = 0; i < ConnectionTable<Ipv4Address>.MaxPerClientEnd; i++)
            TryCreate(table, 40000, out _, virtualPort: (ushort)(1 + i)).ShouldBeTrue();

        TryCreate(table, 40000, out int handle, virtualPort: 999).ShouldBeFalse();
        (handle, table.RefusedClientEnd, table.RefusedFull).ShouldBe((0, 1L, 0L));
        TryCreate(table, 40001, out _, virtualPort: 999).ShouldBeTrue("another port of the same client is another end");
        for (int i = 0; i < ConnectionTable<Ipv4Address>.MaxPerClientEnd; i++)
            table[table.FindInbound(IpProtocol.Tcp, s_client, 40000, s_virtual, (ushort)(1 + i))].VirtualPort.ShouldBe((ushort)(1 + i));

        table.Remove(7);
        TryCreate(table, 40000, out _, virtualPort: 999).ShouldBeTrue();
    }

    [Fact]
    public void Listing_InPieces_SeesEachEntryOnceWhateverChanges()
    {
        using var table = new ConnectionTable<Ipv4Address>(1000, s_key);
        for (int i = 0; i < 600; i++) Create(table, (ushort)(1000 + i));
        var seen = new List<ushort>();
        var random = new Random(3);
        var removed = new HashSet<ushort>();
        for (int handle = 1; handle <= table.HighestHandle; handle++)
        {
            if (table.IsLive(handle)) seen.Add(table[handle].ClientPort);

            // Between any two looks something goes and something comes.
            int victim = random.Next(1, 601);
            if (table.IsLive(victim))
            {
                removed.Add(table[victim].ClientPort);
                table.Remove(victim);
            }

            if (handle % 3 == 0) Create(table, (ushort)(5000 + handle));
        }

        seen.Distinct().Count().ShouldBe(seen.Count, "nothing is seen twice");
        for (int i = 0; i < 600; i++)
        {
            ushort port = (ushort)(1000 + i);
            if (!removed.Contains(port)) seen.ShouldContain(port, "what is there throughout is seen");
        }
    }

#if DEBUG
    [Fact]
    public void Remove_InDebug_PoisonsTheEntry()
    {
        using var table = new ConnectionTable<Ipv4Address>(10, s_key);
        int handle = Create(table, 40000);
        ref Connection<Ipv4Address> connection = ref table[handle];
        table.Remove(handle);
        connection.Client.Value.ShouldBe(0xA5A5A5A5);
        connection.DestinationIndex.ShouldBe(unchecked((int)0xA5A5A5A5));
        table.IsLive(handle).ShouldBeFalse();
    }
#endif

    [Fact]
    public void ReservedOctets_AMillionIpv4Connections_128AndTheIndexes()
    {
        using var table = new ConnectionTable<Ipv4Address>(1 << 20, s_key);
        double perConnection = table.ReservedOctets / (double)(1 << 20);
        perConnection.ShouldBeLessThanOrEqualTo(128 + 8 + 8 + 0.01, "entry, index by client, index by local end (FULLNAT only)");
    }

    [Fact]
    public void ReservedOctets_Ipv6_192AndTheIndexes()
    {
        using var table = new ConnectionTable<Ipv6Address>(1 << 18, s_key);
        (table.ReservedOctets / (double)(1 << 18)).ShouldBeLessThanOrEqualTo(192 + 8 + 8 + 0.01);
    }

    private static int Create(
        ConnectionTable<Ipv4Address> table, ushort clientPort, ForwardingMethod method = ForwardingMethod.Nat,
        ushort localPort = 0, Ipv4Address? real = null)
    {
        TryCreate(table, clientPort, out int handle, method, localPort: localPort, real: real).ShouldBeTrue();
        return handle;
    }

    private static bool TryCreate(
        ConnectionTable<Ipv4Address> table, ushort clientPort, out int handle, ForwardingMethod method = ForwardingMethod.Nat,
        ushort virtualPort = 80, ushort localPort = 0, Ipv4Address? real = null) =>
        table.TryCreate(
            new ConnectionKey<Ipv4Address>(IpProtocol.Tcp, s_client, clientPort, s_virtual, virtualPort),
            new ConnectionTarget<Ipv4Address>(
                method, real ?? s_real, 8080, 5, method == ForwardingMethod.FullNat ? s_local : default, localPort),
            s_now, out handle);
}
