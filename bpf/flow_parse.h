/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Which packets the fast path looks at: for this host, at most one VLAN tag, IPv4 without options or IPv6 without extension headers,
 * no fragment, TCP or UDP, lengths that are true. Everything else is decided as if there were no fast path.
 *
 * Read first: RFC 791 3.1, RFC 8200 3, RFC 9293 3.1, RFC 768.
 */
#ifndef NETVS_FLOW_PARSE_H
#define NETVS_FLOW_PARSE_H

#include "place.h"

#define PACKET_FOR_US 0 /* PACKET_HOST, linux/if_packet.h */
#define ETHER_SMALLEST_PAYLOAD 46
#define IPV4_FRAGMENT 0x3fff /* MF and offset */

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

/* What the fast path must know of a packet. Lengths in octets. */
struct flow_packet {
	__u32 l3; /* where the IP header begins */
	__u32 ip_length;
	__u32 longest; /* the longest IP packet it leaves as: itself, or a segment of an unsegmented frame */
	__be32 source; /* IPv4 */
	__be32 target; /* IPv4 */
	__be32 ports; /* source and target port, as they stand in the header */
	__u8 protocol;
	__u8 ttl;
	__u8 tcp_flags;
	__u8 tcp_words; /* of the TCP header */
	__u8 has_no_checksum; /* UDP */
	__u8 is_unsegmented;
};

/* The octets from `offset` of the frame on: where they are (XDP), or copied (tc, filter); 0 when there are fewer than `size`. */
static __always_inline void *flow_view(void *context, const enum place place, __u32 offset, const __u32 size, void *copy)
{
	if (place == PLACE_SKB)
		return bpf_skb_load_bytes(context, offset, copy, size) ? 0 : copy;
	struct xdp_md *frame = context;
	void *octets = (void *)(long)frame->data + offset;
	return octets + size > (void *)(long)frame->data_end ? 0 : octets;
}

/* XDP: whether the frame's MAC is one of the interface's. Almost always it is its first one. */
static __always_inline int flow_is_for_us(struct xdp_md *frame, const __be16 *ethernet, __u32 *first_socket)
{
	__u32 ifindex = frame->ingress_ifindex;
	struct mac_value *first = bpf_map_lookup_elem(&macs, &ifindex);
	if (first && first->known && first->mac[0] == ethernet[0] && first->mac[1] == ethernet[1] && first->mac[2] == ethernet[2]) {
		*first_socket = first->first_socket;
		return 1;
	}

	struct interface_key key = {.ifindex = ifindex};
	__builtin_memcpy(key.mac, ethernet, sizeof(key.mac));
	struct interface_value *interface = bpf_map_lookup_elem(&interfaces, &key);
	if (!interface)
		return 0;
	*first_socket = interface->first_socket;
	return 1;
}

/* The Ethernet header: 4 or 6 for the IP version behind it, 0 for anything else. */
static __always_inline int flow_parse_ethernet(void *context, const enum place place, struct flow_packet *packet, __u32 *first_socket)
{
	__be16 type;
	packet->l3 = ETHER_SIZE;
	packet->is_unsegmented = 0;
	if (place == PLACE_SKB) {
		/*
		 * The kernel has compared the MAC, and taken out the tag, if there was one. Whether the director listens here is asked
		 * in the same map as in XDP: nothing is done before its MACs are known, nor after they are taken out.
		 */
		struct __sk_buff *skb = context;
		__u32 ifindex = skb->ifindex;
		struct mac_value *first = bpf_map_lookup_elem(&macs, &ifindex);
		if (skb->pkt_type != PACKET_FOR_US || !first || !first->known)
			return 0;
		packet->is_unsegmented = skb->gso_size != 0;
		type = skb->protocol;
	} else {
		__be16 *ethernet = flow_view(context, place, 0, ETHER_SIZE + VLAN_SIZE, 0);
		if (!ethernet)
			return 0;
		type = ethernet[6];
		if (type == bpf_htons(ETHER_VLAN)) {
			type = ethernet[8];
			packet->l3 = ETHER_SIZE + VLAN_SIZE;
		}
		if (type != bpf_htons(ETHER_IPV4) && type != bpf_htons(ETHER_IPV6))
			return 0;
		if (!flow_is_for_us(context, ethernet, first_socket))
			return 0;
	}
	return type == bpf_htons(ETHER_IPV4) ? 4 : type == bpf_htons(ETHER_IPV6) ? 6 : 0;
}

