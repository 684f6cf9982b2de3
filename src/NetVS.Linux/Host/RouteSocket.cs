using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using NetVS.Packets;

namespace NetVS.Linux.Host;

/// <summary>Plain requests to rtnetlink: which interfaces, addresses and tc filters there are; add and remove an address.</summary>
/// <remarks>
/// Concerns the network namespace of the thread that opened it. For one-off commands; following changes live is another matter.
/// Sources: linux/rtnetlink.h, linux/if_addr.h, linux/pkt_sched.h, RFC 3549. Not thread-safe.
/// </remarks>
public sealed unsafe partial class RouteSocket : IDisposable
{
    private const int AF_NETLINK = 16, SOCK_RAW = 3, SOCK_CLOEXEC = 0x80000, SOL_SOCKET = 1, SO_NETNS_COOKIE = 71;
    private const ushort NLMSG_ERROR = 2, NLMSG_DONE = 3;
    private const ushort NLM_F_REQUEST = 1, NLM_F_ACK = 4, NLM_F_EXCL = 0x200, NLM_F_DUMP = 0x300, NLM_F_CREATE = 0x400;
    private const ushort RTM_NEWLINK = 16, RTM_GETLINK = 18, RTM_NEWADDR = 20, RTM_DELADDR = 21, RTM_GETADDR = 22;
    private const ushort RTM_NEWQDISC = 36, RTM_GETQDISC = 38, RTM_NEWTFILTER = 44, RTM_GETTFILTER = 46;
    private const ushort IFA_ADDRESS = 1, IFA_LOCAL = 2, IFLA_ADDRESS = 1, IFLA_IFNAME = 3, TCA_KIND = 1;
    private const byte IFA_F_NODAD = 2;
    private const uint IFF_UP = 1;
    private const uint ClsactIngress = 0xFFFF_FFF2, ClsactEgress = 0xFFFF_FFF3;
    private const int HeaderSize = 16, BufferSize = 64 * 1024;

    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = new byte[BufferSize];
    private uint _sequence;

    private RouteSocket(SafeFileHandle socket) => _socket = socket;

    private delegate void MessageReader(ushort type, ReadOnlySpan<byte> body);

    private delegate void AttributeReader(ushort type, ReadOnlySpan<byte> value);

    /// <summary>Opens a socket in the calling thread's network namespace.</summary>
    public static RouteSocket Open()
    {
        int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
        return fd >= 0
            ? new RouteSocket(new SafeFileHandle(fd, ownsHandle: true))
            : throw new KernelCallException("socket(AF_NETLINK)", Marshal.GetLastPInvokeError(), "rtnetlink");
    }

    /// <summary>A number that no other network namespace had since the machine started; 0 before Linux 5.14.</summary>
    public ulong NamespaceCookie()
    {
        ulong cookie = 0;
        uint size = sizeof(ulong);
        return getsockopt(_socket, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) == 0 ? cookie : 0;
    }

    /// <summary>Every interface, in the kernel's order.</summary>
    public IReadOnlyList<HostLink> Links()
    {
        var links = new List<HostLink>();
        Dump(RTM_GETLINK, new byte[16], "interfaces", (type, body) =>
        {
            // struct ifinfomsg: family, pad, type, index, flags, change.
            if (type != RTM_NEWLINK || body.Length < 16) return;
            string name = "";
            MacAddress mac = default;
            ReadAttributes(body[16..], (attribute, value) =>
            {
                if (attribute == IFLA_IFNAME) name = Text(value);
                else if (attribute == IFLA_ADDRESS && value.Length == MacAddress.Size) mac = MacAddress.Read(value);
            });
            links.Add(new HostLink(
                MemoryMarshal.Read<int>(body[4..]), name, MemoryMarshal.Read<ushort>(body[2..]),
                (MemoryMarshal.Read<uint>(body[8..]) & IFF_UP) != 0, mac));
        });
        return links;
    }

