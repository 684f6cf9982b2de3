using NetVS.Director.Scheduling;
using NetVS.Director.Services;
using NetVS.Packets;
using NetVS.Rules;
using NetVS.Testing.Memory;

namespace NetVS.Director.Tests.Scheduling;

public sealed class SchedulerAllocationTests
{
    public static TheoryData<string> Names => [.. SchedulerTable.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Schedule_AllocatesNothing(string scheduler)
    {
        var service = new ServiceUnderTest(scheduler, "D:4 C:3 B:2 A:1", ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2);
        service.Overload('C');
        int chosen = 0;
        uint i = 0;
        Allocations.Measure(10_000, () =>
        {
            i++;
            var request = new SchedulingRequest
            {
                Client = new Ipv4Address(0xC6330000 + (i % 5000)),
                ClientPort = (ushort)(i % 60000),
                Virtual = Ipv4Address.Of(192, 0, 2, (byte)(i % 200)),
                VirtualPort = 80,
                Protocol = IpProtocol.Tcp,
                Now = MonotonicTime.FromMilliseconds(i),
            };
            Destination? destination = service.Service.Schedule(in request);
            if (destination is null) return;
            chosen++;
            destination.Bind(isTemplate: false);
            destination.BecomeActive();
            if (i % 3 != 0) destination.Unbind(isTemplate: false, wasActive: true);
        }).ShouldBe(0);
        chosen.ShouldBeGreaterThan(scheduler == "ovf" ? 5 : 5_000);
    }

    [Fact]
    public void EveryName_MakesTheSchedulerOfThatName()
    {
        SchedulerTable.Names.ShouldBe(["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh", "twos"], ignoreOrder: true);
        foreach (string name in SchedulerTable.Names) new ServiceUnderTest(name).Scheduler.Name.ShouldBe(name);
        SchedulerTable.IsKnown("none").ShouldBeTrue();
        SchedulerTable.IsKnown("RR").ShouldBeFalse();
    }
}
