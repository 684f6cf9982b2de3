using System.Globalization;
using NetVS.Keepalived.Model;

namespace NetVS.Health;

/// <summary>Tracked files that are to be made at the start (reference §4.6, <c>init_file</c>).</summary>
internal static class TrackedFiles
{
    /// <summary>Makes those that are missing, and writes those that are to be overwritten; never at a reload.</summary>
    public static void Initialise(IEnumerable<TrackFile> files, Action<string> report)
    {
        foreach (TrackFile file in files.Where(f => f is { IsInitialised: true, File: not null }))
        {
            try
            {
                if (File.Exists(file.File) && !file.OverwritesInitially) continue;
                File.WriteAllText(file.File!, file.InitialValue.ToString(CultureInfo.InvariantCulture) + "\n");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                report($"track_file {file.Name}: {file.File} cannot be written: {e.Message}");
            }
        }
    }
}
