// Reference §9.6: what keepalived's table does, in one of our own.
using System.Buffers.Binary;
using NetVS.Linux.Netlink;
using NetVS.Packets;
using static NetVS.Linux.Vrrp.NfTables;

namespace NetVS.Linux.Vrrp;

/// <summary>Keeps packets to and from addresses away from this host's own programs: a table of nftables, <see cref="TableName"/>, for each family.</summary>
/// <remarks>
/// Neighbour discovery passes, so that others find the address. What the director forwards never comes to these hooks. Every change replaces the tables in one
/// transaction: at no time is there less than before or after. Minimum kernel: 4.1. Of the network namespace of the thread that makes it. Thread: the owner's.
/// </remarks>
public sealed class AddressFilter : IDisposable
{
    /// <summary>The tables' name, as <c>nft list ruleset</c> shows it.</summary>
    public const string TableName = "netvs_vrrp";

    private const string SetName = "addresses";
    private const uint FirstNeighbourMessage = 133, LastNeighbourMessage = 137, IPPROTO_ICMPV6 = 58;

    // Before other filters (priority 0), as keepalived's.
    private const int Priority = -1;
    private readonly NetlinkSocket _socket = new(isNonBlocking: true, NetlinkNative.NETLINK_NETFILTER);
    private readonly NetlinkWriter _writer = new();
    private uint _sequence;

    /// <summary>Filters these addresses, and no others; none removes the tables.</summary>
    /// <returns>0, or the errno: nothing was changed then.</returns>
    public int Set(IReadOnlyCollection<IpAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        _writer.Clear();
        Batch(NFNL_MSG_BATCH_BEGIN);
        Replace(NFPROTO_IPV4, [.. addresses.Where(a => a.Family == IpFamily.V4).Distinct()]);
        Replace(NFPROTO_IPV6, [.. addresses.Where(a => a.Family == IpFamily.V6).Distinct()]);
        Batch(NFNL_MSG_BATCH_END);
        _socket.Send(_writer.Octets);
        return ReadAnswers();
    }

