using NetVS.Linux;
using NetVS.Linux.Host;
using NetVS.Packets;

namespace NetVS.RealServer;

/// <summary>Prepares the calling thread's network namespace as a real server for DR and TUN, and puts it back.</summary>
/// <remarks>
/// It works from what was asked to what has to be so (<see cref="Plan"/>): whatever was changed before and is not needed any more is
/// put back, whatever is missing is made, and each change is on disk before it is made. So setting up twice changes nothing, a
/// setup that fails half-way goes back to what was asked before, and one that was killed is put back by the next undo.
/// </remarks>
/// <param name="print">Receives one line per step, beginning with "+", "-", "=" or "!".</param>
/// <param name="folder">Where records are kept.</param>
public sealed class RealServerHost(Action<string> print, string folder = RecordStore.DefaultFolder)
{
    /// <summary>Makes this host serve VIPs, besides those it serves already.</summary>
    /// <param name="setups">The VIPs.</param>
    /// <param name="trusted">
    /// Directors whose tunnel packets are believed, for all tunnel VIPs; empty for anyone's; null for those given before, or anyone's
    /// where none were.
    /// </param>
    /// <param name="isDryRun">Whether to print only.</param>
    /// <returns>Whether tunnel packets of anyone are believed now.</returns>
    /// <exception cref="RealServerException">It cannot be done; what was changed has been put back, or the message says what has not.</exception>
    public bool SetUp(IReadOnlyList<RealServerSetup> setups, IReadOnlyList<AddressRange>? trusted, bool isDryRun)
    {
        using var network = new HostNetwork();
        using RecordStore store = RecordStore.Open(folder);
        Record before = store.Load();
        RealServerSetup[] kept = [.. before.Setups.Select(s => s.ToSetup()).Where(s => !setups.Any(n => n.Vip == s.Vip))];
        bool isTunnel = setups.Any(s => s.Method == RealServerMethod.Tunnel);
        IReadOnlyList<AddressRange> senders = isTunnel && trusted is not null ? trusted : Trusted(before);
        var session = new Session(network, store, print, isDryRun);
        try
        {
            session.Reach(before, [.. kept, .. setups], senders);
            return isTunnel && senders.Count == 0;
        }
        catch (Exception e) when (session.HasChanged && e is RealServerException or KernelCallException or IOException)
        {
            PutBack(session, before, e);
            throw new RealServerException($"{e.Message} (what was changed has been put back)", e);
        }
    }

    /// <summary>Puts back what was changed for some VIPs, or for all.</summary>
    /// <param name="concerns">Which of the setups to undo.</param>
    /// <param name="isDryRun">Whether to print only.</param>
    /// <returns>False where nothing was recorded.</returns>
    public bool Undo(Func<RealServerSetup, bool> concerns, bool isDryRun)
    {
        using var network = new HostNetwork();
        using RecordStore store = RecordStore.Open(folder);
        Record before = store.Load();
        if (before.IsEmpty) return false;
        RealServerSetup[] kept = [.. before.Setups.Select(s => s.ToSetup()).Where(s => !concerns(s))];
        new Session(network, store, print, isDryRun).Reach(before, kept, Trusted(before));
        return true;
    }

    /// <summary>Prints what is there and what is missing.</summary>
    /// <param name="setups">What should be there; empty for what was asked of this host.</param>
    /// <param name="trusted">Directors that should be believed; null for those that were given.</param>
    /// <returns>Whether everything is there, and there is something.</returns>
    public bool IsComplete(IReadOnlyList<RealServerSetup> setups, IReadOnlyList<AddressRange>? trusted)
    {
        using var network = new HostNetwork();
        using RecordStore store = RecordStore.Open(folder);
        Record record = store.Load();
        RealServerSetup[] recorded = [.. record.Setups.Select(s => s.ToSetup())];
        // A VIP asked for without interfaces means the recorded ones, not every one there is.
        RealServerSetup[] wanted = setups.Count == 0
            ? recorded
            : [.. recorded.Where(r => !setups.Any(s => s.Vip == r.Vip)), .. setups.Select(s => Recorded(recorded, s) ?? s)];
        if (wanted.Length == 0) return false;
        using Plan plan = Plan.Build(network, wanted, trusted ?? Trusted(record));
        bool isComplete = true;
        foreach (Step step in plan.Steps)
        {
            string? missing = step.Missing();
            isComplete &= missing is null;
            print(missing is null ? $"= {step.Present}" : $"! missing: {missing}");
        }

        return isComplete;
    }

