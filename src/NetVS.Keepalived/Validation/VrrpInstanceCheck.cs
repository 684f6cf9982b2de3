// Reference §4.7 to §4.10.
using System.Collections.Immutable;
using NetVS.Keepalived.Diagnostics;
using NetVS.Keepalived.Model;
using NetVS.Packets;

namespace NetVS.Keepalived.Validation;

/// <summary>Completes one VRRP instance: defaults that depend on others, and corrections of what does not go together.</summary>
internal sealed class VrrpInstanceCheck(
    VrrpInstance instance, GlobalDefinitions global, SyncGroup? group, Dictionary<string, int> scriptWeights, DiagnosticBag diagnostics)
{
    private VrrpInstance _v = instance;

    private bool IsStrict => _v.IsStrict ?? global.Vrrp.IsStrict;

    private int Version => _v.Version ?? (_v.Family == IpFamily.V6 ? 3 : global.Vrrp.Version);

    /// <summary>The completed instance.</summary>
    public VrrpInstance Complete()
    {
        CheckTracking();
        CheckAddresses();
        CheckStrict();
        CheckAuthentication();
        CheckPreemption();
        CheckInterval();
        CheckUnicast();
        return _v with { Version = Version };
    }

    private void Warn(string message, string advice, ProblemClass kind = ProblemClass.General) =>
        diagnostics.Warn(_v.Position, $"({_v.Name}) {message}", advice, kind);

    private void CheckTracking()
    {
        Tracking tracking = _v.Tracking;
        foreach (TrackedItem item in tracking.Interfaces.Where(i => i.Name == _v.Interface))
        {
            diagnostics.Warn(item.Position, $"({_v.Name}) Ignoring track_interface {item.Name} since own interface", "take it out: the own interface is always tracked");
            tracking = tracking with { Interfaces = tracking.Interfaces.Remove(item) };
        }

        string? reason = group is { AllowsWeights: false } ? "SYNC group" : _v.IsOwner ? "address owner" : null;
        if (reason is not null)
        {
            string advice = group is null ? "an address owner's priority cannot change" : "set sync_group_tracking_weight in the group, or take the weight out";
            foreach (TrackedItem item in tracking.Interfaces.Where(i => i.Weight is not (null or 0)))
            {
                diagnostics.Warn(item.Position, $"({_v.Name}) ignoring {item.Name} tracked interface weight due to {reason}", advice);
                tracking = tracking with { Interfaces = tracking.Interfaces.Replace(item, item with { Weight = 0 }) };
            }

            foreach (TrackedItem item in tracking.Scripts.Where(i => (i.Weight ?? scriptWeights.GetValueOrDefault(i.Name)) != 0))
            {
                diagnostics.Warn(item.Position, $"({_v.Name}) ignoring tracked script {item.Name} with weights due to {reason}", advice);
                tracking = tracking with { Scripts = tracking.Scripts.Remove(item) };
            }

            foreach (TrackedItem item in tracking.BfdInstances.Where(i => i.Weight is not (null or 0)))
            {
                diagnostics.Warn(item.Position, $"({_v.Name}) ignoring tracked bfd {item.Name} with weight due to {reason}", advice);
                tracking = tracking with { BfdInstances = tracking.BfdInstances.Remove(item) };
            }

            foreach (TrackedItem item in tracking.Files.Where(i => i.Weight is not (null or 0)))
            {
                diagnostics.Warn(item.Position, $"({_v.Name}) ignoring tracked file {item.Name} with weight due to {reason}", advice);
                tracking = tracking with { Files = tracking.Files.Remove(item) };
            }
        }

        _v = _v with { Tracking = tracking };
    }

    private void CheckAddresses()
    {
        if (_v.Addresses.Count > 0)
        {
            if (IsStrict && _v.Family == IpFamily.V6 && _v.Addresses[0].Address.V6.High >> 54 != 0x3FA)
                VrrpChecks.Stop(diagnostics, _v.Addresses[0].Position, $"({_v.Name}) the first IPv6 VIP address must be link local", "put a link-local address first, or leave strict mode");
            return;
        }

        if (Version == 3 || IsStrict || _v.Family == IpFamily.V6)
            VrrpChecks.Stop(diagnostics, _v.Position, $"({_v.Name}) No VIP specified; at least one is required", "add virtual_ipaddress");
        else
            Warn("No VIP specified; at least one is sensible", "add virtual_ipaddress");
    }

    private void CheckStrict()
    {
        if (!IsStrict) return;
        if (_v.StartsAsMaster is { } startsAsMaster && startsAsMaster != _v.IsOwner)
        {
            Warn("State MASTER must match being address owner", "state MASTER goes with priority 255, and only with it");
            _v = _v with { StartsAsMaster = _v.IsOwner, Priority = _v.BasePriority };
        }

        if (_v.PreemptDelay > TimeSpan.Zero)
        {
            Warn("preempt_delay is incompatible with strict mode - resetting", "take preempt_delay out");
            _v = _v with { PreemptDelay = TimeSpan.Zero };
        }

        if (_v.Authentication is { Type: not VrrpAuthentication.None } && Version == 2)
        {
            Warn("Strict mode does not support authentication. Ignoring.", "take authentication out");
            _v = _v with { Authentication = null };
        }

        _v = _v with
        {
            DownTimerAdverts = 3,
            LowerPriorityNoAdvert = true,
            HigherPrioritySendAdvert = false,
            Garp = _v.Garp with { LowerPriorityDelay = TimeSpan.Zero, LowerPriorityRepeat = 0 },
        };
    }

    private void CheckAuthentication()
    {
        if (_v.Authentication is not { Type: not VrrpAuthentication.None } authentication) return;
        if (Version == 3)
        {
            Warn("VRRP version 3 does not support authentication. Ignoring.", "take authentication out, or use version 2");
            _v = _v with { Authentication = null };
        }
        else if (authentication.Password.Length == 0)
        {
            Warn("Authentication specified but no password given. Ignoring", "add auth_pass");
            _v = _v with { Authentication = null };
        }
        else if (authentication.Type == VrrpAuthentication.Header && _v is { StartsAsMaster: true, IsOwner: false })
        {
            Warn("Initial state master is incompatible with AH authentication - clearing", "write state BACKUP");
            _v = _v with { StartsAsMaster = false, Priority = _v.BasePriority };
        }
    }

    private void CheckPreemption()
    {
        if (_v is { StartsAsMaster: true, IsOwner: false })
        {
            if (_v.IsNonPreempting) Warn("Warning - nopreempt will not work with initial state MASTER - clearing", "write state BACKUP");
            if (_v.PreemptDelay > TimeSpan.Zero) Warn("Warning - preempt delay will not work with initial state MASTER - clearing", "write state BACKUP");
            _v = _v with { IsNonPreempting = false, PreemptDelay = TimeSpan.Zero };
        }
        else if (_v.IsNonPreempting && _v.PreemptDelay > TimeSpan.Zero)
        {
            Warn("preempt_delay is incompatible with nopreempt mode - resetting", "take one of them out");
            _v = _v with { PreemptDelay = TimeSpan.Zero };
        }

        if (_v.IsOwner) _v = _v with { IsNonPreempting = false };
    }

    private void CheckInterval()
    {
        const double MostV3 = 40.95;
        double seconds = _v.AdvertInterval.TotalSeconds;
        if (Version == 2 && _v.AdvertInterval.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            Warn($"VRRPv2 advertisement interval {seconds:F6}s must be an integer. rounding", "write whole seconds, or use version 3");
            _v = _v with { AdvertInterval = TimeSpan.FromSeconds(Math.Max(1, Math.Floor(seconds + 0.5))) };
        }
        else if (Version == 3 && seconds > MostV3)
        {
            Warn($"VRRPv3 advertisement interval {seconds:F2}s is out of range. Must be less than 40.96s. Setting to 40.95s", "write at most 40.95");
            _v = _v with { AdvertInterval = TimeSpan.FromSeconds(MostV3) };
        }
        else if (Version == 3)
        {
            _v = _v with { AdvertInterval = TimeSpan.FromMilliseconds(10 * Math.Max(1, Math.Floor((seconds * 100) + 0.5))) };
        }
    }

    private void CheckUnicast()
    {
        if (_v.HasUnicastKeyword && _v.Peers.Count == 0 && !_v.FaultsWithoutPeers)
        {
            Warn("A unicast keyword has been specified without any unicast peers. Defaulting to multicast. This usage is deprecated - please update your configuration.",
                "add unicast_peer, or take the unicast lines out", ProblemClass.Deprecated);
        }

        if (_v.Peers.Any(p => p.MinTtl is not null || p.MaxTtl is not null)) _v = _v with { ChecksUnicastSource = true };
        _v = _v with { Peers = RemoveRepeated(_v.Peers) };
    }

    private static ImmutableList<UnicastPeer> RemoveRepeated(ImmutableList<UnicastPeer> peers) => [.. peers.DistinctBy(p => p.Address)];
}
