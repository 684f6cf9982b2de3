/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * What the two ways of rewriting have in common: checksums, and the outer header of a tunnel.
 *
 * A tunnel's front is the outer IP header and, for GRE and GUE, up to three words behind it; the first of them has the place that
 * `ports` has in struct flow_ipv4 and flow_ipv6.
 *
 * Read first: RFC 1624 equation 3 (HC' = ~(~HC + ~m + m'); a delta is the sum of all ~m + m', and words may be added in any byte order
 * that is the same for all), RFC 2003 and RFC 2473 (IP in IP), RFC 2784 (GRE),
 * draft-ietf-intarea-gue 3 (GUE), RFC 3168 9.1.1 (ECN).
 */
#ifndef NETVS_FLOW_REWRITE_H
#define NETVS_FLOW_REWRITE_H

#include "flow_maps.h"

#define IPV4_DONT_FRAGMENT 0x4000
#define ECN_MASK 3
#define ECN_CONGESTED 3
#define ECN_CAPABLE_0 2

#define GRE_SIZE 4
#define GUE_SIZE 12 /* UDP's header and GUE's */

/* The TTL stands in a word's low octet, as this processor loads it: ~m + m' of one less is this. */
#define DELTA_OF_TTL 0xfffeULL

/* Not packed: the compiler would load octet by octet. Nothing has a gap by itself. */
struct flow_ipv4 {
	__u8 version;
	__u8 tos;
	__be16 length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__u16 checksum;
	__be32 source;
	__be32 target;
	__be32 ports; /* of the L4 header behind it */
};

struct flow_ipv6 {
	__be32 version;
	__be16 length;
	__u8 next;
	__u8 ttl;
	__be32 source[4];
	__be32 target[4];
	__be32 ports; /* of the L4 header behind it */
};

/* The fronts of tunnels. */
struct flow_front4 {
	struct flow_ipv4 ip;
	__be32 rest[2];
};

struct flow_front6 {
	struct flow_ipv6 ip;
	__be32 rest[2];
};

static __always_inline int flow_is_tunnel(const struct flow_pass *pass)
{
	return (pass->action & FLOW_KIND) >= FLOW_TUNNEL;
}

/* Octets between the two IP headers. */
static __always_inline int flow_shim_size(const struct flow_pass *pass)
{
	__u8 kind = pass->action & FLOW_KIND;
	return kind == FLOW_GUE ? GUE_SIZE : kind == FLOW_GRE ? GRE_SIZE : 0;
}

static __always_inline __u8 flow_outer_protocol(const struct flow_pass *pass, __u8 inner)
{
	__u8 kind = pass->action & FLOW_KIND;
	return kind == FLOW_GUE ? PROTOCOL_UDP : kind == FLOW_GRE ? PROTOCOL_GRE : inner;
}

/* What stands between the two IP headers. `first` and `rest` are its words: as many as there are. */
static __always_inline void flow_write_shim(__be32 *first, __be32 *rest, const int family, const struct flow_pass *pass)
{
	__u8 kind = pass->action & FLOW_KIND;
	if (kind == FLOW_GRE)
		*first = bpf_htonl(family == 4 ? ETHER_IPV4 : ETHER_IPV6);
	if (kind != FLOW_GUE)
		return;
	*first = bpf_htonl(pass->sequence_delta);
	rest[0] = bpf_htonl((__u32)(pass->ip_length + GUE_SIZE) << 16);
	rest[1] = bpf_htonl((__u32)(family == 4 ? PROTOCOL_IPIP : PROTOCOL_IPV6) << 16);
}

