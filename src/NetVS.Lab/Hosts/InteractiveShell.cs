using System.Diagnostics;

namespace NetVS.Lab.Hosts;

/// <summary>A shell for the user in one of the hosts.</summary>
internal static class InteractiveShell
{
    /// <summary>Runs it on this terminal until the user leaves it.</summary>
    public static async Task RunAsync(LabHost host, string socket)
    {
        var start = new ProcessStartInfo("nsenter", host.Enter("bash", "--norc", "-i")) { UseShellExecute = false };
        start.Environment["NETVS_SOCKET"] = socket;
        start.Environment["PS1"] = $"{host.Name}# ";
        start.Environment["PATH"] = $"{Path.GetDirectoryName(ThisProgram.Path)}:{Environment.GetEnvironmentVariable("PATH")}";
        using Process? shell = Process.Start(start);
        if (shell is not null) await shell.WaitForExitAsync(host.Lab.Cancellation);
    }
}
