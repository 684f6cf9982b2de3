/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Rewriting and sending at tc ingress: by helpers, so that checksums which are left to hardware and unsegmented frames stay what they
 * are; and the understanding between tc ingress and the filter of the AF_PACKET socket.
 *
 * The kernel gives a frame to AF_PACKET sockets first and runs tc ingress then, on the same packet buffer, one right after the other
 * on one CPU. A flow may come or go in between: if both decided for themselves, a packet could be taken by both or by neither. So the
 * filter decides for both. It stamps its decision into the buffer's control block and leaves what is to be done in a stash of
 * the CPU; tc ingress does that. The stash has a number that the stamp repeats, so that no packet can take another's. The kernel
 * clears the control block before a filter that uses it and leaves it alone from there to tc ingress (net/core/dev.c,
 * bpf_prog_run_clear_cb). tc ingress takes the stamp off. Without a stamp there was no filter (no socket is open, or another
 * packet filter has overwritten it), and tc ingress decides for itself.
 */
#ifndef NETVS_FLOW_TC_H
#define NETVS_FLOW_TC_H

#include <linux/pkt_cls.h>

#include "flow_judge.h"
#include "flow_rewrite.h"

#define STAMP_MAGIC 0x4e565301 /* cb[0]: "NVS", 1 */
#define STAMP_DECISION 1 /* cb[1] */
#define STAMP_IDENTITY 2 /* cb[2] */

/* The decision about a packet buffer: FLOW_MISS, COUNT_FLOW_FORWARDED with `pass` filled, or why it is the director's. */
static __always_inline int flow_decide_buffer(struct __sk_buff *skb, struct flow_pass *pass)
{
	struct flow_config *config = flow_read_config();
	struct flow_packet packet;
	if (!config || !config->enabled)
		return FLOW_MISS;
	int family = flow_parse_ethernet(skb, PLACE_SKB, &packet, 0);
	if (family == 4)
		return flow_decide4(skb, PLACE_SKB, config, &packet, pass);
	return family == 6 ? flow_decide6(skb, PLACE_SKB, config, &packet, pass) : FLOW_MISS;
}

/*
 * Repairs the L4 checksum at `offset`. `ends` is what the addresses change: they stand in the pseudo-header, which a partial checksum
 * covers too. `segment` is what changes behind it.
 */
static __always_inline int flow_repair_l4_tc(struct __sk_buff *skb, const struct flow_pass *pass, __u32 offset, __u64 ends, __u64 segment)
{
	__u64 flags = pass->protocol == PROTOCOL_UDP ? BPF_F_MARK_MANGLED_0 : 0;
	if (bpf_l4_csum_replace(skb, offset, 0, flow_fold(ends), flags | BPF_F_PSEUDO_HDR))
		return 0;
	return !bpf_l4_csum_replace(skb, offset, 0, flow_fold(segment), flags);
}

/* New ports are written with the IP header; this is the rest of the L4 header. 0 when a helper refuses. */
static __always_inline int flow_rewrite_l4_tc(struct __sk_buff *skb, const struct flow_pass *pass, __u32 l4, __be32 old_ports, __u64 ends)
{
	__u64 segment = flow_delta(old_ports, pass->new_ports);
	if (pass->protocol == PROTOCOL_TCP && pass->sequence_delta) {
		__u8 flags;
		if (bpf_skb_load_bytes(skb, l4 + 13, &flags, sizeof(flags)))
			return 0;
		__u32 field = flow_shifted_field(pass, flags);
		if (field) {
			__be32 number;
			if (bpf_skb_load_bytes(skb, l4 + field, &number, sizeof(number)))
				return 0;
			__be32 shifted = flow_shift(pass, number);
			segment += flow_delta(number, shifted);
			if (bpf_skb_store_bytes(skb, l4 + field, &shifted, sizeof(shifted), 0))
				return 0;
		}
	}
	return flow_repair_l4_tc(skb, pass, l4 + (pass->protocol == PROTOCOL_UDP ? 6 : 16), ends, segment);
}

static __always_inline int flow_rewrite4_tc(struct __sk_buff *skb, const struct flow_pass *pass, struct flow_ipv4 *ip)
{
	const __u32 from = __builtin_offsetof(struct flow_ipv4, ttl);
	__be32 old_ports = ip->ports;
	__u64 ends = 0;
	int is_rewrite = (pass->action & FLOW_KIND) == FLOW_REWRITE;
	if (is_rewrite) {
		ends = flow_replace_ends4(ip, pass);
		ip->ports = pass->new_ports;
	}
	/* The header's own sum does not change, so that of a packet that the hardware has summed up does not either. */
	ip->checksum = flow_apply(ip->checksum, ends + DELTA_OF_TTL);
	ip->ttl--;
	if (!is_rewrite)
		return !bpf_skb_store_bytes(skb, ETHER_SIZE + from, (__u8 *)ip + from, 4, 0);
	if (bpf_skb_store_bytes(skb, ETHER_SIZE + from, (__u8 *)ip + from, sizeof(*ip) - from, 0))
		return 0;
	return flow_rewrite_l4_tc(skb, pass, ETHER_SIZE + IPV4_SIZE, old_ports, ends);
}