    /// <summary>Every address of every interface.</summary>
    public IReadOnlyList<HostAddress> Addresses()
    {
        var addresses = new List<HostAddress>();
        Dump(RTM_GETADDR, new byte[8], "addresses", (type, body) =>
        {
            // struct ifaddrmsg: family, prefixlen, flags, scope, index.
            if (type != RTM_NEWADDR || body.Length < 8) return;
            IpAddress address = default;
            ReadAttributes(body[8..], (attribute, value) =>
            {
                // On point-to-point links IFA_ADDRESS is the other end and IFA_LOCAL ours; IPv6 usually has only IFA_ADDRESS.
                if (attribute != IFA_LOCAL && (attribute != IFA_ADDRESS || !address.IsNone)) return;
                if (value.Length == Ipv4Address.Size) address = Ipv4Address.Read(value);
                else if (value.Length == Ipv6Address.Size) address = Ipv6Address.Read(value);
            });
            if (!address.IsNone) addresses.Add(new HostAddress((int)MemoryMarshal.Read<uint>(body[4..]), address, body[1], body[3]));
        });
        return addresses;
    }

    /// <summary>Adds an address with global scope, without duplicate address detection.</summary>
    /// <exception cref="KernelCallException">EEXIST: it is there.</exception>
    public void AddAddress(int interfaceIndex, IpAddress address, byte prefixLength, string interfaceName) =>
        Execute(
            RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, AddressBody(interfaceIndex, address, prefixLength), "RTM_NEWADDR",
            $"{address}/{prefixLength} dev {interfaceName}", errno => errno switch
            {
                Errno.EACCES => $"IPv6 is switched off there: set net.ipv6.conf.{interfaceName}.disable_ipv6=0",
                Errno.EOPNOTSUPP or Errno.EAFNOSUPPORT => "the kernel has no support for this family",
                _ => null,
            });

    /// <summary>Removes an address; false where it is not there.</summary>
    public bool DeleteAddress(int interfaceIndex, IpAddress address, byte prefixLength, string interfaceName)
    {
        try
        {
            Execute(
                RTM_DELADDR, 0, AddressBody(interfaceIndex, address, prefixLength), "RTM_DELADDR",
                $"{address}/{prefixLength} dev {interfaceName}", _ => null);
            return true;
        }
        catch (KernelCallException e) when (e.Errno is Errno.EADDRNOTAVAIL or Errno.ENODEV)
        {
            return false;
        }
    }

    /// <summary>Whether the interface has a clsact qdisc.</summary>
    public bool HasClsact(int interfaceIndex)
    {
        bool found = false;
        Dump(RTM_GETQDISC, TcBody(interfaceIndex, 0), "qdiscs", (type, body) =>
        {
            if (type != RTM_NEWQDISC || body.Length < 20 || MemoryMarshal.Read<int>(body[4..]) != interfaceIndex) return;
            ReadAttributes(body[20..], (attribute, value) => found |= attribute == TCA_KIND && Text(value) == "clsact");
        });
        return found;
    }

