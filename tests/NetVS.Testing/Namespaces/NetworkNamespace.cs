using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using NetVS.Testing.Time;

namespace NetVS.Testing.Namespaces;

/// <summary>A network namespace of a test's own, gone when disposed, with all that is in it.</summary>
/// <remarks>
/// Needs root and iproute2. Names have the process and a number, so that several runs can go on side by side. A process that is ended by SIGTERM
/// removes its namespaces; those of one that was killed are removed by the next one that makes any.
/// </remarks>
public sealed partial class NetworkNamespace : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000, SIGKILL = 9;
    private const string Prefix = "nvst-", Folder = "/run/netns/";
    private static readonly ConcurrentDictionary<NetworkNamespace, bool> s_alive = [];
    private static readonly PosixSignalRegistration s_termination;
    private static int s_made;
    private static volatile bool s_isEnding;
    private readonly List<Process> _processes = [];

    private NetworkNamespace(string name) => Name = name;

    static NetworkNamespace()
    {
        RemoveAbandoned();
        s_termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ =>
        {
            s_isEnding = true;
            foreach (NetworkNamespace left in s_alive.Keys) RemoveWithProcesses(left.Name);
        });
    }

    /// <summary>Its name, as <c>ip netns</c> lists it.</summary>
    public string Name { get; }

    /// <summary>Its file, for nsenter and setns.</summary>
    public string Path => Folder + Name;

    /// <summary>Makes one, with the loopback device up.</summary>
    /// <param name="role">What it stands for: becomes a part of its name.</param>
    public static NetworkNamespace Create(string role)
    {
        string name = $"{Prefix}{role}-{Environment.ProcessId}-{Interlocked.Increment(ref s_made)}";
        Execute("ip", "netns", "add", name);
        var made = new NetworkNamespace(name);
        s_alive.TryAdd(made, true);

        // The process ends by SIGTERM, and its tests go on meanwhile: no more of this.
        if (s_isEnding)
        {
            Remove(name);
            Thread.Sleep(Timeout.Infinite);
        }

        made.Ip("link set lo up");
        return made;
    }

    /// <summary>Removes the namespaces of test programs that are no more, and what still runs in them.</summary>
    public static void RemoveAbandoned()
    {
        if (!Directory.Exists(Folder)) return;
        foreach (string name in Directory.EnumerateFiles(Folder, Prefix + "*").Select(file => System.IO.Path.GetFileName(file)!).Where(IsAbandoned)) RemoveWithProcesses(name);
    }

    /// <summary>Connects two namespaces with a pair of virtual Ethernet devices, both up.</summary>
    public static void Connect(NetworkNamespace a, string deviceA, NetworkNamespace b, string deviceB)
    {
        Execute("ip", "-n", a.Name, "link", "add", deviceA, "type", "veth", "peer", "name", deviceB, "netns", b.Name);
        a.Ip($"link set {deviceA} up");
        b.Ip($"link set {deviceB} up");
    }

    /// <summary>Runs <c>ip</c> in it; words are split at blanks.</summary>
    /// <returns>What it printed.</returns>
    public string Ip(string words) => Execute("ip", ["-n", Name, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    /// <summary>Its devices in every detail. The kernel notices some milliseconds late that both ends of a pair are up: that is waited for.</summary>
    public string ReadLinks()
    {
        string links = "";
        Patience.WaitFor(() => !(links = Ip("-d -o link show")).Contains("NO-CARRIER", StringComparison.Ordinal), "carrier", more: () => links);
        return links;
    }

    /// <summary>Runs a batch of <c>ip</c> commands in it.</summary>
    public void IpBatch(string lines)
    {
        string file = System.IO.Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, lines + "\n");
            Execute("ip", "-n", Name, "-batch", file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Runs a program in it, to its end; it must succeed.</summary>
    /// <returns>What it printed on its standard output.</returns>
    public string Execute(string program, string words) =>
        Execute("nsenter", ["--net=" + Path, program, .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

    /// <summary>Starts a program in it, which is ended with the namespace at the latest.</summary>
    public Process Begin(string program, params string[] arguments)
    {
        Process process = StartProcess("nsenter", ["--net=" + Path, program, .. arguments]);
        _processes.Add(process);
        return process;
    }

    /// <summary>Writes a setting of the namespace, as sysctl names it.</summary>
    public void SetSysctl(string name, string value) => Run(() => File.WriteAllText("/proc/sys/" + name.Replace('.', '/'), value));

    /// <summary>Runs something on a thread of its own in the namespace; sockets made there belong to it for ever.</summary>
    public void Run(Action action) => Run(() =>
    {
        action();
        return true;
    });

    /// <summary>As <see cref="Run(Action)"/>, with a result.</summary>
    public T Run<T>(Func<T> function)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                using SafeFileHandle handle = File.OpenHandle(Path);
                if (setns((int)handle.DangerousGetHandle(), CLONE_NEWNET) != 0)
                    throw new InvalidOperationException($"setns {Name}: errno {Marshal.GetLastPInvokeError()}");
                result = function();
            }
            catch (Exception caught)
            {
                failure = ExceptionDispatchInfo.Capture(caught);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Process process in _processes)
        {
            try
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }
            catch (InvalidOperationException)
            {
                // It ended by itself meanwhile.
            }

            process.Dispose();
        }

        _processes.Clear();
        Remove(Name);
        s_alive.TryRemove(this, out _);
    }

    /// <summary>Runs a program to its end; it must succeed.</summary>
    /// <returns>What it printed on its standard output.</returns>
    public static string Execute(string program, params string[] arguments)
    {
        using Process process = StartProcess(program, arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: exit {process.ExitCode}: {errors.Result}");
    }

    // PREFIX-ROLE-PROCESS-NUMBER
    private static bool IsAbandoned(string name)
    {
        string[] parts = name.Split('-');
        return parts.Length >= 4 && !Directory.Exists("/proc/" + parts[^2]);
    }

    private static void RemoveWithProcesses(string name)
    {
        using (Process listing = StartProcess("ip", ["netns", "pids", name]))
        {
            // One that ended meanwhile is as good as one that was killed.
            foreach (string pid in listing.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)) _ = kill(int.Parse(pid, CultureInfo.InvariantCulture), SIGKILL);
            listing.WaitForExit();
        }

        Remove(name);
    }

    private static void Remove(string name)
    {
        using Process removal = StartProcess("ip", ["netns", "del", name]);
        removal.WaitForExit();
    }

    private static Process StartProcess(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        RedirectStandardInput = true,
    })!;

    [LibraryImport("libc")]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(int descriptor, int type);
}
