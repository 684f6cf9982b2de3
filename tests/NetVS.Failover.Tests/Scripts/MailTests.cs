using NetVS.Keepalived.Model;
using NetVS.Scripts;

namespace NetVS.Failover.Tests.Scripts;

/// <summary>Mail, with a server that answers as it is told.</summary>
public sealed class MailTests : IDisposable
{
    private readonly MailServer _server = new();
    private readonly List<string> _log = [];
    private readonly MailQueue _queue;

    public MailTests()
    {
        _queue = new MailQueue(line =>
        {
            lock (_log) _log.Add(line);
        });
        _queue.Configure(new GlobalDefinitions
        {
            RouterId = "LVS_1",
            Mail = new MailSettings { Server = "127.0.0.1", Port = _server.Port, From = "netvs@example.org", HeloName = "director", Recipients = ["a@example.org", "b@example.org"] },
        });
    }

    public void Dispose()
    {
        _queue.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Mail_IsAsKeepalivedWritesIt()
    {
        _queue.Send("VRRP Instance VI\r\n.\r\n - Entering MASTER state", "=> VRRP Instance is now owning VRRP VIPs <=");
        List<string> said = await _server.TakeAsync();
        said.Take(5).ShouldBe(["HELO director", "MAIL FROM:<netvs@example.org>", "RCPT TO:<a@example.org>", "RCPT TO:<b@example.org>", "DATA"]);
        said[5].ShouldMatch(@"^Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [-+]\d{4}$");
        said.Skip(6).ShouldBe([
            "From: netvs@example.org", "Subject: [LVS_1] VRRP Instance VI??.?? - Entering MASTER state", "X-Mailer: NetVS", "To: a@example.org, b@example.org", "",
            "=> VRRP Instance is now owning VRRP VIPs <=", ".", "QUIT",
        ]);
    }

    [Fact]
    public async Task Mail_ThatIsRefused_IsGivenUp_AndTheNextOneGoes()
    {
        _queue.Send("first", "x");
        _queue.Send("second", "y");
        await _server.TakeAsync("554 go away");
        (await _server.TakeAsync()).ShouldContain("Subject: [LVS_1] second");
        _log.Single().ShouldEndWith("to HELO director it says 554 go away");
    }

    [Fact]
    public void NoServer_MeansNoMail()
    {
        _queue.Configure(new GlobalDefinitions());
        _queue.Send("nobody", "reads it");
        _queue.Dispose();
        _server.IsAsked.ShouldBeFalse();
        _log.ShouldBeEmpty();
    }
}
