using BenchmarkDotNet.Running;
using NetVS.Benchmarks;
using NetVS.Director.Measurement;

// "quick" measures in this process, in about a minute; everything else goes to BenchmarkDotNet (--filter '*').
if (args is ["quick", ..])
{
    int[] sizes = args.Length > 1 ? [.. args[1..].Select(int.Parse)] : [1, 1000, 100_000, 1_000_000];
    Console.WriteLine($"{"",-55} {"connections",11} {"ns",8} {"ratio",6} {"allocated",9}");
    foreach (Measurement m in TableMeasurement.Run(ThreadClock.Nanoseconds, sizes))
        Console.WriteLine($"{m.Name,-55} {m.Connections,11} {m.Nanoseconds,8:F1} {m.Ratio,6:F2} {m.AllocatedOctets,9}");
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);