    /// <summary>Whether this kernel filters: an empty transaction is tried.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Probe()
    {
        try
        {
            using var filter = new AddressFilter();
            filter._writer.Clear();
            filter.Batch(NFNL_MSG_BATCH_BEGIN);
            filter.Begin(NFT_MSG_NEWTABLE, NFPROTO_IPV4).Attribute(NFTA_TABLE_NAME, TableName + "_probe").End();
            filter.Begin(NFT_MSG_DELTABLE, NFPROTO_IPV4).Attribute(NFTA_TABLE_NAME, TableName + "_probe").End();
            filter.Batch(NFNL_MSG_BATCH_END);
            filter._socket.Send(filter._writer.Octets);
            return filter.ReadAnswers();
        }
        catch (KernelCallException e)
        {
            return e.Errno;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    // A table that is added before it is deleted is there to be deleted.
    private void Replace(byte family, IpAddress[] addresses)
    {
        Begin(NFT_MSG_NEWTABLE, family).Attribute(NFTA_TABLE_NAME, TableName).End();
        Begin(NFT_MSG_DELTABLE, family).Attribute(NFTA_TABLE_NAME, TableName).End();
        if (addresses.Length == 0) return;
        int size = addresses[0].Size;
        Begin(NFT_MSG_NEWTABLE, family).Attribute(NFTA_TABLE_NAME, TableName).End();

        // The type of the keys is for nft(8) alone, which prints them by it: 7 is ipv4_addr, 8 ipv6_addr.
        Begin(NFT_MSG_NEWSET, family).Attribute(NFTA_SET_TABLE, TableName).Attribute(NFTA_SET_NAME, SetName).AttributeBigEndian(NFTA_SET_FLAGS, 0)
            .AttributeBigEndian(NFTA_SET_KEY_TYPE, family == NFPROTO_IPV4 ? 7u : 8).AttributeBigEndian(NFTA_SET_KEY_LEN, (uint)size).AttributeBigEndian(NFTA_SET_ID, 1).End();
        foreach (IpAddress[] some in addresses.Chunk(256)) AddElements(family, some);
        AddChain(family, "in", NF_INET_LOCAL_IN);
        AddChain(family, "out", NF_INET_LOCAL_OUT);
        (uint source, uint destination) = family == NFPROTO_IPV4 ? (12u, 16u) : (8u, 24u);
        AddDrop(family, "in", destination, (uint)size);
        AddDrop(family, "out", source, (uint)size);
    }

    private void AddElements(byte family, IpAddress[] addresses)
    {
        NetlinkWriter w = Begin(NFT_MSG_NEWSETELEM, family).Attribute(NFTA_SET_ELEM_LIST_TABLE, TableName).Attribute(NFTA_SET_ELEM_LIST_SET, SetName);
        int list = w.BeginNested(NFTA_SET_ELEM_LIST_ELEMENTS);
        foreach (IpAddress address in addresses)
        {
            int element = w.BeginNested(NFTA_LIST_ELEM), key = w.BeginNested(NFTA_SET_ELEM_KEY);
            w.Attribute(NFTA_DATA_VALUE, address).EndNested(key);
            w.EndNested(element);
        }

        w.EndNested(list);
        w.End();
    }

    private void AddChain(byte family, string name, uint hook)
    {
        NetlinkWriter w = Begin(NFT_MSG_NEWCHAIN, family).Attribute(NFTA_CHAIN_TABLE, TableName).Attribute(NFTA_CHAIN_NAME, name);
        int nested = w.BeginNested(NFTA_CHAIN_HOOK);
        w.AttributeBigEndian(NFTA_HOOK_HOOKNUM, hook).AttributeBigEndian(NFTA_HOOK_PRIORITY, unchecked((uint)Priority)).EndNested(nested);
        w.Attribute(NFTA_CHAIN_TYPE, "filter").End();
    }

    private void AddDrop(byte family, string chain, uint offset, uint size)
    {
        if (family == NFPROTO_IPV6) AddNeighbourDiscovery(chain);
        int rule = BeginRule(family, chain);
        Load(NFT_PAYLOAD_NETWORK_HEADER, offset, size);
        Expression("lookup", w => w.Attribute(NFTA_LOOKUP_SET, SetName).AttributeBigEndian(NFTA_LOOKUP_SREG, NFT_REG_1).AttributeBigEndian(NFTA_LOOKUP_SET_ID, 1));
        Verdict(NF_DROP);
        _writer.EndNested(rule);
        _writer.End();
    }

    private void AddNeighbourDiscovery(string chain)
    {
        int rule = BeginRule(NFPROTO_IPV6, chain);
        Expression("meta", static w => w.AttributeBigEndian(NFTA_META_DREG, NFT_REG_1).AttributeBigEndian(NFTA_META_KEY, NFT_META_L4PROTO));
        Compare(NFT_CMP_EQ, IPPROTO_ICMPV6);
        Load(NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
        Compare(NFT_CMP_GTE, FirstNeighbourMessage);
        Compare(NFT_CMP_LTE, LastNeighbourMessage);
        Verdict(NF_ACCEPT);
        _writer.EndNested(rule);
        _writer.End();
    }

    private int BeginRule(byte family, string chain) =>
        Begin(NFT_MSG_NEWRULE, family).Attribute(NFTA_RULE_TABLE, TableName).Attribute(NFTA_RULE_CHAIN, chain).BeginNested(NFTA_RULE_EXPRESSIONS);

    private void Load(uint @base, uint offset, uint size) => Expression("payload", w => w.AttributeBigEndian(NFTA_PAYLOAD_DREG, NFT_REG_1)
        .AttributeBigEndian(NFTA_PAYLOAD_BASE, @base).AttributeBigEndian(NFTA_PAYLOAD_OFFSET, offset).AttributeBigEndian(NFTA_PAYLOAD_LEN, size));

    private void Compare(uint operation, uint octet) => Expression("cmp", w =>
    {
        w.AttributeBigEndian(NFTA_CMP_SREG, NFT_REG_1).AttributeBigEndian(NFTA_CMP_OP, operation);
        int data = w.BeginNested(NFTA_CMP_DATA);
        w.Attribute8(NFTA_DATA_VALUE, (byte)octet).EndNested(data);
    });

    private void Verdict(uint code) => Expression("immediate", w =>
    {
        w.AttributeBigEndian(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
        int data = w.BeginNested(NFTA_IMMEDIATE_DATA), verdict = w.BeginNested(NFTA_DATA_VERDICT);
        w.AttributeBigEndian(NFTA_VERDICT_CODE, code).EndNested(verdict);
        w.EndNested(data);
    });

    private void Expression(string name, Action<NetlinkWriter> write)
    {
        int element = _writer.BeginNested(NFTA_LIST_ELEM);
        int data = _writer.Attribute(NFTA_EXPR_NAME, name).BeginNested(NFTA_EXPR_DATA);
        write(_writer);
        _writer.EndNested(data);
        _writer.EndNested(element);
    }

    // struct nfgenmsg: family, version 0, and the subsystem in network order where a batch begins and ends.
    private void Batch(ushort type) =>
        _writer.Begin(type, 0, ++_sequence).U8(0).U8(0).U16(BinaryPrimitives.ReverseEndianness(NFNL_SUBSYS_NFTABLES)).End();

    // Appended: a rule goes to the head of its chain otherwise, and what passes must be known before what is dropped.
    private NetlinkWriter Begin(ushort message, byte family) => _writer
        .Begin((ushort)((NFNL_SUBSYS_NFTABLES << 8) | message), (ushort)(Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_APPEND | Rtnetlink.NLM_F_ACK), ++_sequence).U8(family).U8(0).U16(0);

    // The kernel has answered everything before it returns from sending.
    private int ReadAnswers()
    {
        int first = 0;
        while (_socket.Receive(out ReadOnlySpan<byte> octets) == NetlinkSocket.ReceiveResult.Received)
        {
            var reader = new NetlinkReader(octets);
            while (reader.TryRead(out NetlinkMessage message))
                if (first == 0 && message.Type == Rtnetlink.NLMSG_ERROR) first = NetlinkRequests.ErrorOf(message);
        }

        return first;
    }
}
