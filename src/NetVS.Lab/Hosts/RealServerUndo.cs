namespace NetVS.Lab.Hosts;

/// <summary>Takes back at the lab's end what <c>netvs realserver setup</c> left outside the namespace: pins and records.</summary>
internal sealed class RealServerUndo(LabHost host, string method, string vips) : IAsyncDisposable
{
    /// <summary>Runs <c>netvs realserver undo</c>.</summary>
    public async ValueTask DisposeAsync()
    {
        string[] arguments = ["realserver", "undo", "--method", method, "--vip", vips];
        if (method == "fullnat" && host.Cgroup is not null) arguments = [.. arguments, "--cgroup", host.Cgroup];
        await Shell.TryRunAsync("nsenter", host.Enter(ThisProgram.Path, arguments));
    }
}
