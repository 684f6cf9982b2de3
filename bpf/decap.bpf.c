// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * The receiving end of LVS tunnelling, for kernels without the ipip, ip6_tunnel, gre and fou devices: at tc ingress of a real server
 * the outer headers come off and the packet goes on into the stack as if it had come that way.
 *
 * Read first: RFC 2003 (IPv4 in IPv4), RFC 2473 (in IPv6), RFC 4213 3.6 (IPv6 in IPv4), RFC 2784 (GRE), draft-ietf-intarea-gue 3 and
 * draft-herbert-remotecsumoffload 2 (GUE), RFC 6040 4.2 (ECN on the way out).
 *
 * Only packets whose outer destination is an address of this host and whose inner destination is a configured VIP are touched. The
 * checksum of GRE and of GUE's UDP is not verified: that of the packet inside is, by the stack, and covers what the server gets.
 * Packets are read with bpf_skb_load_bytes, not through data pointers: a GRO packet's headers need not be in the linear part.
 *
 * Minimum kernel: 5.3 (bounded loops); 6.3 where the two families are mixed
 * (BPF_F_ADJ_ROOM_DECAP_L3_*).
 */
#include "decap.h"

/* Whether UDP at `at` is for a GUE tunnel of ours. */
static __always_inline int is_gue(struct __sk_buff *skb, __u32 at)
{
	__be16 ports[2];
	__u32 key;

	if (bpf_skb_load_bytes(skb, at, ports, sizeof(ports)) < 0)
		return 0;
	key = ports[1];
	return bpf_map_lookup_elem(&gue_ports, &key) != 0;
}

/* GRE as the director writes it: a checksum at most. Others' (keys, sequence numbers, other protocols) is left alone. */
static __always_inline int parse_gre(struct __sk_buff *skb, struct outer *outer)
{
	__be16 header[2];
	__u16 flags, type;
	__u32 size;

	if (bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, header, sizeof(header)) < 0)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	flags = bpf_ntohs(header[0]);
	type = bpf_ntohs(header[1]);
	if ((flags & ~GRE_CHECKSUM) || (type != ETH_P_IP && type != ETH_P_IPV6))
		return TC_ACT_UNSPEC;
	size = flags & GRE_CHECKSUM ? GRE_SIZE_WITH_CHECKSUM : GRE_SIZE;
	if (outer->payload < size)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	outer->length += size;
	outer->payload -= size;
	outer->inner_protocol = type == ETH_P_IP ? PROTOCOL_IPIP : PROTOCOL_IPV6;
	return UNWRAP;
}

/* UDP and GUE as the director writes them: no field, or the remote checksum. What else the port is sent is dropped, as fou does. */
static __always_inline int parse_gue(struct __sk_buff *skb, struct outer *outer)
{
	__be32 headers[(UDP_SIZE + GUE_SIZE) / 4];
	const __u8 *octets = (const __u8 *)headers;
	__u32 size = UDP_SIZE + GUE_SIZE, length;
	__u16 flags;

	if (outer->payload < size || bpf_skb_load_bytes(skb, ETH_HLEN + outer->length, headers, sizeof(headers)) < 0)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	length = bpf_ntohs(((const __be16 *)headers)[2]);
	flags = bpf_ntohs(((const __be16 *)headers)[5]);
	if (length < size || length > outer->payload || (octets[8] & GUE_VERSION_AND_CONTROL) ||
	    (octets[9] != PROTOCOL_IPIP && octets[9] != PROTOCOL_IPV6))
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	outer->payload = length;
	outer->inner_protocol = octets[9];
	if (flags) {
		__be32 fields[GUE_REMOTE_WORDS];

		if (flags != GUE_PRIVATE || (octets[8] & GUE_LENGTH) != GUE_REMOTE_WORDS || length < size + sizeof(fields) ||
		    bpf_skb_load_bytes(skb, ETH_HLEN + outer->length + size, fields, sizeof(fields)) < 0 ||
		    fields[0] != bpf_htonl(GUE_REMOTE_CHECKSUM))
			return leave(DECAP_MALFORMED, TC_ACT_SHOT);
		size += sizeof(fields);
		outer->sum_from = bpf_ntohl(fields[1]) >> 16;
		outer->sum_at = bpf_ntohl(fields[1]);
		/* The field lies in what it sums up, and all of it in the packet. */
		if (outer->sum_at < outer->sum_from || outer->sum_at + 2U > length - size)
			return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	} else if (octets[8] & GUE_LENGTH) {
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	}
	outer->length += size;
	outer->payload -= size;
	return UNWRAP;
}

