namespace NetVS.Linux.Vrrp;

#pragma warning disable CS1591 // the names are the documentation: linux/netfilter/nf_tables.h, nfnetlink.h

/// <summary>Constants of linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h and linux/netfilter.h, under their own names.</summary>
internal static class NfTables
{
    public const ushort NFNL_MSG_BATCH_BEGIN = 0x10, NFNL_MSG_BATCH_END = 0x11, NFNL_SUBSYS_NFTABLES = 10;
    public const ushort NFT_MSG_NEWTABLE = 0, NFT_MSG_DELTABLE = 2, NFT_MSG_NEWCHAIN = 3, NFT_MSG_NEWRULE = 6, NFT_MSG_NEWSET = 9, NFT_MSG_NEWSETELEM = 12;
    public const byte NFPROTO_IPV4 = 2, NFPROTO_IPV6 = 10;
    public const uint NF_DROP = 0, NF_ACCEPT = 1, NF_INET_LOCAL_IN = 1, NF_INET_LOCAL_OUT = 3;
    public const int NFTA_LIST_ELEM = 1, NFTA_TABLE_NAME = 1;
    public const int NFTA_CHAIN_TABLE = 1, NFTA_CHAIN_NAME = 3, NFTA_CHAIN_HOOK = 4, NFTA_CHAIN_TYPE = 7, NFTA_HOOK_HOOKNUM = 1, NFTA_HOOK_PRIORITY = 2;
    public const int NFTA_SET_TABLE = 1, NFTA_SET_NAME = 2, NFTA_SET_FLAGS = 3, NFTA_SET_KEY_TYPE = 4, NFTA_SET_KEY_LEN = 5, NFTA_SET_ID = 10;
    public const int NFTA_SET_ELEM_LIST_TABLE = 1, NFTA_SET_ELEM_LIST_SET = 2, NFTA_SET_ELEM_LIST_ELEMENTS = 3, NFTA_SET_ELEM_KEY = 1, NFTA_DATA_VALUE = 1;
    public const int NFTA_RULE_TABLE = 1, NFTA_RULE_CHAIN = 2, NFTA_RULE_EXPRESSIONS = 4, NFTA_EXPR_NAME = 1, NFTA_EXPR_DATA = 2;
    public const int NFTA_PAYLOAD_DREG = 1, NFTA_PAYLOAD_BASE = 2, NFTA_PAYLOAD_OFFSET = 3, NFTA_PAYLOAD_LEN = 4;
    public const int NFTA_LOOKUP_SET = 1, NFTA_LOOKUP_SREG = 2, NFTA_LOOKUP_SET_ID = 4;
    public const int NFTA_META_DREG = 1, NFTA_META_KEY = 2, NFTA_CMP_SREG = 1, NFTA_CMP_OP = 2, NFTA_CMP_DATA = 3;
    public const int NFTA_IMMEDIATE_DREG = 1, NFTA_IMMEDIATE_DATA = 2, NFTA_DATA_VERDICT = 2, NFTA_VERDICT_CODE = 1;
    public const uint NFT_REG_VERDICT = 0, NFT_REG_1 = 1, NFT_PAYLOAD_NETWORK_HEADER = 1, NFT_PAYLOAD_TRANSPORT_HEADER = 2, NFT_META_L4PROTO = 16;
    public const uint NFT_CMP_EQ = 0, NFT_CMP_LTE = 3, NFT_CMP_GTE = 5;
}
