using NetVS.Director.Network;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;
using NetVS.Linux.Native;
using NetVS.Linux.PacketSocket;
using NetVS.Linux.Xdp;
using NetVS.Links;
using NetVS.Packets;

namespace NetVS.Linux.Attachment;

/// <summary>Begins to listen on an interface: chooses link and hook, and undoes what it did when a step fails.</summary>
/// <remarks>
/// In every case the program is attached first and does nothing, because no MAC of the interface is in its map; then the links are opened and given to
/// the workers; then the MACs go in, and frames begin to come. Thread: the link manager's, under its lock.
/// </remarks>
internal sealed class InterfaceAttacher(
    LinkManagerOptions options, DivertProgram program, IReadOnlyList<ILinkHost> workers, IReadOnlyList<WorkerMemory> memories)
{
    private readonly SortedSet<int> _usedSlots = [];

    /// <summary>Begins to listen.</summary>
    /// <param name="interface">The interface, which is up.</param>
    /// <param name="macs">The MACs that frames for this host carry.</param>
    /// <exception cref="KernelCallException">It cannot be done as asked for; nothing is left behind.</exception>
    public InterfaceAttachment Attach(NetworkInterface @interface, IReadOnlySet<MacAddress> macs)
    {
        InterfaceLock taken = InterfaceLock.Take(@interface.Index, @interface.Name);
        var attachment = new InterfaceAttachment(program, @interface, taken);
        try
        {
            Open(attachment);
            attachment.SetMacs(macs);
            return attachment;
        }
        catch
        {
            Detach(attachment);
            throw;
        }
    }

    /// <summary>Stops listening.</summary>
    public void Detach(InterfaceAttachment attachment)
    {
        RemoveXdpPin(attachment);
        attachment.Dispose();
        ReturnSlots(attachment);
    }

    private void Open(InterfaceAttachment attachment)
    {
        InterfaceProbe probe = options.Probe(attachment.Interface.Name);
        if (options.Link == LinkChoice.AfPacket || options.Hook is HookChoice.Tc or HookChoice.None)
        {
            OpenPacketSocket(attachment, "asked for");
            return;
        }

        if (options is { Link: LinkChoice.Auto, Hook: HookChoice.Auto } && probe.IsVirtual)
        {
            OpenPacketSocket(attachment, "a virtual device: behind tc, large frames and unfinished checksums stay as they are");
            return;
        }

        string refused;
        try
        {
            OpenXdp(attachment, probe);
            return;
        }
        catch (KernelCallException failure) when (options.Link == LinkChoice.Auto && options.Hook == HookChoice.Auto)
        {
            refused = failure.Message;
            CloseXdp(attachment);
        }

        OpenPacketSocket(attachment, $"AF_XDP is not possible: {refused}");
    }

    private void OpenXdp(InterfaceAttachment attachment, InterfaceProbe probe)
    {
        attachment.Kind = "af_xdp";
        bool isNative = AttachXdp(attachment, probe);
        (attachment.IsNativeXdp, attachment.IsVirtual) = (isNative, probe.IsVirtual);
        attachment.Hook = isNative ? "xdp native" : "xdp generic";
        int slots = TakeSlots(probe.ReceiveQueues);
        attachment.FirstSocket = slots;
        attachment.Slots = attachment.Queues = probe.ReceiveQueues;
        bool isZeroCopy = true;
        for (int queue = 0; queue < probe.ReceiveQueues; queue++)
        {
            int worker = queue % workers.Count;
            XdpSocket socket = memories[worker].Open(
                attachment.Interface.Index, attachment.Interface.Name, queue, isNative && !probe.IsVirtual);
            isZeroCopy &= socket.Umem.IsZeroCopy;
            var link = new XdpLink(socket, attachment.Interface.Index, probe.IsVirtual);
            attachment.Add(workers[worker], link);
            program.SetSocket(slots + queue, link.Descriptor);
        }

        attachment.Copy = isZeroCopy ? "zero-copy" : "copy";

        // A worker without a queue of its own here still sends here.
        for (int worker = probe.ReceiveQueues; worker < workers.Count; worker++)
            attachment.Add(workers[worker], new TransmitOnlyLink(attachment.Interface.Index, attachment.Interface.Name));
    }

    private bool AttachXdp(InterfaceAttachment attachment, InterfaceProbe probe)
    {
        if (options.Hook != HookChoice.XdpGeneric)
        {
            try
            {
                AttachXdp(attachment, XdpMode.Native);
                attachment.Reason = options.Hook == HookChoice.Auto ? "the driver has XDP" : "asked for";
                return true;
            }
            catch (KernelCallException refused) when (options.Hook == HookChoice.Auto && refused.Errno is not (Errno.EBUSY or Errno.EEXIST))
            {
                // Generic XDP on a virtual device meets unsegmented frames of up to 64 KiB from stacks on this machine, which fit no chunk.
                if (probe.IsVirtual && options.Link == LinkChoice.Auto) throw;

                attachment.Reason = $"native XDP is not possible: {refused.Message}";
            }
        }
        else
        {
            attachment.Reason = "asked for";
        }

        AttachXdp(attachment, XdpMode.Generic);
        return false;
    }

    private void AttachXdp(InterfaceAttachment attachment, XdpMode mode)
    {
        (int index, string name) = (attachment.Interface.Index, attachment.Interface.Name);
        if (options.Pins is not { } pins)
        {
            attachment.Xdp = BpfLink.AttachXdp(program.Xdp, index, mode, name);
            return;
        }

        // An interface has one XDP program: what a former daemon pinned in the other mode goes first.
        pins.Remove(PinName(mode == XdpMode.Native ? XdpMode.Generic : XdpMode.Native, name));
        attachment.Xdp = pins.Attach(PinName(mode, name), index, program.Xdp, () => BpfLink.AttachXdp(program.Xdp, index, mode, name));
        attachment.XdpPin = PinName(mode, name);
    }

    private static string PinName(XdpMode mode, string interfaceName) => PinFolder.NameOfLink($"xdp_{mode.ToString().ToLowerInvariant()}", interfaceName);

    private void RemoveXdpPin(InterfaceAttachment attachment)
    {
        if (attachment.XdpPin.Length > 0) options.Pins?.Remove(attachment.XdpPin);
        attachment.XdpPin = "";
    }

    private void CloseXdp(InterfaceAttachment attachment)
    {
        RemoveXdpPin(attachment);
        attachment.Xdp?.Dispose();
        attachment.Xdp = null;
        attachment.CloseLinks();
        ReturnSlots(attachment);
    }

    private void ReturnSlots(InterfaceAttachment attachment)
    {
        for (int i = 0; i < attachment.Slots; i++) _usedSlots.Remove(attachment.FirstSocket + i);
        attachment.Slots = 0;
    }

    private void OpenPacketSocket(InterfaceAttachment attachment, string reason)
    {
        NetworkInterface @interface = attachment.Interface;
        attachment.Kind = "af_packet";
        attachment.Copy = "copy";
        attachment.Reason = reason;
        attachment.RingIpMtu = @interface.IpMtu;
        attachment.Hook = "none";
        if (options.Hook != HookChoice.None)
        {
            attachment.Ingress = TcAttachment.Attach(program.Ingress, @interface.Index, @interface.Name, TcDirection.Ingress, options.AllowTcx, options.Pins);
            attachment.Hook = attachment.Ingress.Hook;
        }

        ushort group = 0;
        foreach (ILinkHost worker in workers)
        {
            var link = new PacketSocketLink(@interface.Index, @interface.Name, @interface.IpMtu, program.Filter);
            attachment.Add(worker, link);
            if (workers.Count > 1) group = link.JoinFanout(group);
        }

        attachment.Queues = workers.Count;
    }

    private int TakeSlots(int count)
    {
        for (int first = 0; first + count <= program.SocketSlots; first++)
        {
            if (_usedSlots.GetViewBetween(first, first + count - 1).Count > 0) continue;
            for (int i = 0; i < count; i++) _usedSlots.Add(first + i);
            return first;
        }

        throw new KernelCallException("bpf_map_update_elem", Errno.E2BIG, "AF_XDP sockets", $"there can be at most {program.SocketSlots}");
    }
}
