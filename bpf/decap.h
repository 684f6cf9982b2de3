/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/* What a real server's decapsulation knows (its maps, filled by netvs realserver), counts, and takes down of an outer header. */
#ifndef NETVS_DECAP_H
#define NETVS_DECAP_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "realserver.h"

/* Newer than the headers of the distributions this is compiled on. */
#define DECAP_L3_IPV4 (1ULL << 7)
#define DECAP_L3_IPV6 (1ULL << 8)

#define PROTOCOL_IPIP 4
#define PROTOCOL_UDP 17
#define PROTOCOL_IPV6 41
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_GRE 47
#define PROTOCOL_DESTINATION_OPTIONS 60

#define ECN_MASK 3
#define ECN_NOT_CAPABLE 0
#define ECN_ECT1 1
#define ECN_ECT0 2
#define ECN_CE 3

#define IPV4_FRAGMENT 0x3fff	/* offset and "more fragments", RFC 791 3.1 */
#define IPV4_OFFSET 0x1fff
#define IPV6_OFFSET 0xfff8
#define PACKET_FOR_US 0		/* PACKET_HOST, linux/if_packet.h */

#define GRE_SIZE 4
#define GRE_SIZE_WITH_CHECKSUM 8
#define GRE_CHECKSUM 0x8000
#define UDP_SIZE 8
#define UDP_CHECKSUM 6		/* its offset; TCP's is 16 */
#define GUE_SIZE 4
#define GUE_VERSION_AND_CONTROL 0xe0
#define GUE_LENGTH 0x1f		/* of the fields, in words */
#define GUE_PRIVATE 0x0001
#define GUE_REMOTE_CHECKSUM 0x80000000
#define GUE_REMOTE_WORDS 2

#define CHUNK 512		/* the most bpf_csum_diff sums up at once */
#define CHUNKS 128		/* of the longest packet */

#define UNWRAP (-2)		/* no TC_ACT_* */

/* The VIPs: the inner destinations that are unwrapped. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct address);
	__type(value, __u32);
} vips SEC(".maps");

/* This host's own addresses: the outer destinations that are unwrapped. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct address);
	__type(value, __u32);
} locals SEC(".maps");

/* The UDP ports of GUE tunnels, in network order. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u32);
} gue_ports SEC(".maps");

/* Room for a piece of a packet: it does not fit the stack. */
struct chunk {
	__u64 words[CHUNK / 8];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct chunk);
} chunks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, DECAP_OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* The outer header, as far as the rest needs it. */
struct outer {
	struct address source;
	__u32 length;		/* octets to remove */
	__u32 payload;		/* octets of the packet inside, as the outer header has it */
	__u8 inner_protocol;	/* PROTOCOL_IPIP or PROTOCOL_IPV6; before parse_shim what the outer IP header says */
	__u8 ecn;
	__u16 ether_type;
	__u16 sum_from;		/* remote checksum: where it begins, counted from the packet inside */
	__u16 sum_at;		/* where it is stored; 0: there is none */
};

static __always_inline int leave(enum decap_outcome outcome, int action)
{
	__u32 index = outcome;
	__u64 *counter = bpf_map_lookup_elem(&counters, &index);

	if (counter)
		*counter += 1;
	return action;
}

static __always_inline void copy_ipv6(struct address *address, const struct in6_addr *ipv6)
{
	__builtin_memcpy(address, ipv6, sizeof(*address));
}

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static __always_inline int is_tunnel(__u8 protocol)
{
	return protocol == PROTOCOL_IPIP || protocol == PROTOCOL_IPV6 || protocol == PROTOCOL_GRE;
}

#endif
