using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace NetVS.Packets.Tests.Checksums;

/// <summary>Runs the checksum tests once more in a process without vector instructions.</summary>
public sealed class ScalarFallbackTests
{
    [Fact]
    public async Task ChecksumTests_WithoutVectorInstructions_PassToo()
    {
        if (!Vector256.IsHardwareAccelerated) return;
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["DOTNET_EnableHWIntrinsic"] = "0" },
        };
        if (!Path.GetFileName(Environment.ProcessPath!).StartsWith("NetVS", StringComparison.Ordinal))
            start.ArgumentList.Add(typeof(ScalarFallbackTests).Assembly.Location);
        foreach (Type type in (Type[])[typeof(InternetChecksumTests), typeof(ChecksumDeltaTests), typeof(Crc32cTests)])
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add(type.FullName!);
        }

        using Process process = Process.Start(start)!;
        CancellationToken end = TestContext.Current.CancellationToken;
        Task<string> errors = process.StandardError.ReadToEndAsync(end);
        string output = await process.StandardOutput.ReadToEndAsync(end);
        await process.WaitForExitAsync(end);
        process.ExitCode.ShouldBe(0, output + await errors);
        output.ShouldNotContain("Total: 0");
    }
}
