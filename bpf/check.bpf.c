// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * Health checks that go the way of the users' packets. A check's socket is connected to the real server's own address, and its packets carry a
 * mark that says for which path they are. At tc egress the destination becomes the virtual address, and for TUN the packet is wrapped; the
 * next hop is the real server's already, which is all that DR is. The real server answers from the virtual address, which this host has as well
 * and so would refuse as a source: at tc ingress the answer comes from the real server's own address again.
 *
 * Read first: RFC 2003 (IPv4 in IPv4), RFC 2473 (IPv6 in IPv6), RFC 2784 (GRE), draft-ietf-intarea-gue 3 (GUE), RFC 792 and 4443 (errors).
 *
 * Packets are read and written by helpers, which keep a checksum right whether it is finished or left to hardware. Fragments of answers are
 * left alone, as they name no port. The headers of tunnels are written without checksums.
 *
 * Minimum kernel: 5.2 (BPF_F_ADJ_ROOM_ENCAP_*).
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "check.h"

#define PROTOCOL_ICMP 1
#define PROTOCOL_IPIP 4
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_IPV6 41
#define PROTOCOL_GRE 47
#define PROTOCOL_ICMPV6 58

#define IPV4_SIZE 20
#define IPV6_SIZE 40
#define IPV4_FRAGMENT 0x3fff	/* offset and "more fragments", RFC 791 3.1 */
#define IPV4_DONT_FRAGMENT 0x4000
#define IPV4_CHECKSUM 10	/* offsets within headers */
#define IPV4_SOURCE 12
#define IPV4_DESTINATION 16
#define IPV6_SOURCE 8
#define IPV6_DESTINATION 24
#define TCP_CHECKSUM 16
#define UDP_CHECKSUM 6
#define ICMP_CHECKSUM 2
#define ICMP_SIZE 8
#define ICMP_UNREACHABLE 3
#define ICMPV6_UNREACHABLE 1
#define OUTER_TTL 64

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CHECK_PATHS);
	__type(key, __u32);
	__type(value, struct check_path);
} paths SEC(".maps");

/* A conversation of a check, as its answers have it. */
struct answer {
	struct address virtual;
	struct address local;
	__be16 virtual_port;
	__be16 local_port;
	__u32 protocol;
};

/* The path of each conversation: the oldest make room. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, CHECK_ANSWERS);
	__type(key, struct answer);
	__type(value, __u32);
} answers SEC(".maps");

/* What of a packet matters: where its headers are, and who talks to whom. */
struct shape {
	struct address source;
	struct address destination;
	__be16 ports[2];
	__u32 protocol;
	__u32 ip;	/* offset of the IP header */
	__u32 l4;	/* offset of what follows it */
	__u32 is_ipv6;
	__u32 is_fragment;
};

static __always_inline int is_same(const struct address *a, const struct address *b)
{
	return !((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) | (a->words[2] ^ b->words[2]) | (a->words[3] ^ b->words[3]));
}

static __always_inline int read_ports(struct __sk_buff *skb, struct shape *shape)
{
	if (shape->protocol != PROTOCOL_TCP && shape->protocol != PROTOCOL_UDP)
		return 0;
	return bpf_skb_load_bytes(skb, shape->l4, shape->ports, sizeof(shape->ports)) == 0;
}

/* Reads the IP header at shape->ip, of a packet or of one that an error quotes; 0 when there is none. */
static __always_inline int read_ip(struct __sk_buff *skb, struct shape *shape)
{
	shape->is_fragment = 0;
	if (shape->is_ipv6) {
		struct ipv6hdr ip;

		if (bpf_skb_load_bytes(skb, shape->ip, &ip, sizeof(ip)) < 0)
			return 0;
		__builtin_memcpy(&shape->source, &ip.saddr, sizeof(shape->source));
		__builtin_memcpy(&shape->destination, &ip.daddr, sizeof(shape->destination));
		shape->protocol = ip.nexthdr;
		shape->l4 = shape->ip + IPV6_SIZE;
	} else {
		struct iphdr ip;

		if (bpf_skb_load_bytes(skb, shape->ip, &ip, sizeof(ip)) < 0 || ip.ihl < 5)
			return 0;
		map_ipv4(&shape->source, ip.saddr);
		map_ipv4(&shape->destination, ip.daddr);
		shape->protocol = ip.protocol;
		shape->l4 = shape->ip + ip.ihl * 4;
		shape->is_fragment = (ip.frag_off & bpf_htons(IPV4_FRAGMENT)) != 0;
	}
	return 1;
}