/* What stands between the outer IP header and the packet inside; UNWRAP, or the action to return. */
static __always_inline int parse_shim(struct __sk_buff *skb, struct outer *outer)
{
	if (outer->inner_protocol == PROTOCOL_GRE)
		return parse_gre(skb, outer);
	return outer->inner_protocol == PROTOCOL_UDP ? parse_gue(skb, outer) : UNWRAP;
}

/* Finishes a remote checksum: the field has the pseudo-header's sum, as one that is left to hardware. 0 when it cannot be. */
static __noinline int finish_checksum(struct __sk_buff *skb, __u32 from, __u32 end, __u32 at)
{
	__u32 zero = 0;
	struct chunk *chunk = bpf_map_lookup_elem(&chunks, &zero);
	__s64 sum = 0;
	__u16 checksum;

	if (!chunk)
		return 0;
	for (int i = 0; i < CHUNKS && from + CHUNK <= end; i++) {
		if (bpf_skb_load_bytes(skb, from, chunk, CHUNK) < 0)
			return 0;
		sum = bpf_csum_diff(0, 0, (__be32 *)chunk, CHUNK, sum);
		if (sum < 0)
			return 0;
		from += CHUNK;
	}
	if (from < end) {
		__u32 size = end - from - 1;

		/* The compiler knows that the mask changes nothing; the verifier must see it, and that one octet is left at least. */
		asm volatile("" : "+r"(size));
		size = (size & (CHUNK - 1)) + 1;
		__builtin_memset(chunk, 0, sizeof(*chunk));
		if (bpf_skb_load_bytes(skb, from, chunk, size) < 0)
			return 0;
		sum = bpf_csum_diff(0, 0, (__be32 *)chunk, CHUNK, sum);
		if (sum < 0)
			return 0;
	}
	checksum = ~fold(sum);
	/* RFC 768: UDP's zero is sent as all ones. To TCP both are the same. */
	if (!checksum)
		checksum = 0xffff;
	return bpf_skb_store_bytes(skb, at, &checksum, sizeof(checksum), BPF_F_RECOMPUTE_CSUM) == 0;
}

/* Returns UNWRAP when the packet is one to be unwrapped, else the action to return. */
static __always_inline int parse_ipv4(struct __sk_buff *skb, struct outer *outer)
{
	struct address destination;
	struct iphdr header;
	__u32 total;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof(header)) < 0)
		return TC_ACT_UNSPEC;
	if (header.protocol == PROTOCOL_UDP) {
		/* Only a first fragment says its port. */
		if ((header.frag_off & bpf_htons(IPV4_OFFSET)) || !is_gue(skb, ETH_HLEN + header.ihl * 4))
			return TC_ACT_UNSPEC;
	} else if (!is_tunnel(header.protocol)) {
		return TC_ACT_UNSPEC;
	}
	map_ipv4(&destination, header.daddr);
	if (!bpf_map_lookup_elem(&locals, &destination))
		return TC_ACT_UNSPEC;
	if (header.frag_off & bpf_htons(IPV4_FRAGMENT))
		return leave(DECAP_FRAGMENT, TC_ACT_UNSPEC);

	outer->length = header.ihl * 4;
	total = bpf_ntohs(header.tot_len);
	if (header.version != 4 || outer->length < sizeof(header) || total < outer->length || total > skb->len - ETH_HLEN)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);

	/* The header is gone before the kernel could verify it. The buffer holds the longest one; zeros add nothing to a sum. */
	__be32 octets[15] = {};
	__u32 length = outer->length;

	if (length > sizeof(octets) || bpf_skb_load_bytes(skb, ETH_HLEN, octets, length) < 0)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	if (fold(bpf_csum_diff(0, 0, octets, sizeof(octets), 0)) != 0xffff)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);

	map_ipv4(&outer->source, header.saddr);
	outer->payload = total - outer->length;
	outer->inner_protocol = header.protocol;
	outer->ecn = header.tos & ECN_MASK;
	outer->ether_type = ETH_P_IP;
	return parse_shim(skb, outer);
}

