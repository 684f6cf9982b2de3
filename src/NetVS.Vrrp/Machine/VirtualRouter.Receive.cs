using NetVS.Packets;
using NetVS.Vrrp.Wire;

namespace NetVS.Vrrp.Machine;

/// <summary>What a virtual router makes of an advert.</summary>
public sealed partial class VirtualRouter
{
    /// <summary>Takes an advert for this virtual router's id that came in on its interface.</summary>
    /// <returns>Why it was not taken; each is counted.</returns>
    public AdvertProblem Receive(in ReceivedAdvert advert, MonotonicTime now)
    {
        Counters.Received++;
        if (State is not (VirtualRouterState.Backup or VirtualRouterState.Master)) return Refuse(advert, AdvertProblem.NotListening);
        AdvertProblem problem = _check.Check(advert, State == VirtualRouterState.Backup && advert.Source == MasterAddress);
        if (problem != AdvertProblem.None) return Refuse(advert, problem);
        if (_check.UsesOldChecksum && !_isReportedOld)
        {
            _isReportedOld = true;
            _effects.Report(this, VirtualRouterEvent.OldChecksum, advert.Source, 0);
        }

        var message = new VrrpMessage(advert.Message);
        if (message.Priority == 0) Counters.ZeroReceived++;
        if (State == VirtualRouterState.Backup) ReceiveAsBackup(advert.Source, message, now);
        else return ReceiveAsMaster(advert, message, now);
        return AdvertProblem.None;
    }

    private AdvertProblem Refuse(in ReceivedAdvert advert, AdvertProblem problem)
    {
        Counters.CountRefused(problem);
        _effects.Report(this, VirtualRouterEvent.AdvertRefused, advert.Source, (int)problem);
        return problem;
    }

    private void ReceiveAsBackup(IpAddress source, in VrrpMessage message, MonotonicTime now)
    {
        if (message.Priority == 0)
        {
            // Never later than it was: who resigns again and again must not keep everybody from being master.
            MonotonicTime due = now + VirtualRouterTimes.Skew(Options.Version, EffectivePriority, MasterInterval);
            if (due < _timers.MasterDown) _timers.MasterDown = due;
            return;
        }

        if (!Accepts(source, message.Priority, now))
        {
            // The timer runs on: this is how the better router gets its turn.
            _effects.Report(this, VirtualRouterEvent.DiscardedLowerPriority, source, message.Priority);
            return;
        }

        Learn(source, message);
        WantsMaster = false;
        _timers.MasterDown = now + MasterDownTime;
    }

    private bool Accepts(IpAddress source, byte priority, MonotonicTime now)
    {
        if (priority >= EffectivePriority)
        {
            if (_timers.PreemptFrom != MonotonicTime.Never) _effects.Report(this, VirtualRouterEvent.PreemptDelayStopped, source, priority);
            _timers.PreemptFrom = MonotonicTime.Never;
            return true;
        }

        if (!Options.IsPreempting) return true;
        if (Options.PreemptDelay <= TimeSpan.Zero) return false;
        if (_timers.PreemptFrom == MonotonicTime.Never)
        {
            _timers.PreemptFrom = now + Options.PreemptDelay;
            _effects.Report(this, VirtualRouterEvent.PreemptDelayStarted, source, priority);
        }

        return now < _timers.PreemptFrom;
    }

    private void Learn(IpAddress source, in VrrpMessage message)
    {
        MasterAddress = source;
        MasterPriority = message.Priority;

        // An interval of zero would make every backup master at once: nobody sends it in good faith.
        MasterInterval = Options.Version == 3 && message.Interval > TimeSpan.Zero ? message.Interval : Options.AdvertInterval;
    }

    private AdvertProblem ReceiveAsMaster(in ReceivedAdvert advert, in VrrpMessage message, MonotonicTime now)
    {
        byte priority = message.Priority;
        if (priority == 0)
        {
            Answer(advert.Source, now);
            return AdvertProblem.None;
        }

        if (priority == 255 && EffectivePriority == 255)
        {
            _effects.Report(this, VirtualRouterEvent.TwoOwners, advert.Source, priority);
            _isDemoted = true;
            UpdatePriority(now);
        }

        int order = priority != EffectivePriority ? priority.CompareTo(EffectivePriority) : advert.Source.CompareTo(Source);
        if (order == 0) return Refuse(advert, AdvertProblem.OwnAddress);
        if (order < 0)
        {
            NoteOtherMaster(advert.Source, now);
            AnswerLowerPriority(advert.Source, priority, now);
            return AdvertProblem.None;
        }

        _effects.Report(this, priority > EffectivePriority ? VirtualRouterEvent.HigherPriority : VirtualRouterEvent.HigherAddress, advert.Source, priority);
        if (Options.HigherPrioritySendAdvert) SendAdvert(now, EffectivePriority);
        Learn(advert.Source, message);
        EnterBackup(now, resigns: false);
        Group?.FollowToBackup(this, now, resigns: false);
        return AdvertProblem.None;
    }

    private void NoteOtherMaster(IpAddress other, MonotonicTime now)
    {
        Counters.TwoMasters++;
        bool isNew = OtherMaster != other || now - OtherMasterSeenAt > Options.AdvertInterval * 10;
        OtherMaster = other;
        OtherMasterSeenAt = now;
        if (isNew) _effects.Report(this, VirtualRouterEvent.TwoMasters, other, (int)Math.Min(Counters.TwoMasters, int.MaxValue));
    }

    private void AnswerLowerPriority(IpAddress other, byte priority, MonotonicTime now)
    {
        _effects.Report(this, VirtualRouterEvent.ForcedElection, other, priority);
        if (!Options.LowerPriorityNoAdvert) Answer(other, now);
        AnnounceAgain(now);
        if (Group is { } group)
        {
            for (int i = 0; i < group.Members.Count; i++)
                if (group.Members[i] != this && group.Members[i].State == VirtualRouterState.Master) group.Members[i].AnnounceAgain(now);
        }

        _effects.Notify(this, Notification.MasterReceivedLowerPriority);
    }

    // An advert at once, but not one for each of a storm: what was said a moment ago is known.
    private void Answer(IpAddress other, MonotonicTime now)
    {
        if (now < _timers.AnswerFrom)
        {
            _effects.Report(this, VirtualRouterEvent.AnswerSpared, other, (int)Math.Min(++Counters.AnswersSpared, int.MaxValue));
            return;
        }

        _timers.AnswerFrom = now + (Options.AdvertInterval / AnswersPerInterval);
        SendAdvert(now, EffectivePriority);
    }

    // The other one's gratuitous ARP has misled switches and neighbours.
    private void AnnounceAgain(MonotonicTime now)
    {
        if (Options.Garp.LowerPriorityRepeat == 0) return;
        _effects.Announce(this, Options.Garp.LowerPriorityRepeat);
        if (Options.Garp.LowerPriorityDelay > TimeSpan.Zero) _timers.LowerPrioritySet = now + Options.Garp.LowerPriorityDelay;
    }
}