static __always_inline int read_packet(struct __sk_buff *skb, struct shape *shape)
{
	if (skb->protocol != bpf_htons(ETH_P_IP) && skb->protocol != bpf_htons(ETH_P_IPV6))
		return 0;
	shape->is_ipv6 = skb->protocol == bpf_htons(ETH_P_IPV6);
	shape->ip = ETH_HLEN;
	return read_ip(skb, shape);
}

/*
 * Writes another address at `at` of the IP header, and makes its checksum right and the one at `sum`, which covers the address by a
 * pseudo-header; 0: none does. Less than 0 when the packet cannot be written.
 */
static __always_inline int replace(struct __sk_buff *skb, const struct shape *shape, __u32 at, struct address *old, struct address *new, __u32 sum)
{
	__s64 difference = bpf_csum_diff(old->words, sizeof(old->words), new->words, sizeof(new->words), 0);
	/* A checksum of zero says that a datagram has none. */
	__u64 flags = shape->protocol == PROTOCOL_UDP ? BPF_F_PSEUDO_HDR | BPF_F_MARK_MANGLED_0 : BPF_F_PSEUDO_HDR;

	if (sum && bpf_l4_csum_replace(skb, sum, 0, difference, flags) < 0)
		return -1;
	if (shape->is_ipv6) {
		/* Where a NIC has summed up the whole packet: the helper takes it that the IP header makes up for its own change, as that of IPv4 does. */
		if (sum)
			bpf_csum_update(skb, difference);
		return bpf_skb_store_bytes(skb, shape->ip + at, new->words, sizeof(new->words), 0);
	}
	/* A copy, or the compiler makes one call of both, whose length the verifier cannot tell. */
	__u32 ipv4 = new->words[3];

	if (bpf_l3_csum_replace(skb, shape->ip + IPV4_CHECKSUM, old->words[3], new->words[3], sizeof(new->words[3])) < 0)
		return -1;
	return bpf_skb_store_bytes(skb, shape->ip + at, &ipv4, sizeof(ipv4), 0);
}

static __always_inline __u32 checksum_of(const struct shape *shape)
{
	return shape->l4 + (shape->protocol == PROTOCOL_TCP ? TCP_CHECKSUM : UDP_CHECKSUM);
}

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* UDP and GUE, or GRE, for what is inside; how many octets were written, all of them in network order. */
static __always_inline __u32 write_shim(const struct check_path *path, const struct shape *shape, __u32 payload, __be16 *shim)
{
	if (path->kind == CHECK_GRE) {
		shim[0] = 0;
		shim[1] = bpf_htons(shape->is_ipv6 ? ETH_P_IPV6 : ETH_P_IP);
		return CHECK_GRE_SIZE;
	}
	/* A port of the private range, one for each conversation, so that routers spread them (RFC 7510 3). */
	shim[0] = shape->ports[0] | bpf_htons(0xc000);
	shim[1] = path->port;
	shim[2] = bpf_htons(payload + CHECK_GUE_SIZE);
	shim[3] = 0;
	shim[4] = bpf_htons(shape->is_ipv6 ? PROTOCOL_IPV6 : PROTOCOL_IPIP);
	shim[5] = 0;
	return CHECK_GUE_SIZE;
}

