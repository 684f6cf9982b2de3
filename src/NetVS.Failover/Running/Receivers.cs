using NetVS.Linux;
using NetVS.Linux.Vrrp;
using NetVS.Packets;
using NetVS.Vrrp.Options;

namespace NetVS.Failover.Running;

/// <summary>The sockets that instances hear on: one for each interface, family and protocol. Thread: the loop's.</summary>
internal sealed class Receivers(Action<string> log) : IDisposable
{
    private readonly Dictionary<(int Interface, IpFamily Family, bool IsAuthenticated), (VrrpReceiver Receiver, List<RunningInstance> Instances)> _open = [];

    /// <summary>The sockets, each with its instances.</summary>
    public List<(VrrpReceiver Receiver, List<RunningInstance> Instances)> All { get; } = [];

    /// <summary>Opens what instances need and closes what none needs any more.</summary>
    /// <returns>Whether the set changed.</returns>
    public bool Update(IReadOnlyList<RunningInstance> instances)
    {
        bool isChanged = false;
        foreach ((_, List<RunningInstance> users) in _open.Values) users.Clear();
        foreach (RunningInstance instance in instances)
        {
            instance.Receiver = null;
            VirtualRouterOptions options = instance.Plan.Options;
            if (instance.BaseIndex == 0) continue;

            // A frame whose source is the virtual MAC, as another router with use_vmac sends it, reaches only the macvlan device with this MAC; frames
            // of others reach it as well.
            bool isVirtual = instance.VirtualIndex != 0 && !options.IsUnicast;
            (int Interface, IpFamily Family, bool IsAuthenticated) key = (isVirtual ? instance.VirtualIndex : instance.BaseIndex, options.Family, options.Authentication == AuthenticationKind.Header);
            try
            {
                if (!_open.TryGetValue(key, out (VrrpReceiver Receiver, List<RunningInstance> Instances) open))
                {
                    open = (VrrpReceiver.Open(key.Interface, isVirtual ? instance.VirtualName : instance.Plan.Interface, options.Family, key.IsAuthenticated), []);
                    _open.Add(key, open);
                    isChanged = true;
                }

                if (instance.Plan.ReceiveBuffer > 0) open.Receiver.EnlargeBuffer(instance.Plan.ReceiveBuffer);
                if (!options.IsUnicast) open.Receiver.Join(options.Group);
                open.Instances.Add(instance);
                instance.Receiver = open.Receiver;
            }
            catch (KernelCallException e)
            {
                log($"vrrp: ({instance.Plan.Name}) {e.Message}");
            }
        }

        foreach ((int, IpFamily, bool) key in _open.Where(o => o.Value.Instances.Count == 0).Select(o => o.Key).ToArray())
        {
            _open[key].Receiver.Dispose();
            _open.Remove(key);
            isChanged = true;
        }

        if (!isChanged) return false;
        All.Clear();
        All.AddRange(_open.Values);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((VrrpReceiver receiver, _) in _open.Values) receiver.Dispose();
        _open.Clear();
        All.Clear();
    }
}
