using NetVS.Failover.Plan;
using NetVS.Failover.Trackers;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Vrrp.Machine;
using NetVS.Vrrp.Tracking;

namespace NetVS.Failover.Running;

/// <summary>An instance with what the host is to it just now. Thread: the loop's.</summary>
internal sealed class RunningInstance
{
    /// <summary>Makes one for a plan; the router is made with it.</summary>
    public RunningInstance(InstancePlan plan, IVirtualRouterEffects effects)
    {
        Plan = plan;
        Conditions = new InstanceConditions(plan);
        Router = new VirtualRouter(plan.Options, Conditions.All, effects);
    }

    /// <summary>What was asked for.</summary>
    public InstancePlan Plan { get; private set; }

    /// <summary>What it tracks.</summary>
    public InstanceConditions Conditions { get; private set; }

    /// <summary>The state machine.</summary>
    public VirtualRouter Router { get; }

    /// <summary>The interface's index; 0 while it is not there.</summary>
    public int BaseIndex { get; set; }

    /// <summary>The interface's MAC.</summary>
    public MacAddress BaseMac { get; set; }

    /// <summary>The virtual MAC's interface; 0 where there is none.</summary>
    public int VirtualIndex { get; set; }

    /// <summary>That interface's name.</summary>
    public string VirtualName { get; set; } = "";

    /// <summary>Whether that interface was made by this program.</summary>
    public bool IsVirtualMade { get; set; }

    /// <summary>Whether the interface has Ethernet frames.</summary>
    public bool IsEthernet { get; set; } = true;

    /// <summary>The socket it hears on, or null.</summary>
    public VrrpReceiver? Receiver { get; set; }

    /// <summary>The state that was told of last; null when it is to be told of in any case.</summary>
    public VirtualRouterState? ToldState { get; set; }

    /// <summary>The addresses that it has put in place; empty unless it is master.</summary>
    public List<AddressRequest> Placed { get; } = [];

    /// <summary>Which of them are missed when another program takes them away.</summary>
    public List<AddressRequest> Guarded { get; } = [];

    /// <summary>Rounds of gratuitous ARP still to be sent.</summary>
    public int RoundsLeft { get; set; }

    /// <summary>The address the current round is at.</summary>
    public int RoundAt { get; set; }

    /// <summary>When it sends on, if paced.</summary>
    public MonotonicTime RoundsResumeAt { get; set; }

    /// <summary>The interface addresses go to that name no other.</summary>
    public int AddressIndex => VirtualIndex != 0 ? VirtualIndex : BaseIndex;

    /// <summary>The interface multicast adverts leave by.</summary>
    public int AdvertIndex => VirtualIndex != 0 && !Plan.TransmitsFromBase ? VirtualIndex : BaseIndex;

    /// <summary>The MAC they leave with.</summary>
    public MacAddress AdvertMac => VirtualIndex != 0 && !Plan.TransmitsFromBase ? Plan.VirtualMac : BaseMac;

    /// <summary>Takes another plan: a reload. The state stays.</summary>
    public void Change(InstancePlan plan, MonotonicTime now, Action<InstanceConditions> prepare)
    {
        Plan = plan;
        ToldState = null;
        Conditions = new InstanceConditions(plan);
        prepare(Conditions);
        Router.Change(plan.Options, Conditions.All, now);
    }
}