/* Wraps the packet; less than 0 when the kernel refuses. */
static __always_inline int wrap(struct __sk_buff *skb, const struct check_path *path, const struct shape *shape)
{
	/* Written whole: the path may become another kind between two readings of it, and Linux 5.15 refuses to send what nobody has written. */
	__be16 shim[CHECK_GUE_SIZE / 2] = {};
	__u32 payload = skb->len - ETH_HLEN, size = 0;
	__u8 protocol = path->kind == CHECK_GRE ? PROTOCOL_GRE : path->kind == CHECK_GUE ? PROTOCOL_UDP : shape->is_ipv6 ? PROTOCOL_IPV6 : PROTOCOL_IPIP;
	__u64 flags = path->kind == CHECK_GRE ? BPF_F_ADJ_ROOM_ENCAP_L4_GRE : path->kind == CHECK_GUE ? BPF_F_ADJ_ROOM_ENCAP_L4_UDP : 0;

	if (path->kind == CHECK_GRE || path->kind == CHECK_GUE)
		size = write_shim(path, shape, payload, shim);
	if (shape->is_ipv6) {
		struct ipv6hdr ip = {
			.version = 6, .payload_len = bpf_htons(payload + size), .nexthdr = protocol, .hop_limit = OUTER_TTL,
		};

		__builtin_memcpy(&ip.saddr, &shape->source, sizeof(ip.saddr));
		__builtin_memcpy(&ip.daddr, &path->real, sizeof(ip.daddr));
		if (bpf_skb_adjust_room(skb, sizeof(ip) + size, BPF_ADJ_ROOM_MAC, flags | BPF_F_ADJ_ROOM_ENCAP_L3_IPV6) < 0 ||
		    bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0) < 0)
			return -1;
	} else {
		struct iphdr ip = {
			.version = 4, .ihl = 5, .tot_len = bpf_htons(IPV4_SIZE + size + payload), .frag_off = bpf_htons(IPV4_DONT_FRAGMENT), .ttl = OUTER_TTL,
			.protocol = protocol, .saddr = shape->source.words[3], .daddr = path->real.words[3],
		};

		ip.check = fold(bpf_csum_diff(0, 0, (__be32 *)&ip, sizeof(ip), 0));
		if (bpf_skb_adjust_room(skb, sizeof(ip) + size, BPF_ADJ_ROOM_MAC, flags | BPF_F_ADJ_ROOM_ENCAP_L3_IPV4) < 0 ||
		    bpf_skb_store_bytes(skb, ETH_HLEN, &ip, sizeof(ip), 0) < 0)
			return -1;
	}
	__u32 at = ETH_HLEN + (shape->is_ipv6 ? IPV6_SIZE : IPV4_SIZE);

	if (path->kind == CHECK_GRE)
		return bpf_skb_store_bytes(skb, at, shim, CHECK_GRE_SIZE, 0);
	return path->kind == CHECK_GUE ? bpf_skb_store_bytes(skb, at, shim, CHECK_GUE_SIZE, 0) : 0;
}

/* tc egress: what carries the mark of a path goes that way. */
SEC("tc")
int check_out(struct __sk_buff *skb)
{
	struct shape shape = {};
	struct answer answer = {};
	__u32 index = skb->mark - CHECK_MARK;

	if (index >= CHECK_PATHS || !read_packet(skb, &shape))
		return TC_ACT_UNSPEC;
	struct check_path *path = bpf_map_lookup_elem(&paths, &index);

	/* Only what is for the real server itself: of a path that is gone, or gone this way already below a VLAN device, nothing is. */
	if (!path || path->kind == CHECK_NONE || !is_same(&shape.destination, &path->real) || shape.is_fragment || !read_ports(skb, &shape))
		return TC_ACT_UNSPEC;
	answer.virtual = path->virtual;
	answer.local = shape.source;
	answer.virtual_port = shape.ports[1];
	answer.local_port = shape.ports[0];
	answer.protocol = shape.protocol;
	bpf_map_update_elem(&answers, &answer, &index, BPF_ANY);
	if (replace(skb, &shape, shape.is_ipv6 ? IPV6_DESTINATION : IPV4_DESTINATION, &shape.destination, &path->virtual, checksum_of(&shape)) < 0)
		return TC_ACT_SHOT;
	return path->kind == CHECK_DIRECT || wrap(skb, path, &shape) == 0 ? TC_ACT_UNSPEC : TC_ACT_SHOT;
}