    private static RealServerSetup? Recorded(RealServerSetup[] recorded, RealServerSetup setup) =>
        setup.Interfaces.Count > 0 ? null : recorded.FirstOrDefault(r => r.Vip == setup.Vip && r.Method == setup.Method);

    private static AddressRange[] Trusted(Record record) =>
        [.. record.TrustedDirectors.Select(t => AddressRange.TryParse(t, out AddressRange r) ? r : throw new RealServerException($"the record holds a bad address: {t}"))];

    private void PutBack(Session session, Record before, Exception cause)
    {
        print($"! {cause.Message}");
        session.IsQuiet = true;
        try
        {
            session.Reach(session.Current, [.. before.Setups.Select(s => s.ToSetup())], Trusted(before));
        }
        catch (Exception e) when (e is RealServerException or KernelCallException or IOException)
        {
            throw new RealServerException(
                $"{cause.Message}; and not all of what was changed could be put back: {e.Message}: run 'netvs realserver undo' when that is mended", e);
        }
    }

    /// <summary>One run: from a record to what is asked.</summary>
    private sealed class Session(HostNetwork network, RecordStore store, Action<string> print, bool isDryRun)
    {
        /// <summary>Whether anything on this host was changed.</summary>
        public bool HasChanged { get; private set; }

        /// <summary>Whether what needs no change goes unprinted.</summary>
        public bool IsQuiet { get; set; }

        /// <summary>The record as it is on disk.</summary>
        public Record Current { get; private set; } = new("", 0, [], [], []);

        /// <summary>Puts back what is not needed and makes what is missing.</summary>
        public void Reach(Record from, IReadOnlyList<RealServerSetup> setups, IReadOnlyList<AddressRange> trusted)
        {
            Current = from;
            using (Plan wanted = Plan.Build(network, setups, trusted)) RevertWhatIsNotIn(wanted);

            // A second look: addresses that have just gone are no addresses of this host any more.
            using Plan plan = Plan.Build(network, setups, trusted);
            foreach (Step step in plan.Steps) Make(step);
            Save(Current with
            {
                Setups = [.. setups.Select(SetupEntry.From)],
                TrustedDirectors = [.. setups.Any(s => s.Method == RealServerMethod.Tunnel) ? trusted.Select(t => t.ToString()) : []],
            });
        }

        private void RevertWhatIsNotIn(Plan wanted)
        {
            var reverter = new Reverter(network, print, isDryRun);
            foreach (Change change in Current.Changes.Reverse())
            {
                if (wanted.Steps.Any(s => s.Key == change.Key)) continue;
                HasChanged |= !isDryRun;
                reverter.Revert(change);
                Save(Current with { Changes = [.. Current.Changes.Where(c => c.Key != change.Key)] });
            }
        }

        private void Make(Step step)
        {
            string? missing = step.Missing();
            if (missing is null)
            {
                if (!IsQuiet) print($"= {step.Present}");
                return;
            }

            print($"+ {missing}");
            if (isDryRun) return;
            HasChanged = true;
            Change? intention = step.Intention();
            // What was there before us stays what is put back, however often it is set again.
            if (intention is not null && !Current.Changes.Any(c => c.Key == intention.Key))
                Save(Current with { Changes = [.. Current.Changes, intention] });
            step.Make();
        }

        private void Save(Record record)
        {
            Current = record;
            if (!isDryRun) store.Save(record);
        }
    }
}
