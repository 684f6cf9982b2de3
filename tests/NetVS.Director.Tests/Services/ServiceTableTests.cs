using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Memory;

namespace NetVS.Director.Tests.Services;

/// <summary>Reference §2.1, and what workers ask about addresses.</summary>
public sealed class ServiceTableTests
{
    [Theory]
    [InlineData(IpProtocol.Tcp, "192.0.2.10", 80, "TCP 192.0.2.10:80")]
    [InlineData(IpProtocol.Udp, "192.0.2.10", 80, null)]
    [InlineData(IpProtocol.Tcp, "192.0.2.10", 81, null)]
    [InlineData(IpProtocol.Tcp, "192.0.2.11", 80, "TCP 192.0.2.11:0")]
    [InlineData(IpProtocol.Tcp, "192.0.2.11", 443, "TCP 192.0.2.11:443")]
    [InlineData(IpProtocol.Tcp, "192.0.2.12", 21, "TCP 192.0.2.12:21")]
    [InlineData(IpProtocol.Tcp, "192.0.2.12", 20, "TCP 192.0.2.12:21")]
    [InlineData(IpProtocol.Tcp, "192.0.2.12", 1024, "TCP 192.0.2.12:21")]
    [InlineData(IpProtocol.Tcp, "192.0.2.12", 1023, null)]
    [InlineData(IpProtocol.Udp, "192.0.2.12", 2000, null)]
    [InlineData(IpProtocol.Udp, "2001:db8::10", 53, "UDP [2001:db8::10]:53")]
    public void TryFind_InTheReferencesOrder(IpProtocol protocol, string address, ushort port, string? found)
    {
        var engine = new EngineUnderTest().Engine;
        engine.AddService(EngineUnderTest.Service());
        engine.AddService(EngineUnderTest.Service("192.0.2.11", 0));
        engine.AddService(EngineUnderTest.Service("192.0.2.11", 443));
        engine.AddService(EngineUnderTest.Service("192.0.2.12", 21));
        engine.AddService(EngineUnderTest.Service("2001:db8::10", 53, protocol: IpProtocol.Udp));
        IpAddress ip = IpAddress.Parse(address);

        engine.Table.TryFind(protocol, ip, port, 0, out VirtualServiceState? service).ShouldBe(found is not null);
        service?.Key.ToString().ShouldBe(found);
        bool isFound = ip.Family == IpFamily.V6
            ? engine.Table.TryFind(protocol, ip.V6, port, 5, out service)
            : engine.Table.TryFind(protocol, ip.V4, port, 5, out service);
        isFound.ShouldBe(found is not null, "a mark without a service makes no difference");
    }

    [Fact]
    public void Mark_ComesBeforeTheAddress()
    {
        // The engine refuses mark services as yet; the table knows them.
        var marked = new VirtualServiceState(0, new VirtualServiceRule { Key = ServiceKey.OfMark(IpFamily.V4, 7) }, null);
        var web = new VirtualServiceState(1, EngineUnderTest.Service(), null);
        ServiceTable table = ServiceTable.Empty.With(marked).With(web);
        Ipv4Address vip = Ipv4Address.Of(192, 0, 2, 10);
        table.TryFind(IpProtocol.Tcp, vip, 80, 7, out VirtualServiceState? found).ShouldBeTrue();
        found.ShouldBeSameAs(marked);
        table.TryFind(IpProtocol.Tcp, vip, 80, 8, out found).ShouldBeTrue();
        found.ShouldBeSameAs(web);
        table.TryFind(IpProtocol.Tcp, Ipv6Address.Any, 80, 7, out _).ShouldBeFalse("marks are per family");
    }