/* Whether the IP packet ends where the frame does, but for the padding of a short frame. */
static __always_inline int flow_has_length(void *context, const enum place place, const struct flow_packet *packet)
{
	__u32 frame_length;
	if (place == PLACE_SKB) {
		frame_length = ((struct __sk_buff *)context)->len;
	} else {
		struct xdp_md *frame = context;
		__u64 difference = (void *)(long)frame->data_end - (void *)(long)frame->data;
		/* The verifier allows pointers to be subtracted with 64 bits only; this keeps the compiler from using 32. */
		asm volatile("" : "+r"(difference));
		frame_length = difference;
	}
	__u32 length = frame_length - packet->l3;
	return packet->ip_length == length || (packet->ip_length < length && length <= ETHER_SMALLEST_PAYLOAD);
}

/* The L4 header behind an IP header of `size` octets that was read up to a UDP header's end; 0 when it is none of ours. */
static __always_inline int flow_parse_l4(
	void *context, const enum place place, struct flow_packet *packet, const __u8 *ip, const __u32 size, void *copy)
{
	packet->ports = *(__be32 *)(ip + size);
	packet->tcp_flags = 0;
	packet->tcp_words = 0;
	__u32 headers = size + UDP_SIZE;
	if (packet->protocol == PROTOCOL_UDP) {
		packet->has_no_checksum = *(__be16 *)(ip + size + 6) == 0;
		if (packet->ip_length < headers)
			return 0;
	} else if (packet->protocol == PROTOCOL_TCP) {
		packet->has_no_checksum = 0;
		ip = flow_view(context, place, packet->l3, size + TCP_SIZE, copy);
		if (!ip)
			return 0;
		packet->tcp_words = ip[size + 12] >> 4;
		packet->tcp_flags = ip[size + 13];
		headers = size + packet->tcp_words * 4;
		if (packet->tcp_words < TCP_SIZE / 4 || packet->ip_length < headers)
			return 0;
	} else {
		return 0;
	}

	packet->longest = packet->ip_length;
	if (place == PLACE_SKB && packet->is_unsegmented) {
		__u32 segment = headers + ((struct __sk_buff *)context)->gso_size;
		if (segment < packet->longest)
			packet->longest = segment;
	}
	return 1;
}

/* `copy` has room for IPV4_SIZE + TCP_SIZE octets. */
static __always_inline int flow_parse4(void *context, const enum place place, struct flow_packet *packet, void *copy)
{
	const __u8 *ip = flow_view(context, place, packet->l3, IPV4_SIZE + UDP_SIZE, copy);
	if (!ip || ip[0] != 0x45)
		return 0;
	const __be32 *words = (const __be32 *)ip;
	if (*(__be16 *)(ip + 6) & bpf_htons(IPV4_FRAGMENT))
		return 0;

	/* RFC 1071: the sum over a good header is all ones. Words of 32 bits fold to the same. */
	__u64 sum = (__u64)words[0] + words[1] + words[2] + words[3] + words[4];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	if (sum != 0xffff)
		return 0;

	packet->ip_length = bpf_ntohs(*(__be16 *)(ip + 2));
	packet->ttl = ip[8];
	packet->protocol = ip[9];
	packet->source = words[3];
	packet->target = words[4];
	return flow_has_length(context, place, packet) && flow_parse_l4(context, place, packet, ip, IPV4_SIZE, copy);
}

/* `copy` has room for IPV6_SIZE + TCP_SIZE octets. The addresses stay where they are: behind what is returned, 0 for none of ours. */
static __always_inline const __be32 *flow_parse6(void *context, const enum place place, struct flow_packet *packet, void *copy)
{
	const __u8 *ip = flow_view(context, place, packet->l3, IPV6_SIZE + UDP_SIZE, copy);
	if (!ip || ip[0] >> 4 != 6)
		return 0;
	packet->ip_length = IPV6_SIZE + bpf_ntohs(*(__be16 *)(ip + 4));
	packet->protocol = ip[6];
	packet->ttl = ip[7];
	if (packet->ip_length > 0xffff || !flow_has_length(context, place, packet))
		return 0;
	if (!flow_parse_l4(context, place, packet, ip, IPV6_SIZE, copy))
		return 0;
	return (const __be32 *)ip;
}

#endif
