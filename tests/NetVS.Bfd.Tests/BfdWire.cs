using NetVS.Bfd.Machine;
using NetVS.Bfd.Wire;
using NetVS.Packets;

namespace NetVS.Bfd.Tests;

/// <summary>Two sessions and the wire between them; time only passes when a test lets it.</summary>
internal sealed class BfdWire : IBfdEffects
{
    private readonly Queue<(BfdSession From, BfdPacket Packet)> _under = new();
    private readonly List<string> _changes = [];

    public BfdWire(BfdOptions? here = null, BfdOptions? there = null)
    {
        Here = new BfdSession(here ?? Options("here"), 1, this);
        There = new BfdSession(there ?? Options("there"), 2, this);
    }

    public BfdSession Here { get; }

    public BfdSession There { get; }

    public MonotonicTime Now { get; private set; } = MonotonicTime.FromSeconds(100);

    /// <summary>Whether what <see cref="Here"/> sends arrives.</summary>
    public bool IsHereHeard { get; set; } = true;

    /// <summary>Whether what <see cref="There"/> sends arrives.</summary>
    public bool IsThereHeard { get; set; } = true;

    /// <summary>What either has sent, the newest last.</summary>
    public List<(MonotonicTime At, BfdSession From, BfdPacket Packet)> Sent { get; } = [];

    public string Changes
    {
        get
        {
            string all = string.Join(' ', _changes);
            _changes.Clear();
            return all;
        }
    }

    public static BfdOptions Options(string name, int transmit = 100, int receive = 100, int idle = 1000, byte multiplier = 3, bool isPassive = false) => new()
    {
        Name = name, MinTransmit = TimeSpan.FromMilliseconds(transmit), MinReceive = TimeSpan.FromMilliseconds(receive),
        IdleTransmit = TimeSpan.FromMilliseconds(idle), Multiplier = multiplier, IsPassive = isPassive,
    };

    public void Send(BfdSession session, in BfdPacket packet)
    {
        Sent.Add((Now, session, packet));
        _under.Enqueue((session, packet));
    }

    public void Change(BfdSession session, BfdState former) => _changes.Add($"{session.Name}:{former}>{session.State}");

    public BfdWire Start()
    {
        Here.Start(Now);
        There.Start(Now);
        return this;
    }

    /// <summary>Lets time pass in steps of a millisecond; what is sent arrives within the same one.</summary>
    public void Pass(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Now += TimeSpan.FromMilliseconds(1);
            Here.Tick(Now);
            There.Tick(Now);
            Deliver();
        }
    }

    public void Deliver()
    {
        while (_under.TryDequeue(out (BfdSession From, BfdPacket Packet) next))
        {
            if (next.From == Here ? IsHereHeard : IsThereHeard) (next.From == Here ? There : Here).Receive(next.Packet, Now);
        }
    }
}