static __always_inline int parse_ipv6(struct __sk_buff *skb, struct outer *outer)
{
	struct address destination;
	struct ipv6hdr header;
	__u8 option[2];

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof(header)) < 0)
		return TC_ACT_UNSPEC;
	outer->inner_protocol = header.nexthdr;
	outer->length = sizeof(header);
	outer->payload = bpf_ntohs(header.payload_len);

	/* Tunnel encapsulation limit (RFC 2473 4.1.1) comes in a destination options header, and nothing else does in practice. */
	if (header.nexthdr == PROTOCOL_DESTINATION_OPTIONS) {
		__u32 length;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(header), option, sizeof(option)) < 0)
			return TC_ACT_UNSPEC;
		length = (option[1] + 1) * 8;
		if (length > outer->payload)
			return TC_ACT_UNSPEC;
		outer->inner_protocol = option[0];
		outer->length += length;
		outer->payload -= length;
	}

	if (outer->inner_protocol == PROTOCOL_UDP) {
		if (!is_gue(skb, ETH_HLEN + outer->length))
			return TC_ACT_UNSPEC;
	} else if (!is_tunnel(outer->inner_protocol) && outer->inner_protocol != PROTOCOL_FRAGMENT) {
		return TC_ACT_UNSPEC;
	}
	copy_ipv6(&destination, &header.daddr);
	if (!bpf_map_lookup_elem(&locals, &destination))
		return TC_ACT_UNSPEC;
	if (outer->inner_protocol == PROTOCOL_FRAGMENT) {
		__u8 fragment[8] __attribute__((aligned(4)));

		if (bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(header), fragment, sizeof(fragment)) < 0 ||
		    header.nexthdr != PROTOCOL_FRAGMENT ||
		    !(is_tunnel(fragment[0]) || (fragment[0] == PROTOCOL_UDP && !(bpf_ntohs(*(__be16 *)(fragment + 2)) & IPV6_OFFSET) &&
						 is_gue(skb, ETH_HLEN + sizeof(header) + sizeof(fragment)))))
			return TC_ACT_UNSPEC;
		return leave(DECAP_FRAGMENT, TC_ACT_UNSPEC);
	}

	if (header.version != 6 || outer->length + outer->payload > skb->len - ETH_HLEN)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);
	copy_ipv6(&outer->source, &header.saddr);
	outer->ecn = (header.flow_lbl[0] >> 4) & ECN_MASK;
	outer->ether_type = ETH_P_IPV6;
	return parse_shim(skb, outer);
}

/* RFC 6040, figure 4: the codepoint the unwrapped packet gets, or -1 where it must be dropped. */
static __always_inline int combine_ecn(__u8 outer, __u8 inner)
{
	if (outer == ECN_CE)
		return inner == ECN_NOT_CAPABLE ? -1 : ECN_CE;
	if (outer == ECN_ECT1 && inner == ECN_ECT0)
		return ECN_ECT1;
	return inner;
}

