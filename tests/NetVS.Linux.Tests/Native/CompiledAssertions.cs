using System.Diagnostics;

namespace NetVS.Linux.Tests.Native;

/// <summary>C files of static assertions, compiled against the system's headers and those of bpf/.</summary>
internal static class CompiledAssertions
{
    /// <summary>Compiles, which is to succeed.</summary>
    public static void Compile(string source)
    {
        string folder = Directory.CreateTempSubdirectory("netvs-abi").FullName;
        try
        {
            string file = Path.Combine(folder, "abi.c");
            File.WriteAllText(file, source);
            var start = new ProcessStartInfo("/usr/bin/cc", ["-D_GNU_SOURCE", "-I" + BpfFolder(), "-fsyntax-only", file]) { RedirectStandardError = true };
            using Process compiler = Process.Start(start)!;
            string errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            compiler.ExitCode.ShouldBe(0, errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string BpfFolder()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NetVS.slnx"))) folder = Path.GetDirectoryName(folder);
        return Path.Combine(folder!, "bpf");
    }
}
