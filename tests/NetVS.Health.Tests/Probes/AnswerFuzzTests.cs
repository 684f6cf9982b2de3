using System.Text;
using NetVS.Health.Checks;
using NetVS.Health.Probes;
using NetVS.Keepalived.Model;
using NetVS.Packets;
using NetVS.Testing.Randomness;

namespace NetVS.Health.Tests.Probes;

/// <summary>Whatever a real server answers, in whatever parts: a check comes to its end with a result that can be printed, and nothing is thrown.</summary>
[Trait("Kind", "Fuzz")]
public sealed class AnswerFuzzTests
{
    private static readonly byte[][] s_pages = Octets(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.0 503 Sorry\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\nContent-Length: 99999999999999999999\r\n\r\n<html>a word \u00e9</html>",
        "HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");

    private static readonly byte[][] s_words = Octets("\r\n", "\r\n\r\n", "Content-Length:", "HTTP/1.1 ", " 200 ", "\0", "\u00ff", "250-", "220 ", "\n");

    private static readonly byte[][] s_mails = Octets(
        "220 mail.example.org ESMTP\r\n250 hello\r\n221 bye\r\n", "220-two\r\n220 lines\r\n250 x\r\n", "554 go away\r\n", "220 \r\n250 \r\n\r\n");

    // A type, its number, a record's data, and what that is in a configuration; C00C points at the question's name.
    private static readonly (string Type, byte Number, string Data, string Wanted)[] s_records =
    [
        ("A", 1, "C0000201", "192.0.2.1"), ("AAAA", 28, "20010DB8000000000000000000000001", "2001:db8::1"), ("MX", 15, "000AC00C", "a.example.org"),
        ("TXT", 16, "0568656C6C6F", "hello"), ("CNAME", 5, "0162C00E", "b.example.org"), ("NS", 2, "C00C", "a.example.org"), ("SOA", 6, "C00CC00C0000000100000002000000030000000400000005", "a.example.org"),
    ];

    private static readonly ProbeTarget s_target = new(new CheckOptions(), new IpEndpoint(IpAddress.Parse("192.0.2.1"), 80), TimeSpan.FromSeconds(30));

    [Fact]
    public void HttpAnswer_OfAnyOctets_IsJudged() => Seeds.Run(3000, (random, _) =>
    {
        HttpPage page = new()
        {
            Path = "/",
            Digest = random.Next(2) == 0 ? "5d41402abc4b2a76b9719d911017c592" : null,
            Pattern = random.Next(2) == 0 ? "h(e|a)llo|word .$" : null,
            PatternOptions = random.Next(2) == 0 ? [] : ["utf"],
            PatternMinOffset = random.Next(3) == 0 ? random.Next(10) : null,
        };
        Check(new HttpProbe(s_target, new HttpCheck { Pages = [page] }, null, null, null), Mutator.Mutate(random, s_pages, tokens: s_words), random);
    });

    [Fact]
    public void SmtpAnswer_OfAnyOctets_IsJudged() =>
        Seeds.Run(3000, (random, _) => Check(new SmtpProbe(s_target, "me.example.org"), Mutator.Mutate(random, s_mails, tokens: s_words), random));

    [Fact]
    public void DnsAnswer_OfAnyOctets_IsJudged() => Seeds.Run(3000, (random, _) =>
    {
        (string type, byte number, string data, string wanted) = s_records[random.Next(s_records.Length)];
        var probe = new DnsProbe(s_target, new DnsCheck { Type = type, Question = "a.example.org", Answers = random.Next(3) == 0 ? [] : [wanted] });
        byte[] question = probe.MakeQuestion(77);
        byte[] record = Convert.FromHexString($"C00C00{number:X2}0001000000{60:X2}00{data.Length / 2:X2}{data}");
        byte[] good = [.. question, .. record, .. record];
        (good[2], good[3], good[7]) = (0x81, 0x80, 2);
        byte[] answer = Mutator.Mutate(random, [good, question], tokens: [[0xC0, 0x0C], [0xC0, 0x00], [0xC0, 0x1D], [63], record]);
        if (probe.Judge(question, answer) is not { } result) return;
        answer.AsSpan(0, 2).SequenceEqual(question.AsSpan(0, 2)).ShouldBeTrue("it is an answer to this question");
        if (result.Outcome == ProbeOutcome.Success) (answer[3] & 15).ShouldBe(0);
        result.Detail.ShouldNotContain(c => char.IsControl(c), Convert.ToHexString(answer));
        if (answer.AsSpan().SequenceEqual(good)) result.ShouldBe(ProbeResult.Success);
    });

    private static void Check(StreamProbe probe, byte[] answer, Random random)
    {
        using var cancellation = new CancellationTokenSource();
        using var stream = new Answering(answer, random);
        Task<ProbeResult> asked = probe.TalkAsync(stream, 0, new ProbePatience(cancellation, TimeSpan.FromSeconds(30), cancellation.Token));
        asked.IsCompleted.ShouldBeTrue("nothing is waited for");
        ProbeResult result = asked.GetAwaiter().GetResult();
        result.Detail.ShouldNotContain(c => char.IsControl(c), Convert.ToHexString(answer));
    }

    private static byte[][] Octets(params string[] texts) => [.. texts.Select(Encoding.Latin1.GetBytes)];

    /// <summary>Takes whatever is said and gives an answer in parts.</summary>
    private sealed class Answering(byte[] answer, Random random) : MemoryStream
    {
        private int _given;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int part = Math.Min(answer.Length - _given, 1 + random.Next(Math.Min(buffer.Length, 64)));
            answer.AsMemory(_given, part).CopyTo(buffer);
            _given += part;
            return new ValueTask<int>(part);
        }
    }
}
