using System.Runtime.InteropServices;
using NetVS.Director.Connections;
using NetVS.Director.Forwarding;
using NetVS.Director.Services;
using NetVS.Director.Statistics;
using NetVS.Packets;
using NetVS.Testing.Flows;

namespace NetVS.Director.Tests.Forwarding;

/// <summary>Two directors that get the same: one may take the short way, the other must not. Everything that comes of it is compared.</summary>
internal sealed class PathPair : IDisposable
{
    private readonly DirectorRig _short;
    private readonly DirectorRig _long;

    /// <param name="moreNetwork">Further lines of an ip -batch file.</param>
    /// <param name="hasFlows">Whether connections get lines in a flow table, with a twin of the program in front.</param>
    public PathPair(string moreNetwork, bool hasFlows)
    {
        (_short, _long) = (Rig(), Rig());
        (_long.Worker.V4.HasShortWay, _long.Worker.V6.HasShortWay) = (false, false);

        DirectorRig Rig() => new(moreNetwork, flows: hasFlows ? new FlowTestMemory() : null) { VerifiesFrames = false };
    }

#if DEBUG
    public const bool CountsShort = true;
#else
    public const bool CountsShort = false;
#endif

    /// <summary>How many packets took the short way; 0 where nobody counts.</summary>
    public int ShortCount => _short.Worker.V4.ShortCount + _short.Worker.V6.ShortCount;

    /// <summary>The connections there are; both are asked, for to list them is to take in what the fast path did.</summary>
    public IReadOnlyList<ConnectionView> ListConnections()
    {
        List<ConnectionView> connections = _short.Connections();
        _long.Connections().ShouldBe(connections);
        return connections;
    }

    public void Dispose()
    {
        _short.Dispose();
        _long.Dispose();
    }

    /// <summary>Does the same to both.</summary>
    public void Both(Action<DirectorRig> change)
    {
        change(_short);
        change(_long);
    }

    /// <summary>Announces a frame to the one that may take the short way.</summary>
    public void Announce(ReadOnlySpan<byte> frame) => _short.Worker.Announce(frame);

    /// <summary>Has both process a frame, and compares what they made of it.</summary>
    public void Process(byte[] frame, string device, PacketOffload offload)
    {
        int index = device.Length == 0 ? Packet.FromStack : _long.InterfaceOf(device);
        DirectorRig.Sent expected = _long.Process(frame, index, offload), actual = _short.Process(frame, index, offload);
        Compare(actual, expected);
        _short.Emitted.Count.ShouldBe(_long.Emitted.Count);
        for (int i = 0; i < _long.Emitted.Count; i++) Compare(_short.Emitted[i], _long.Emitted[i]);
    }

    /// <summary>Compares what both remember: connections to the octet, and counters.</summary>
    public void CompareStates()
    {
        Compare(_short.Worker.V4.Connections, _long.Worker.V4.Connections);
        Compare(_short.Worker.V6.Connections, _long.Worker.V6.Connections);
        CountersOf(_short).ShouldBe(CountersOf(_long));
        foreach (DropReason reason in Enum.GetValues<DropReason>()) _short.Drops(reason).ShouldBe(_long.Drops(reason), reason.ToString());
        foreach (ForwardingEvent counted in ForwardingEvents.All) _short.Engine.CountEvents(counted).ShouldBe(_long.Engine.CountEvents(counted), counted.ToString());
    }

    private static List<(DestinationSlot Slot, long Active, long Inactive, TrafficCounters Traffic)> CountersOf(DirectorRig rig) =>
    [
        .. rig.Engine.ListDestinationSlots().Zip(
            rig.Engine.ListServices().SelectMany(s => s.Destinations),
            (slot, view) => (slot, view.ActiveConnections, view.InactiveConnections, rig.Worker.Counters.Read(slot.Index))),
    ];

    private static void Compare(DirectorRig.Sent actual, DirectorRig.Sent expected)
    {
        (actual.Verdict, actual.Reason, actual.Interface, actual.NextHop).ShouldBe((expected.Verdict, expected.Reason, expected.Interface, expected.NextHop));
        actual.Offload.ShouldBe(expected.Offload);
        Convert.ToHexString(actual.Frame).ShouldBe(Convert.ToHexString(expected.Frame));
    }

    private static void Compare<TAddress>(ConnectionTable<TAddress> actual, ConnectionTable<TAddress> expected)
        where TAddress : unmanaged, IEquatable<TAddress>
    {
        (actual.Count, actual.HighestHandle).ShouldBe((expected.Count, expected.HighestHandle));
        for (int handle = 1; handle <= expected.HighestHandle; handle++)
        {
            actual.IsLive(handle).ShouldBe(expected.IsLive(handle));
            if (!expected.IsLive(handle)) continue;
            OctetsOf(actual, handle).ShouldBe(OctetsOf(expected, handle), $"connection {handle}");
        }
    }

    private static string OctetsOf<TAddress>(ConnectionTable<TAddress> table, int handle)
        where TAddress : unmanaged, IEquatable<TAddress> =>
        Convert.ToHexString(MemoryMarshal.AsBytes(new ReadOnlySpan<Connection<TAddress>>(in table[handle])));
}