    /// <summary>How many filters hang on both sides of the interface's clsact qdisc.</summary>
    public int ClsactFilters(int interfaceIndex)
    {
        int filters = 0;
        foreach (uint parent in (uint[])[ClsactIngress, ClsactEgress])
        {
            Dump(RTM_GETTFILTER, TcBody(interfaceIndex, parent), "tc filters", (type, body) =>
            {
                // A chain is listed once by itself, with handle 0, and once for each filter.
                if (type == RTM_NEWTFILTER && body.Length >= 20 && MemoryMarshal.Read<uint>(body[8..]) != 0) filters++;
            });
        }

        return filters;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static byte[] AddressBody(int interfaceIndex, IpAddress address, byte prefixLength)
    {
        int size = address.Size;
        byte[] body = new byte[8 + (2 * (4 + size))];
        bool isV6 = address.Family == IpFamily.V6;
        body[0] = isV6 ? (byte)10 : (byte)2;
        body[1] = prefixLength;
        body[2] = isV6 ? IFA_F_NODAD : (byte)0;
        MemoryMarshal.Write(body.AsSpan(4), (uint)interfaceIndex);
        int offset = 8;
        foreach (ushort attribute in (ushort[])[IFA_LOCAL, IFA_ADDRESS])
        {
            MemoryMarshal.Write(body.AsSpan(offset), (ushort)(4 + size));
            MemoryMarshal.Write(body.AsSpan(offset + 2), attribute);
            address.Write(body.AsSpan(offset + 4));
            offset += 4 + size;
        }

        return body;
    }

    // struct tcmsg: family, padding, ifindex, handle, parent, info.
    private static byte[] TcBody(int interfaceIndex, uint parent)
    {
        byte[] body = new byte[20];
        MemoryMarshal.Write(body.AsSpan(4), interfaceIndex);
        MemoryMarshal.Write(body.AsSpan(12), parent);
        return body;
    }

    private static string Text(ReadOnlySpan<byte> value) => Encoding.UTF8.GetString(value.TrimEnd((byte)0));

    private static void ReadAttributes(ReadOnlySpan<byte> octets, AttributeReader read)
    {
        while (octets.Length >= 4)
        {
            int length = MemoryMarshal.Read<ushort>(octets);
            if (length < 4 || length > octets.Length) return;
            read((ushort)(MemoryMarshal.Read<ushort>(octets[2..]) & 0x3FFF), octets[4..length]);
            octets = octets[Math.Min(octets.Length, (length + 3) & ~3)..];
        }
    }

    private void Execute(ushort type, ushort flags, byte[] body, string call, string @object, Func<int, string?> hint)
    {
        Send(type, (ushort)(flags | NLM_F_ACK), body, call, @object);
        int errno = 0;
        Receive(call, @object, (_, _) => { }, e => errno = e);
        if (errno != 0)
        {
            throw new KernelCallException(
                call, errno, @object, hint(errno) ?? (errno == Errno.EPERM ? "run it as root (CAP_NET_ADMIN)" : null));
        }
    }

    private void Dump(ushort type, byte[] body, string @object, MessageReader read)
    {
        Send(type, NLM_F_DUMP, body, "netlink dump", @object);
        int errno = 0;
        Receive("netlink dump", @object, read, e => errno = e);
        if (errno is not 0 and not Errno.ENODEV) throw new KernelCallException("netlink dump", errno, @object);
    }

    private void Send(ushort type, ushort flags, byte[] body, string call, string @object)
    {
        byte[] message = new byte[HeaderSize + ((body.Length + 3) & ~3)];
        MemoryMarshal.Write(message, (uint)(HeaderSize + body.Length));
        MemoryMarshal.Write(message.AsSpan(4), type);
        MemoryMarshal.Write(message.AsSpan(6), (ushort)(flags | NLM_F_REQUEST));
        MemoryMarshal.Write(message.AsSpan(8), ++_sequence);
        body.CopyTo(message, HeaderSize);
        fixed (byte* octets = message)
        {
            if (send(_socket, octets, (nuint)message.Length, 0) < 0)
                throw new KernelCallException(call, Marshal.GetLastPInvokeError(), @object);
        }
    }

    // One answer: messages up to NLMSG_DONE, or one NLMSG_ERROR (errno 0 is the acknowledgement).
    private void Receive(string call, string @object, MessageReader read, Action<int> finish)
    {
        while (true)
        {
            nint received;
            fixed (byte* octets = _buffer) received = recv(_socket, octets, BufferSize, 0);
            if (received < 0)
            {
                int errno = Marshal.GetLastPInvokeError();
                if (errno == Errno.EINTR) continue;
                throw new KernelCallException(call, errno, @object);
            }

            ReadOnlySpan<byte> messages = _buffer.AsSpan(0, (int)received);
            while (messages.Length >= HeaderSize)
            {
                int length = (int)MemoryMarshal.Read<uint>(messages);
                if (length < HeaderSize || length > messages.Length) throw new KernelCallException(call, Errno.EBADMSG, @object);
                ushort type = MemoryMarshal.Read<ushort>(messages[4..]);
                ReadOnlySpan<byte> body = messages[HeaderSize..length];
                bool isOurs = MemoryMarshal.Read<uint>(messages[8..]) == _sequence;
                messages = messages[Math.Min(messages.Length, (length + 3) & ~3)..];
                if (!isOurs) continue;
                if (type is NLMSG_ERROR or NLMSG_DONE)
                {
                    finish(body.Length >= 4 ? -MemoryMarshal.Read<int>(body) : 0);
                    return;
                }

                read(type, body);
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int socket(int family, int type, int protocol);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint send(SafeFileHandle socket, byte* octets, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recv(SafeFileHandle socket, byte* octets, nuint size, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getsockopt(SafeFileHandle socket, int level, int name, void* value, uint* size);
}
