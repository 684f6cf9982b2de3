using BenchmarkDotNet.Running;
using NetVS.Benchmarks;
using NetVS.Director.Measurement;

// "quick [table|engine|offload|fullnat] [connections...]" measures in this process, in about a minute; everything else goes to BenchmarkDotNet
// (for instance --filter '*').
// "profile CONNECTIONS ROUNDS" forwards established packets for a profiler to watch.
if (args is ["profile", var connections, var rounds])
{
    using var engine = new EngineMeasurement(ThreadClock.Nanoseconds, int.Parse(connections));
    engine.Repeat(int.Parse(rounds));
    return;
}

if (args is not ["quick", ..])
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
    return;
}

int[] sizes = [.. args.Skip(1).Where(a => char.IsAsciiDigit(a[0])).Select(int.Parse)];
if (sizes.Length == 0) sizes = [1, 1000, 100_000, 1_000_000];
Console.WriteLine($"{"",-57} {"connections",11} {"ns",8} {"ratio",6} {"allocated",9}");
bool isPart = args.Any(a => a is "table" or "engine" or "offload" or "fullnat");
if (!isPart || args.Contains("table")) Print(TableMeasurement.Run(ThreadClock.Nanoseconds, sizes));
if (!isPart || args.Contains("engine")) Print(EngineMeasurement.Run(ThreadClock.Nanoseconds, sizes));
if (!isPart || args.Contains("offload")) Print(EngineMeasurement.RunOffload(ThreadClock.Nanoseconds, sizes));
if (!isPart || args.Contains("fullnat")) Print(EngineMeasurement.RunFullNat(ThreadClock.Nanoseconds));

static void Print(IEnumerable<Measurement> measurements)
{
    foreach (Measurement m in measurements)
        Console.WriteLine($"{m.Name,-57} {m.Connections,11} {m.Nanoseconds,8:F1} {m.Ratio,6:F2} {m.AllocatedOctets,9}");
}
