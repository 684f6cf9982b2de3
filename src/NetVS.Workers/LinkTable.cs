using NetVS.Links;

namespace NetVS.Workers;

/// <summary>One worker's links: those that receive, and the one to send by for each interface.</summary>
/// <remarks>Thread: the worker's. Interface indices are small in practice and are an index here; larger ones go through a dictionary.</remarks>
internal sealed class LinkTable
{
    private const int DirectLimit = 4096;

    private readonly List<Slot> _slots = [];
    private readonly Dictionary<int, Slot> _rest = [];
    private Slot?[] _direct = new Slot?[64];

    /// <summary>A link and whether something is queued on it.</summary>
    internal sealed class Slot(ILink link)
    {
        public readonly ILink Link = link;
        public bool IsDirty;
    }

    /// <summary>Links frames come from.</summary>
    public Slot[] Receiving { get; private set; } = [];

    /// <summary>All links.</summary>
    public Slot[] All { get; private set; } = [];

    /// <summary>Adds a link. The first of an interface that receives is the one to send by, else the first.</summary>
    public void Add(ILink link)
    {
        _slots.Add(new Slot(link));
        Rebuild();
    }

    /// <summary>Takes a link out.</summary>
    public void Remove(ILink link)
    {
        _slots.RemoveAll(s => ReferenceEquals(s.Link, link));
        Rebuild();
    }

    /// <summary>The link to send by on an interface, or null.</summary>
    public Slot? Find(int interfaceIndex)
    {
        Slot?[] direct = _direct;
        if ((uint)interfaceIndex < (uint)direct.Length) return direct[interfaceIndex];
        return interfaceIndex >= DirectLimit && _rest.TryGetValue(interfaceIndex, out Slot? found) ? found : null;
    }

    private void Rebuild()
    {
        All = [.. _slots];
        Receiving = [.. _slots.Where(s => s.Link.CanReceive)];
        int largest = _slots.Select(s => s.Link.InterfaceIndex).Where(i => i < DirectLimit).DefaultIfEmpty(0).Max();
        _direct = new Slot?[largest + 1];
        _rest.Clear();
        foreach (Slot slot in _slots.OrderByDescending(s => s.Link.CanReceive))
        {
            int index = slot.Link.InterfaceIndex;
            if (index < DirectLimit) _direct[index] ??= slot;
            else _rest.TryAdd(index, slot);
        }
    }
}
