using NetVS.Linux;
using NetVS.Linux.Bpf;

namespace NetVS.RealServer;

/// <summary>
/// FULLNAT's half on the real server: the programs that read the client's address from the TCP option (TOA) and answer it in
/// getpeername() and accept(), for every process of a control group, whatever network namespace it is in.
/// </summary>
/// <remarks>
/// The kernel is the only record: the programs are attached to the group without a process or a pin that keeps them, and found
/// again by their names. They are gone with the group or the next boot. Connections accepted before <see cref="SetUp"/>, or before
/// another version replaced the programs, answer with the director's local address; so does every connection after <see cref="Undo"/>.
/// </remarks>
/// <param name="print">Receives one line per step, beginning with "+", "-", "=" or "!".</param>
public sealed class ClientAddressPrograms(Action<string> print)
{
    // The reader comes last when attaching and first when detaching: no address is stored that nobody would answer with.
    private static readonly (ControlGroupHook Hook, string Program)[] s_programs =
    [
        (ControlGroupHook.PeerName4, "toa_peername4"),
        (ControlGroupHook.PeerName6, "toa_peername6"),
        (ControlGroupHook.SocketOperations, "toa_established"),
    ];

    /// <summary>Attaches the programs, or brings what they believe up to date.</summary>
    /// <param name="path">The control group, "/" for the whole host.</param>
    /// <param name="trusted">
    /// The directors' local addresses whose options are believed; empty for anyone's; null for those given before, or anyone's where
    /// none were.
    /// </param>
    /// <param name="isDryRun">Whether to print only.</param>
    /// <returns>Whether options of anyone are believed now.</returns>
    public bool SetUp(string path, IReadOnlyList<AddressRange>? trusted, bool isDryRun)
    {
        using ControlGroup group = ControlGroup.Open(path);
        using BpfObject @object = BpfObject.OpenEmbedded("toa");
        @object.Load();
        List<Attached> attached = Find(group);
        try
        {
            IReadOnlyList<byte[]> wanted = trusted?.Select(t => t.ToPrefixKey()).ToArray() ?? KeysOf(attached);
            if (IsCurrent(attached, @object)) Update(group, attached, wanted, isDryRun);
            else Replace(group, @object, attached, wanted, isDryRun);
            return wanted.Count == 0;
        }
        finally
        {
            foreach (Attached one in attached) one.Program.Dispose();
        }
    }

    /// <summary>Detaches the programs.</summary>
    /// <returns>False where there were none.</returns>
    public bool Undo(string path, bool isDryRun)
    {
        using ControlGroup group = ControlGroup.Open(path);
        List<Attached> attached = Find(group);
        foreach (Attached one in attached.AsEnumerable().Reverse())
        {
            print($"- control group {group.Path}: {one.Program.KernelName}");
            if (!isDryRun) group.Detach(one.Program, one.Hook);
            one.Program.Dispose();
        }

        return attached.Count > 0;
    }

    /// <summary>Whether any of the programs is attached to this very group.</summary>
    public static bool IsAttached(string path)
    {
        // Without the library nothing of ours can have been attached, and a host for direct routing does not need it.
        if (!BpfLibrary.IsPresent) return false;
        using ControlGroup group = ControlGroup.Open(path);
        List<Attached> attached = Find(group);
        foreach (Attached one in attached) one.Program.Dispose();
        return attached.Count > 0;
    }

    /// <summary>Prints what is there and what is missing.</summary>
    /// <param name="path">The control group.</param>
    /// <param name="trusted">Local addresses that should be believed; null where that does not matter.</param>
    /// <returns>Whether everything is there.</returns>
    public bool IsComplete(string path, IReadOnlyList<AddressRange>? trusted)
    {
        using ControlGroup group = ControlGroup.Open(path);
        List<Attached> attached = Find(group);
        bool isComplete = true;
        foreach ((ControlGroupHook hook, string name) in s_programs)
        {
            bool isThere = attached.Any(a => a.Hook == hook);
            isComplete &= isThere;
            print($"{(isThere ? "=" : "! missing:")} control group {group.Path}: {name}");
        }

        Attached? reader = attached.FirstOrDefault(a => a.Hook == ControlGroupHook.SocketOperations);
        if (reader is not null)
        {
            using TrustedSenders senders = TrustedSenders.Open(reader.Program);
            if (trusted is not null && senders.DifferenceOf([.. trusted.Select(t => t.ToPrefixKey())]) is string difference)
            {
                isComplete = false;
                print($"! missing: {difference}");
            }
            else if (senders.IsAnyone)
            {
                print("! options of any sender are believed: give --from to restrict them to the director's local addresses");
            }

            print($"= connections with a client address {senders.Count(0)}, without {senders.Count(1)}, not believed {senders.Count(2)}");
        }

        foreach (Attached one in attached) one.Program.Dispose();
        return isComplete;
    }

