using NetVS.Director.Network;
using NetVS.Linux.Bpf;
using NetVS.Linux.Divert;

namespace NetVS.Linux.Attachment;

/// <summary>The program at tc egress, which turns round what this host itself sends: on loopback while there is a virtual service, for local clients;
/// on every interface while a real server runs here, for its replies.</summary>
/// <remarks>Thread: the caller holds the link manager's lock.</remarks>
internal sealed class OwnTraffic(DivertProgram program, bool allowTcx, Action<string> report) : IDisposable
{
    private TcAttachment? _loopback;
    private bool _hasLocalReal;
    private string _refusal = "";

    /// <summary>Attaches and detaches as the rules ask now.</summary>
    public void Set(IReadOnlyList<NetworkInterface> present, IEnumerable<InterfaceAttachment> attachments)
    {
        bool hasLocalReal = program.HasLocalReal;
        if (hasLocalReal != _hasLocalReal) report(hasLocalReal ? "replies of real servers on this host are turned round at egress" : "no real server on this host any more");
        _hasLocalReal = hasLocalReal;
        try
        {
            SetLoopback(hasLocalReal || program.HasVirtual ? present.FirstOrDefault(i => i is { IsLoopback: true, IsAdministrativelyUp: true }) : null);
            foreach (InterfaceAttachment attachment in attachments) attachment.SetEgress(hasLocalReal, allowTcx);
            _refusal = "";
        }
        catch (KernelCallException refused)
        {
            if (refused.Message != _refusal) report($"{(hasLocalReal ? "real servers" : "clients")} on this host do not work: {refused.Message}");
            _refusal = refused.Message;
        }
    }

    /// <summary>Detaches from loopback; interfaces are detached by who attached them.</summary>
    public void Dispose()
    {
        _loopback?.Dispose();
        _loopback = null;
    }

    private void SetLoopback(NetworkInterface? loopback)
    {
        if (loopback is null) Dispose();
        if (loopback is null || _loopback is not null) return;
        _loopback = TcAttachment.Attach(program.Egress, loopback.Index, loopback.Name, TcDirection.Egress, allowTcx);
        report($"{loopback.Name}: requests of clients on this host are turned round at egress");
    }
}