/* Folds a sum below 2^36: at most sixteen words of 32 bits. */
static __always_inline __u16 flow_fold(__u64 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

static __always_inline __u64 flow_delta(__u32 old, __u32 new)
{
	return (__u64)(__u32)~old + new;
}

/* A checksum field after a change; `delta` below 2^35. */
static __always_inline __u16 flow_apply(__u16 checksum, __u64 delta)
{
	return ~flow_fold((__u16)~checksum + delta);
}

static __always_inline __u64 flow_replace_ends4(struct flow_ipv4 *ip, const struct flow_pass *pass)
{
	__u64 delta = flow_delta(ip->source, pass->new_source[0]) + flow_delta(ip->target, pass->new_target[0]);
	ip->source = pass->new_source[0];
	ip->target = pass->new_target[0];
	return delta;
}

/* Puts the new ends in place; what that does to checksums, folded, else it would be too large for flow_apply. */
static __always_inline __u64 flow_replace_ends6(struct flow_ipv6 *ip, const struct flow_pass *pass)
{
	__u64 delta = 0;
	/* Word by word, else the compiler keeps all of them on the stack. */
#pragma unroll
	for (int i = 0; i < 4; i++) {
		delta += flow_delta(ip->source[i], pass->new_source[i]);
		ip->source[i] = pass->new_source[i];
	}
#pragma unroll
	for (int i = 0; i < 4; i++) {
		delta += flow_delta(ip->target[i], pass->new_target[i]);
		ip->target[i] = pass->new_target[i];
	}
	return flow_fold(delta);
}

/* Where a shifted number is in the TCP header: 0 when this segment has none. */
static __always_inline __u32 flow_shifted_field(const struct flow_pass *pass, __u8 tcp_flags)
{
	if (!pass->sequence_delta)
		return 0;
	if (!(pass->action & FLOW_REPLY))
		return 4; /* the sequence number */
	return tcp_flags & 0x10 ? 8 : 0; /* the acknowledgment number */
}

static __always_inline __be32 flow_shift(const struct flow_pass *pass, __be32 number)
{
	__u32 host = bpf_ntohl(number);
	return bpf_htonl(pass->action & FLOW_REPLY ? host - pass->sequence_delta : host + pass->sequence_delta);
}

/* RFC 3168 9.1.1, full functionality: a mark that is already set must not be counted twice. */
static __always_inline __u8 flow_outer_tos(__u8 tos)
{
	return (tos & ECN_MASK) == ECN_CONGESTED ? (tos & ~ECN_MASK) | ECN_CAPABLE_0 : tos;
}

/* The outer header of a packet that is already one hop older. */
static __always_inline void flow_write_outer4(struct flow_ipv4 *outer, const struct flow_ipv4 *inner, const struct flow_pass *pass)
{
	int is_whole = (pass->action & FLOW_OUTER_DF) && (inner->fragment & bpf_htons(IPV4_DONT_FRAGMENT));
	__u64 sum = 0;
	outer->version = 0x45;
	outer->tos = flow_outer_tos(inner->tos);
	outer->length = bpf_htons(pass->ip_length + IPV4_SIZE + flow_shim_size(pass));
	/* RFC 6864 4.1: a packet that is never cut needs no identification. */
	outer->id = is_whole ? 0 : bpf_get_prandom_u32();
	outer->fragment = is_whole ? bpf_htons(IPV4_DONT_FRAGMENT) : 0;
	outer->ttl = inner->ttl;
	outer->protocol = flow_outer_protocol(pass, PROTOCOL_IPIP);
	outer->checksum = 0;
	outer->source = pass->new_source[0];
	outer->target = pass->new_target[0];
	__u32 words[IPV4_SIZE / 4];
	__builtin_memcpy(words, outer, sizeof(words));
#pragma unroll
	for (int i = 0; i < IPV4_SIZE / 4; i++)
		sum += words[i];
	outer->checksum = ~flow_fold(sum);
}

static __always_inline void flow_write_outer6(struct flow_ipv6 *outer, const struct flow_ipv6 *inner, const struct flow_pass *pass)
{
	__u8 tos = flow_outer_tos(bpf_ntohl(inner->version) >> 20);
	outer->version = bpf_htonl(6U << 28 | (__u32)tos << 20);
	outer->length = bpf_htons(pass->ip_length + flow_shim_size(pass));
	outer->next = flow_outer_protocol(pass, PROTOCOL_IPV6);
	outer->ttl = inner->ttl;
	__builtin_memcpy(outer->source, pass->new_source, sizeof(outer->source));
	__builtin_memcpy(outer->target, pass->new_target, sizeof(outer->target));
}

#endif
