using NetVS.Linux.Processor;

namespace NetVS.Linux.Tests.Processor;

public sealed class ProcessorTimeTests
{
    // Of the thread that asks, and of no other.
    [Fact]
    public void PlacedThread_RunsThere_AsNiceAsItWasTold()
    {
        string before = Read(), within = "";
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            ProcessorTime.KeepThreadOn([1, 0], "0");
            ProcessorTime.SetThreadNice(7);
            within = Read();
        }));
        thread.Start();
        thread.Join();
        failure.ShouldBeNull();
        within.ShouldBe("processors 0, nice 7");
        Read().ShouldBe(before);
    }

    [Fact]
    public void NoSuchProcessor_IsRefusedByName() =>
        Should.Throw<KernelCallException>(() => ProcessorTime.KeepThreadOn([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1UL << 63], "1023")).Message.ShouldContain("1023");

    private static string Read()
    {
        string list = File.ReadLines("/proc/thread-self/status").Single(l => l.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];
        string stat = File.ReadAllText("/proc/thread-self/stat");

        // proc(5): the name, in parentheses, is the second field, the nice value the nineteenth.
        string nice = stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16];
        return $"processors {list}, nice {nice}";
    }
}
