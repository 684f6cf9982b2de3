using NetVS.Lab.Hosts;
using NetVS.Packets.Capture;

namespace NetVS.Lab.Journeys;

/// <summary>Captures on the wire of every interface of a lab, made by tcpdump on the switches' ports.</summary>
/// <remarks>
/// On the switch, not in the host: a frame that an XDP program takes, or AF_XDP sends, never passes the places in the host's
/// stack where tcpdump listens.
/// </remarks>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly List<(LabLink Link, string File, Daemon Process)> _taps = [];

    /// <summary>The capture files by interface.</summary>
    public IEnumerable<(LabLink Link, string File)> Files => _taps.Select(t => (t.Link, t.File));

    /// <summary>Begins capturing on every interface of the lab.</summary>
    public static async Task<WireTap> StartAsync(Lab lab)
    {
        var tap = new WireTap();
        foreach (LabLink link in lab.Hosts.SelectMany(h => h.Links))
        {
            string file = Path.Combine(lab.Folder, $"{link.Host.Name}-{link.Device}.pcap");
            Daemon process = await Daemon.StartAsync($"tcpdump of {link}", "nsenter",
                lab.Switches.Enter("tcpdump", "-i", link.SwitchPort, "-U", "--immediate-mode", "-n", "-s", "0", "-Z", "root", "-w", file),
                awaited: "listening on", lab.Cancellation);
            tap._taps.Add((link, file, process));
        }

        return tap;
    }

    /// <summary>Ends capturing; the files are complete when this returns.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach ((_, _, Daemon process) in _taps) await process.DisposeAsync();
    }

    /// <summary>The TCP packets captured on each interface's wire, in the order they passed.</summary>
    /// <exception cref="LabException">A capture cannot be read.</exception>
    public IReadOnlyDictionary<LabLink, IReadOnlyList<WirePacket>> Read()
    {
        var packets = new Dictionary<LabLink, IReadOnlyList<WirePacket>>();
        foreach ((LabLink link, string file, _) in _taps)
        {
            var list = new List<WirePacket>();
            using FileStream stream = File.OpenRead(file);
            ICaptureReader reader = CaptureReader.Open(stream);
            while (reader.TryReadNext(out CapturedPacket captured))
                if (WirePacket.Read(captured.Timestamp, captured.Data.Span) is { } packet) list.Add(packet);
            packets.Add(link, list);
        }

        return packets;
    }

    /// <summary>Has tshark, which is not ours, verify every checksum and length of every capture.</summary>
    /// <returns>What is wrong, one line each; empty when all is right.</returns>
    public async Task<IReadOnlyList<string>> FindFaultsAsync(CancellationToken cancellation)
    {
        var faults = new List<string>();
        foreach ((LabLink link, string file, _) in _taps)
            faults.AddRange((await Tshark.FindFaultsAsync(file, cancellation)).Select(line => $"{link}: {line}"));

        return faults;
    }
}
