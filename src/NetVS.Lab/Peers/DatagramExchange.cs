using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace NetVS.Lab.Peers;

/// <summary>A question and its answer over UDP, both of which can be verified to the last octet.</summary>
/// <remarks>
/// A request is a number (8 octets), how many octets of content the answer is to have (4), and content of its own. The answer is the number, the
/// SHA-256 of the request's content (32), the server's name behind its length (1), and the content. Content is <see cref="LabContent"/>'s.
/// </remarks>
internal static class DatagramExchange
{
    private const int NumberSize = 8, RequestHead = NumberSize + 4, HashSize = 32, MostContent = 32 * 1024;

    /// <summary>What begins every answer besides its content and its server's name, in octets.</summary>
    private const int AnswerHead = NumberSize + HashSize + 1;

    /// <summary>A request.</summary>
    /// <param name="number">Tells it from other requests of the same socket.</param>
    /// <param name="content">Octets of content that it carries.</param>
    /// <param name="wanted">Octets of content that the answer is to carry.</param>
    public static byte[] Ask(long number, int content, int wanted)
    {
        byte[] request = new byte[RequestHead + content];
        BinaryPrimitives.WriteInt64BigEndian(request, number);
        BinaryPrimitives.WriteInt32BigEndian(request.AsSpan(NumberSize), wanted);
        LabContent.Fill(0, request.AsSpan(RequestHead));
        return request;
    }

    /// <summary>The answer to a request; null if that is none.</summary>
    public static byte[]? Answer(string name, ReadOnlySpan<byte> request)
    {
        if (request.Length < RequestHead) return null;
        int wanted = BinaryPrimitives.ReadInt32BigEndian(request[NumberSize..]);
        if (wanted is < 0 or > MostContent) return null;
        byte[] answer = new byte[AnswerHead + name.Length + wanted];
        request[..NumberSize].CopyTo(answer);
        SHA256.HashData(request[RequestHead..], answer.AsSpan(NumberSize));
        answer[AnswerHead - 1] = (byte)name.Length;
        Encoding.ASCII.GetBytes(name, answer.AsSpan(AnswerHead));
        LabContent.Fill(0, answer.AsSpan(AnswerHead + name.Length));
        return answer;
    }

    /// <summary>Whether a datagram is the answer to a request, and who gave it.</summary>
    /// <returns>False for an answer to another request; one to this request with anything wrong in it throws.</returns>
    /// <exception cref="WrongAnswerException">It is an answer to this request, and not the right one.</exception>
    public static bool TryRead(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> request, out string server)
    {
        server = "";
        if (answer.Length < AnswerHead) throw new WrongAnswerException($"a datagram of {answer.Length} octets is no answer");
        if (!answer[..NumberSize].SequenceEqual(request[..NumberSize])) return false;
        int name = answer[AnswerHead - 1], wanted = BinaryPrimitives.ReadInt32BigEndian(request[NumberSize..]);
        if (answer.Length != AnswerHead + name + wanted) throw new WrongAnswerException($"an answer of {answer.Length} octets where {AnswerHead + name + wanted} were to come");
        Span<byte> hash = stackalloc byte[HashSize];
        SHA256.HashData(request[RequestHead..], hash);
        if (!answer.Slice(NumberSize, HashSize).SequenceEqual(hash)) throw new WrongAnswerException("the server has seen another request");
        if (LabContent.FindDifference(0, answer[(AnswerHead + name)..]) is { } at) throw new WrongAnswerException($"the answer is wrong from octet {at} on");
        server = Encoding.ASCII.GetString(answer.Slice(AnswerHead, name));
        return true;
    }
}
