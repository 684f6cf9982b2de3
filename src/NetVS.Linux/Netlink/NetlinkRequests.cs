using System.Runtime.InteropServices;

namespace NetVS.Linux.Netlink;

/// <summary>Requests that wait for their answer: dumps, and changes with acknowledgement.</summary>
internal sealed class NetlinkRequests : IDisposable
{
    private const int DumpAttempts = 20;
    private readonly NetlinkSocket _socket = new(isNonBlocking: false);
    private readonly NetlinkWriter _writer = new();

    public NetlinkRequests() => _socket.SetReceiveBuffer(1 << 20);

    /// <summary>Takes one message of a dump.</summary>
    public delegate void MessageHandler(in NetlinkMessage message);

    /// <summary>Asks for everything of a kind; begins again when it changed underneath (NLM_F_DUMP_INTR).</summary>
    /// <param name="type">RTM_GET*.</param>
    /// <param name="writeFixedPart">Writes the request's fixed part.</param>
    /// <param name="begin">Is called before the first message of every attempt: forget what came before.</param>
    /// <param name="handle">Takes each message.</param>
    /// <param name="object">What is asked for, for the error's text.</param>
    public void Dump(ushort type, Action<NetlinkWriter> writeFixedPart, Action begin, MessageHandler handle, string @object)
    {
        for (int attempt = 1; ; attempt++)
        {
            uint sequence = _socket.NextSequence();
            _writer.Clear();
            _writer.Begin(type, Rtnetlink.NLM_F_DUMP, sequence);
            writeFixedPart(_writer);
            _socket.Send(_writer.End().Octets);
            begin();
            if (ReadDump(sequence, handle, @object)) return;

            // On a host whose routes never rest the last reading, complete in itself, has to do: a notification follows.
            if (attempt == DumpAttempts) return;
        }
    }

    /// <summary>Asks for a change and waits for the answer.</summary>
    /// <param name="type">RTM_NEW* or RTM_DEL*.</param>
    /// <param name="flags">NLM_F_*.</param>
    /// <param name="write">Writes the fixed part and the attributes.</param>
    /// <returns>0, or the errno.</returns>
    public int Change(ushort type, ushort flags, Action<NetlinkWriter> write)
    {
        uint sequence = _socket.NextSequence();
        _writer.Clear();
        _writer.Begin(type, (ushort)(flags | Rtnetlink.NLM_F_ACK), sequence);
        write(_writer);
        _socket.Send(_writer.End().Octets);
        while (true)
        {
            if (_socket.Receive(out ReadOnlySpan<byte> octets) != NetlinkSocket.ReceiveResult.Received) continue;
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
                if (message.Sequence == sequence && message.Type == Rtnetlink.NLMSG_ERROR) return ErrorOf(message);
        }
    }

    /// <summary>The positive errno of an NLMSG_ERROR; 0 for an acknowledgement.</summary>
    public static int ErrorOf(in NetlinkMessage message) => message.Payload.Length < 4 ? Errno.EPROTO : -MemoryMarshal.Read<int>(message.Payload);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private bool ReadDump(uint sequence, MessageHandler handle, string @object)
    {
        bool isWhole = true;
        while (true)
        {
            if (_socket.Receive(out ReadOnlySpan<byte> octets) != NetlinkSocket.ReceiveResult.Received)
            {
                isWhole = false;
                continue;
            }

            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
            {
                if (message.Sequence != sequence) continue;
                if ((message.Flags & Rtnetlink.NLM_F_DUMP_INTR) != 0) isWhole = false;
                if (message.Type is Rtnetlink.NLMSG_DONE or Rtnetlink.NLMSG_ERROR)
                {
                    int errno = message.Type == Rtnetlink.NLMSG_ERROR || message.Payload.Length >= 4 ? ErrorOf(message) : 0;
                    if (errno != 0) throw new KernelCallException("rtnetlink dump", errno, @object);
                    return isWhole;
                }

                handle(message);
            }
        }
    }
}