/* The path of a check's packet whose answer this is, or NULL. */
static __always_inline struct check_path *find_path(const struct address *virtual, const struct address *local, __be16 virtual_port, __be16 local_port, __u32 protocol)
{
	struct answer answer = {.virtual = *virtual, .local = *local, .virtual_port = virtual_port, .local_port = local_port, .protocol = protocol};
	__u32 *index = bpf_map_lookup_elem(&answers, &answer);
	struct check_path *path = index ? bpf_map_lookup_elem(&paths, index) : 0;

	/* The path may have gone since, and its place may be another's. */
	return path && path->kind != CHECK_NONE && is_same(&path->virtual, virtual) ? path : 0;
}

/* "Unreachable" about a check's packet: what it quotes, and who says it if that is the virtual address, become the real server's. */
static __always_inline int restore_error(struct __sk_buff *skb, struct shape *error)
{
	struct shape quoted = {.ip = error->l4 + ICMP_SIZE, .is_ipv6 = error->is_ipv6};
	__u8 type;

	if (bpf_skb_load_bytes(skb, error->l4, &type, sizeof(type)) < 0 || type != (error->is_ipv6 ? ICMPV6_UNREACHABLE : ICMP_UNREACHABLE))
		return TC_ACT_UNSPEC;
	if (!read_ip(skb, &quoted) || quoted.is_fragment || !read_ports(skb, &quoted))
		return TC_ACT_UNSPEC;
	struct check_path *path = find_path(&quoted.destination, &quoted.source, quoted.ports[1], quoted.ports[0], quoted.protocol);

	if (!path)
		return TC_ACT_UNSPEC;
	/* The quoted IPv4 header's checksum makes up for the address in the sum of the error; the quoted IPv6 header has none. */
	if (error->is_ipv6) {
		__s64 difference = bpf_csum_diff(quoted.destination.words, sizeof(quoted.destination.words), path->real.words, sizeof(path->real.words), 0);

		if (bpf_l4_csum_replace(skb, error->l4 + ICMP_CHECKSUM, 0, difference, 0) < 0 ||
		    bpf_skb_store_bytes(skb, quoted.ip + IPV6_DESTINATION, path->real.words, sizeof(path->real.words), 0) < 0)
			return TC_ACT_SHOT;
	} else if (replace(skb, &quoted, IPV4_DESTINATION, &quoted.destination, &path->real, 0) < 0) {
		return TC_ACT_SHOT;
	}
	if (!is_same(&error->source, &path->virtual))
		return TC_ACT_UNSPEC;
	return replace(skb, error, error->is_ipv6 ? IPV6_SOURCE : IPV4_SOURCE, &error->source, &path->real, error->is_ipv6 ? error->l4 + ICMP_CHECKSUM : 0) < 0
		? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

/* tc ingress: what answers a check comes from the real server again. */
SEC("tc")
int check_in(struct __sk_buff *skb)
{
	struct shape shape = {};

	if (!read_packet(skb, &shape) || shape.is_fragment)
		return TC_ACT_UNSPEC;
	if (shape.protocol == (shape.is_ipv6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP))
		return restore_error(skb, &shape);
	if (!read_ports(skb, &shape))
		return TC_ACT_UNSPEC;
	struct check_path *path = find_path(&shape.source, &shape.destination, shape.ports[0], shape.ports[1], shape.protocol);

	if (!path)
		return TC_ACT_UNSPEC;
	return replace(skb, &shape, shape.is_ipv6 ? IPV6_SOURCE : IPV4_SOURCE, &shape.source, &path->real, checksum_of(&shape)) < 0 ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