static __always_inline int flow_rewrite6_tc(struct __sk_buff *skb, const struct flow_pass *pass, struct flow_ipv6 *ip)
{
	const __u32 from = __builtin_offsetof(struct flow_ipv6, length);
	__be32 old_ports = ip->ports;
	ip->ttl--;
	if ((pass->action & FLOW_KIND) != FLOW_REWRITE)
		return !bpf_skb_store_bytes(skb, ETHER_SIZE + from, (__u8 *)ip + from, 4, BPF_F_RECOMPUTE_CSUM);
	__u64 ends = flow_replace_ends6(ip, pass);
	ip->ports = pass->new_ports;
	if (bpf_skb_store_bytes(skb, ETHER_SIZE + from, (__u8 *)ip + from, sizeof(*ip) - from, 0))
		return 0;
	if (!flow_rewrite_l4_tc(skb, pass, ETHER_SIZE + IPV6_SIZE, old_ports, ends))
		return 0;
	/*
	 * A sum that the hardware made (CHECKSUM_COMPLETE; for other packets this does nothing): there is no header checksum that makes
	 * up for new addresses, but the L4 checksum does, for which the helper has already changed the sum; the hop limit nothing does. It
	 * is the high octet of its word.
	 */
	bpf_csum_update(skb, flow_fold(ends + (0xffff - 0x0100)));
	return 1;
}

/* Makes room behind the Ethernet header and puts the front of a tunnel there. */
static __always_inline int flow_insert_front_tc(struct __sk_buff *skb, const void *front, const __u32 size, __u64 flags)
{
	return !bpf_skb_adjust_room(skb, size, BPF_ADJ_ROOM_MAC, BPF_F_ADJ_ROOM_FIXED_GSO | flags) &&
		!bpf_skb_store_bytes(skb, ETHER_SIZE, front, size, BPF_F_RECOMPUTE_CSUM);
}

/* A tunnel's front between Ethernet header and packet. The checksum stays partial where it was: its place moves with the packet. */
static __always_inline int flow_encapsulate_tc(struct __sk_buff *skb, const struct flow_pass *pass, const void *inner)
{
	__u8 kind = pass->action & FLOW_KIND;
	if (pass->family == 4) {
		struct flow_front4 front = {};
		flow_write_outer4(&front.ip, inner, pass);
		flow_write_shim(&front.ip.ports, front.rest, 4, pass);
		if (kind == FLOW_GUE)
			return flow_insert_front_tc(skb, &front, IPV4_SIZE + GUE_SIZE, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP);
		if (kind == FLOW_GRE)
			return flow_insert_front_tc(skb, &front, IPV4_SIZE + GRE_SIZE, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE);
		return flow_insert_front_tc(skb, &front, IPV4_SIZE, BPF_F_ADJ_ROOM_ENCAP_L3_IPV4);
	}
	struct flow_front6 front = {};
	flow_write_outer6(&front.ip, inner, pass);
	flow_write_shim(&front.ip.ports, front.rest, 6, pass);
	if (kind == FLOW_GUE)
		return flow_insert_front_tc(skb, &front, IPV6_SIZE + GUE_SIZE, BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 | BPF_F_ADJ_ROOM_ENCAP_L4_UDP);
	if (kind == FLOW_GRE)
		return flow_insert_front_tc(skb, &front, IPV6_SIZE + GRE_SIZE, BPF_F_ADJ_ROOM_ENCAP_L3_IPV6 | BPF_F_ADJ_ROOM_ENCAP_L4_GRE);
	return flow_insert_front_tc(skb, &front, IPV6_SIZE, BPF_F_ADJ_ROOM_ENCAP_L3_IPV6);
}

/* The tag and the MACs of the next hop. */
static __always_inline int flow_write_ethernet_tc(struct __sk_buff *skb, const struct flow_pass *pass)
{
	if (skb->vlan_present ? skb->vlan_tci != pass->vlan : pass->vlan) {
		if (skb->vlan_present && bpf_skb_vlan_pop(skb))
			return 0;
		if (pass->vlan && bpf_skb_vlan_push(skb, bpf_htons(ETHER_VLAN), pass->vlan))
			return 0;
	}
	return !bpf_skb_store_bytes(skb, 0, pass->macs, sizeof(pass->macs), 0);
}

/*
 * Gives an unsegmented frame a head of its own, as forwarding does (skb_cow in ip_forward). A sender on this host keeps a clone of it until it
 * is acknowledged: it could be rewritten as it is, but whoever receives it on this host would join it with no other (skb_try_coalesce), which
 * costs more than this copy of a few hundred octets. What came from a wire has no clone: nothing is done. 0 when there is no memory.
 */
static __always_inline int flow_own_head_tc(struct __sk_buff *skb)
{
	return !skb->gso_size || !bpf_skb_change_head(skb, 0, 0);
}

/* Rewrites and sends; what cannot be is dropped, because the director did not get it. */
static __always_inline int flow_send_tc(struct __sk_buff *skb, const struct flow_pass *pass)
{
	int is_tunnel = flow_is_tunnel(pass);
	if (!flow_own_head_tc(skb))
		return TC_ACT_SHOT;
	if (pass->family == 4) {
		struct flow_ipv4 ip;
		if (bpf_skb_load_bytes(skb, ETHER_SIZE, &ip, sizeof(ip)) || !flow_rewrite4_tc(skb, pass, &ip))
			return TC_ACT_SHOT;
		if (is_tunnel && !flow_encapsulate_tc(skb, pass, &ip))
			return TC_ACT_SHOT;
	} else {
		struct flow_ipv6 ip;
		if (bpf_skb_load_bytes(skb, ETHER_SIZE, &ip, sizeof(ip)) || !flow_rewrite6_tc(skb, pass, &ip))
			return TC_ACT_SHOT;
		if (is_tunnel && !flow_encapsulate_tc(skb, pass, &ip))
			return TC_ACT_SHOT;
	}
	if (!flow_write_ethernet_tc(skb, pass))
		return TC_ACT_SHOT;
	return bpf_redirect(pass->ifindex, 0);
}

#endif