    private static List<Attached> Find(ControlGroup group)
    {
        var found = new List<Attached>();
        foreach ((ControlGroupHook hook, string name) in s_programs)
        {
            foreach (uint id in group.Programs(hook))
            {
                BpfProgram? program = BpfProgram.TryFromId(id);
                if (program is null) continue;
                if (program.KernelName == name) found.Add(new Attached(hook, program));
                else program.Dispose();
            }
        }

        return found;
    }

    /// <summary>Whether exactly the programs of this version are attached, sharing their maps.</summary>
    private static bool IsCurrent(List<Attached> attached, BpfObject @object)
    {
        if (attached.Count != s_programs.Length) return false;
        uint? clients = null;
        foreach ((ControlGroupHook hook, string name) in s_programs)
        {
            using BpfProgram wanted = @object.Program(name);
            Attached? there = attached.FirstOrDefault(a => a.Hook == hook);
            if (there is null || there.Program.Tag != wanted.Tag) return false;
            IReadOnlyList<BpfMap> maps = there.Program.OpenMaps();
            uint id = maps.First(m => m.Name == "clients").Id;
            foreach (BpfMap map in maps) map.Dispose();
            clients ??= id;
            if (clients != id) return false;
        }

        return true;
    }

    private static IReadOnlyList<byte[]> KeysOf(List<Attached> attached)
    {
        Attached? reader = attached.FirstOrDefault(a => a.Hook == ControlGroupHook.SocketOperations);
        if (reader is null) return [];
        using TrustedSenders senders = TrustedSenders.Open(reader.Program);
        return senders.IsAnyone ? [] : senders.Keys();
    }

    private void Update(ControlGroup group, List<Attached> attached, IReadOnlyList<byte[]> trusted, bool isDryRun)
    {
        foreach (Attached one in attached) print($"= control group {group.Path}: {one.Program.KernelName} already there");
        using TrustedSenders senders = TrustedSenders.Open(attached.First(a => a.Hook == ControlGroupHook.SocketOperations).Program);
        if (senders.DifferenceOf(trusted) is not string difference) return;
        print($"+ {difference}");
        if (!isDryRun) senders.Set(trusted);
    }

    private void Replace(ControlGroup group, BpfObject @object, List<Attached> old, IReadOnlyList<byte[]> trusted, bool isDryRun)
    {
        var made = new List<Attached>();
        try
        {
            foreach ((ControlGroupHook hook, string name) in s_programs)
            {
                print($"+ control group {group.Path}: {name}");
                if (isDryRun) continue;
                BpfProgram program = @object.Program(name);
                if (hook == ControlGroupHook.SocketOperations)
                {
                    using TrustedSenders senders = TrustedSenders.Open(program);
                    senders.Set(trusted);
                }

                group.Attach(program, hook);
                made.Add(new Attached(hook, program));
            }

            foreach (Attached one in old.AsEnumerable().Reverse())
            {
                print($"- control group {group.Path}: {one.Program.KernelName} of another version");
                if (!isDryRun) group.Detach(one.Program, one.Hook);
            }
        }
        catch (KernelCallException)
        {
            foreach (Attached one in made.AsEnumerable().Reverse())
            {
                print($"- control group {group.Path}: {one.Program.KernelName}");
                group.Detach(one.Program, one.Hook);
            }

            throw;
        }
        finally
        {
            foreach (Attached one in made) one.Program.Dispose();
        }
    }

    /// <summary>One of our programs where it is attached.</summary>
    private sealed record Attached(ControlGroupHook Hook, BpfProgram Program);
}