    [Fact]
    public void Reals_ByMethodAndPort()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(
            EngineUnderTest.Real("10.0.0.1", 8080, ForwardingMethod.Nat),
            EngineUnderTest.Real("10.0.0.2", 0, ForwardingMethod.FullNat),
            EngineUnderTest.Real("10.0.0.3", 80, ForwardingMethod.DirectRouting),
            EngineUnderTest.Real("10.0.0.4", 80, ForwardingMethod.Tunnel));
        ServiceTable table = test.Engine.Table;
        IpAddress nat = IpAddress.Parse("10.0.0.1"), fullNat = IpAddress.Parse("10.0.0.2"), routed = IpAddress.Parse("10.0.0.3"), tunnel = IpAddress.Parse("10.0.0.4");
        table.IsReal(IpProtocol.Tcp, nat, 8080).ShouldBeTrue();
        table.IsReal(IpProtocol.Tcp, nat.V4, 8080).ShouldBeTrue();
        table.IsReal(IpProtocol.Tcp, nat, 80).ShouldBeFalse();
        table.IsReal(IpProtocol.Udp, nat, 8080).ShouldBeFalse();
        table.IsReal(IpProtocol.Tcp, fullNat, 80).ShouldBeTrue("port 0 is the service's port");
        table.IsReal(IpProtocol.Tcp, routed, 80).ShouldBeFalse();
        table.IsNatDestination(IpProtocol.Tcp, nat, 8080).ShouldBeTrue();
        table.IsNatDestination(IpProtocol.Tcp, fullNat, 80).ShouldBeFalse();
        new[] { nat, fullNat, routed, tunnel }.Select(a => table.IsRealAddress(a)).ShouldBe([true, true, false, false]);
        new[] { nat, fullNat, routed, tunnel }.Select(a => table.IsTunnelEnd(IpProtocol.IpInIp, a, 0)).ShouldBe([false, false, false, true]);
        table.IsVirtualAddress(Ipv4Address.Of(192, 0, 2, 10)).ShouldBeTrue();
        table.IsVirtualAddress(Ipv4Address.Of(192, 0, 2, 11)).ShouldBeFalse();
        table.IsLocalAddress(Ipv4Address.Of(10, 0, 0, 200)).ShouldBeFalse();
        test.Engine.AddLocalAddress(EngineUnderTest.Web, Ipv4Address.Of(10, 0, 0, 200));
        test.Engine.Table.IsLocalAddress(Ipv4Address.Of(10, 0, 0, 200)).ShouldBeTrue();
        table.IsLocalAddress(Ipv4Address.Of(10, 0, 0, 200)).ShouldBeFalse("a snapshot never changes");
    }

    [Fact]
    public void Reals_Ipv6_TheSame()
    {
        EngineUnderTest test = new();
        test.Engine.AddService(EngineUnderTest.Service("2001:db8::10"));
        test.Engine.AddDestination(EngineUnderTest.Service("2001:db8::10").Key, EngineUnderTest.Real("2001:db8:1::1"));
        Ipv6Address real = Ipv6Address.Parse("2001:db8:1::1");
        test.Engine.Table.IsReal(IpProtocol.Tcp, real, 8080).ShouldBeTrue();
        test.Engine.Table.IsReal(IpProtocol.Tcp, real, 8081).ShouldBeFalse();
        test.Engine.Table.IsRealAddress(real).ShouldBeTrue();
        test.Engine.Table.IsVirtualAddress(Ipv6Address.Parse("2001:db8::10")).ShouldBeTrue();
    }

    [Fact]
    public void Lookups_AllocateNothing()
    {
        EngineUnderTest test = new EngineUnderTest().WithWeb(EngineUnderTest.Real());
        ServiceTable table = test.Engine.Table;
        Ipv4Address vip = Ipv4Address.Of(192, 0, 2, 10), real = Ipv4Address.Of(10, 0, 0, 1);
        int missed = 0;
        Allocations.Measure(10_000, () =>
        {
            if (!table.TryFind(IpProtocol.Tcp, vip, 80, 0, out _)) missed++;
            if (!table.IsReal(IpProtocol.Tcp, real, 8080) || !table.IsVirtualAddress(vip)) missed++;
        }).ShouldBe(0);
        missed.ShouldBe(0);
    }
}