SEC("tc")
int decap(struct __sk_buff *skb)
{
	struct address inner_destination;
	struct outer outer = {};
	__u32 inner_at, inner_length;
	__u16 inner_type;
	__u8 inner_ecn;
	__u8 traffic_class = 0;
	__u64 flags = BPF_F_ADJ_ROOM_FIXED_GSO;
	int action, ecn;

	/* A tagged frame belongs to the VLAN device, where this program sees it again without the tag. */
	if (skb->pkt_type != PACKET_FOR_US || skb->vlan_present)
		return TC_ACT_UNSPEC;
	if (skb->protocol == bpf_htons(ETH_P_IP))
		action = parse_ipv4(skb, &outer);
	else if (skb->protocol == bpf_htons(ETH_P_IPV6))
		action = parse_ipv6(skb, &outer);
	else
		return TC_ACT_UNSPEC;
	if (action != UNWRAP)
		return action;

	inner_at = ETH_HLEN + outer.length;
	if (outer.inner_protocol == PROTOCOL_IPIP) {
		struct iphdr inner;

		if (outer.payload < sizeof(inner) || bpf_skb_load_bytes(skb, inner_at, &inner, sizeof(inner)) < 0)
			return leave(DECAP_MALFORMED, TC_ACT_SHOT);
		if (inner.version != 4 || inner.ihl < 5)
			return leave(DECAP_MALFORMED, TC_ACT_SHOT);
		inner_length = bpf_ntohs(inner.tot_len);
		traffic_class = inner.tos;
		inner_ecn = inner.tos & ECN_MASK;
		inner_type = ETH_P_IP;
		map_ipv4(&inner_destination, inner.daddr);
	} else {
		struct ipv6hdr inner;

		if (outer.payload < sizeof(inner) || bpf_skb_load_bytes(skb, inner_at, &inner, sizeof(inner)) < 0)
			return leave(DECAP_MALFORMED, TC_ACT_SHOT);
		if (inner.version != 6)
			return leave(DECAP_MALFORMED, TC_ACT_SHOT);
		inner_length = bpf_ntohs(inner.payload_len) + sizeof(inner);
		inner_ecn = (inner.flow_lbl[0] >> 4) & ECN_MASK;
		inner_type = ETH_P_IPV6;
		copy_ipv6(&inner_destination, &inner.daddr);
	}

	if (!bpf_map_lookup_elem(&vips, &inner_destination))
		return leave(DECAP_OTHER_INNER, TC_ACT_UNSPEC);
	if (inner_length > outer.payload)
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);

	if (!is_trusted(&outer.source))
		return leave(DECAP_UNTRUSTED, TC_ACT_SHOT);

	ecn = combine_ecn(outer.ecn, inner_ecn);
	if (ecn < 0)
		return leave(DECAP_CONGESTION, TC_ACT_SHOT);

	if (outer.sum_at &&
	    !finish_checksum(skb, inner_at + outer.sum_from, inner_at + inner_length, inner_at + outer.sum_at))
		return leave(DECAP_MALFORMED, TC_ACT_SHOT);

	if (inner_type != outer.ether_type)
		flags |= inner_type == ETH_P_IP ? DECAP_L3_IPV4 : DECAP_L3_IPV6;
	if (bpf_skb_adjust_room(skb, -(__s32)outer.length, BPF_ADJ_ROOM_MAC, flags) < 0)
		return leave(DECAP_FAILED, TC_ACT_SHOT);
	if (inner_type != outer.ether_type) {
		__be16 type = bpf_htons(inner_type);

		if (bpf_skb_store_bytes(skb, ETH_HLEN - sizeof(type), &type, sizeof(type), 0) < 0)
			return leave(DECAP_FAILED, TC_ACT_SHOT);
	}

	if (ecn != inner_ecn && inner_type == ETH_P_IP) {
		__u8 marked = (traffic_class & ~ECN_MASK) | ecn;

		if (bpf_l3_csum_replace(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, check),
					bpf_htons(traffic_class), bpf_htons(marked), 2) < 0 ||
		    bpf_skb_store_bytes(skb, ETH_HLEN + __builtin_offsetof(struct iphdr, tos), &marked, 1, 0) < 0)
			return leave(DECAP_FAILED, TC_ACT_SHOT);
	} else if (ecn != inner_ecn) {
		/* The traffic class lies across the first two octets: its ECN bits are bits 5 and 4 of the second. */
		__u8 octet;

		if (bpf_skb_load_bytes(skb, ETH_HLEN + 1, &octet, 1) < 0)
			return leave(DECAP_FAILED, TC_ACT_SHOT);
		octet = (octet & ~(ECN_MASK << 4)) | (ecn << 4);
		if (bpf_skb_store_bytes(skb, ETH_HLEN + 1, &octet, 1, BPF_F_RECOMPUTE_CSUM) < 0)
			return leave(DECAP_FAILED, TC_ACT_SHOT);
	}

	return leave(DECAP_DONE, TC_ACT_OK);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
