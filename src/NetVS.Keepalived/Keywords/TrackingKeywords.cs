using NetVS.Keepalived.Model;
using NetVS.Keepalived.Tables;
using NetVS.Keepalived.Values;

namespace NetVS.Keepalived.Keywords;

/// <summary>The track_ blocks, which vrrp_instance and vrrp_sync_group share.</summary>
internal static class TrackingKeywords
{
    /// <summary>Adds them to a table.</summary>
    public static KeywordTable<T> Add<T>(KeywordTable<T> table, Func<T, Tracking> get, Func<T, Tracking, T> set)
        where T : IConfigurationBlock => table
        .Lines("track_interface", (r, line, v) => TrackedLine.ReadInterface(r, line, v, get(v).Interfaces), (v, i) => set(v, get(v) with { Interfaces = get(v).Interfaces.AddRange(i) }))
        .Lines("track_script", (r, line, v) => TrackedLine.Read(r, line, v, "vrrp_script", "track script", 253), (v, i) => set(v, get(v) with { Scripts = get(v).Scripts.AddRange(i) }))
        .Lines("track_file", (r, line, v) => TrackedLine.Read(r, line, v, "track_file", "track file", 254), (v, i) => set(v, get(v) with { Files = get(v).Files.AddRange(i) }))
        .Lines("track_process", (r, line, v) => TrackedLine.Read(r, line, v, "vrrp_track_process", "track process", 254), (v, i) => set(v, get(v) with { Processes = get(v).Processes.AddRange(i) }))
        .Lines("track_bfd", (r, line, v) => TrackedLine.Read(r, line, v, "bfd_instance", "track bfd", 253), (v, i) => set(v, get(v) with { BfdInstances = get(v).BfdInstances.AddRange(i) }));
}
