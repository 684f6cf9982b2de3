/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Rewriting and sending in XDP: the frame is written where it lies. */
#ifndef NETVS_FLOW_XDP_H
#define NETVS_FLOW_XDP_H

#include "flow_judge.h"
#include "flow_rewrite.h"

/* The L4 header: new ports, shifted numbers, checksum. `delta` is what the addresses change. 0 when it does not fit. */
static __always_inline int flow_rewrite_l4_xdp(void *l4, void *end, const struct flow_pass *pass, __u64 delta)
{
	__be32 *ports = l4;
	if (l4 + UDP_SIZE > end)
		return 0;
	delta += flow_delta(*ports, pass->new_ports);
	if (pass->protocol == PROTOCOL_UDP) {
		__u16 *checksum = l4 + 6;
		__u16 new = flow_apply(*checksum, delta);
		/* RFC 768: a sum of zero is sent as all ones. */
		*checksum = new ? new : 0xffff;
	} else {
		__u16 *checksum = l4 + 16;
		if (l4 + TCP_SIZE > end)
			return 0;
		__u32 field = flow_shifted_field(pass, *(__u8 *)(l4 + 13));
		if (field) {
			__be32 *number = field == 4 ? l4 + 4 : l4 + 8;
			__be32 shifted = flow_shift(pass, *number);
			delta += flow_delta(*number, shifted);
			*number = shifted;
		}
		*checksum = flow_apply(*checksum, delta);
	}
	*ports = pass->new_ports;
	return 1;
}

/* IP and L4 header in place; 0 when they do not fit, which was looked at before. */
static __always_inline int flow_rewrite_xdp(void *octets, void *end, const int family, const struct flow_pass *pass)
{
	int is_rewrite = (pass->action & FLOW_KIND) == FLOW_REWRITE;
	if (family == 4) {
		struct flow_ipv4 *ip = octets;
		__u64 delta = 0;
		if ((void *)(ip + 1) > end)
			return 0;
		if (is_rewrite) {
			delta = flow_replace_ends4(ip, pass);
		}
		ip->checksum = flow_apply(ip->checksum, delta + DELTA_OF_TTL);
		ip->ttl--;
		return !is_rewrite || flow_rewrite_l4_xdp(octets + IPV4_SIZE, end, pass, delta);
	}

	struct flow_ipv6 *ip = octets;
	if ((void *)(ip + 1) > end)
		return 0;
	ip->ttl--;
	if (!is_rewrite)
		return 1;
	__u64 delta = flow_replace_ends6(ip, pass);
	return flow_rewrite_l4_xdp(octets + IPV6_SIZE, end, pass, delta);
}

/* A tunnel's front before the packet inside. 0 when they do not fit. */
static __always_inline int flow_write_tunnel_xdp(void *octets, void *end, const int family, const int shim, const struct flow_pass *pass)
{
	if (family == 4) {
		struct flow_ipv4 *inner = octets + IPV4_SIZE + shim;
		if ((void *)(inner + 1) > end)
			return 0;
		flow_write_outer4(octets, inner, pass);
		if (shim)
			flow_write_shim(octets + IPV4_SIZE, octets + IPV4_SIZE + 4, family, pass);
	} else {
		struct flow_ipv6 *inner = octets + IPV6_SIZE + shim;
		if ((void *)(inner + 1) > end)
			return 0;
		flow_write_outer6(octets, inner, pass);
		if (shim)
			flow_write_shim(octets + IPV6_SIZE, octets + IPV6_SIZE + 4, family, pass);
	}
	return 1;
}

/* The Ethernet header of the next hop at the frame's beginning, and a tunnel's front behind it. 0 when they do not fit. */
static __always_inline int flow_write_front_xdp(void *data, void *end, const int family, const struct flow_pass *pass)
{
	__be16 type = bpf_htons(family == 4 ? ETHER_IPV4 : ETHER_IPV6);
	void *octets = data + ETHER_SIZE;
	if (data + ETHER_SIZE + VLAN_SIZE > end)
		return 0;
	__u32 *macs = data;
	__be16 *header = data;
	macs[0] = pass->macs[0];
	macs[1] = pass->macs[1];
	macs[2] = pass->macs[2];
	if (pass->vlan) {
		header[6] = bpf_htons(ETHER_VLAN);
		header[7] = bpf_htons(pass->vlan);
		header[8] = type;
		octets += VLAN_SIZE;
	} else {
		header[6] = type;
	}
	if (!flow_is_tunnel(pass))
		return 1;
	/* Constant sizes, one by one: the verifier follows no others into the packet without further bounds. */
	if ((pass->action & FLOW_KIND) == FLOW_GUE)
		return flow_write_tunnel_xdp(octets, end, family, GUE_SIZE, pass);
	if ((pass->action & FLOW_KIND) == FLOW_GRE)
		return flow_write_tunnel_xdp(octets, end, family, GRE_SIZE, pass);
	return flow_write_tunnel_xdp(octets, end, family, 0, pass);
}

/* Rewrites and sends; what cannot be is dropped, because the director no longer gets it as it was. */
static __always_inline int flow_send_xdp(struct xdp_md *frame, const int family, const struct flow_pass *pass)
{
	void *data = (void *)(long)frame->data;
	void *end = (void *)(long)frame->data_end;
	int front = pass->vlan ? ETHER_SIZE + VLAN_SIZE : ETHER_SIZE;
	if (flow_is_tunnel(pass))
		front += (family == 4 ? IPV4_SIZE : IPV6_SIZE) + flow_shim_size(pass);
	int growth = front - pass->l3;

	if (!flow_rewrite_xdp(data + (pass->l3 == ETHER_SIZE ? ETHER_SIZE : ETHER_SIZE + VLAN_SIZE), end, family, pass))
		return XDP_DROP;
	if (growth) {
		if (bpf_xdp_adjust_head(frame, -growth))
			return XDP_DROP;
		data = (void *)(long)frame->data;
		end = (void *)(long)frame->data_end;
	}
	if (!flow_write_front_xdp(data, end, family, pass))
		return XDP_DROP;
	return bpf_redirect(pass->ifindex, 0);
}

/* Where an IP header may begin, at most: a bound for the verifier, which asks of a function of its own whether it is safe for any argument. */
#define L3_LIMIT 64

/*
 * IPv4 in a function of its own, and IPv6 in two, because its addresses need the stack that IPv4 needs for all; between those the stash has the pass.
 * `decision`: FLOW_MISS, COUNT_FLOW_FORWARDED or COUNT_FLOW_FAILED with the action returned, or why it is the director's.
 */
VERIFIED_ONCE int flow_forward4_xdp(struct xdp_md *frame, __u32 l3, int *decision)
{
	struct flow_config *config = flow_read_config();
	struct flow_packet packet = {.l3 = l3 % L3_LIMIT};
	struct flow_pass pass;
	if (!decision)
		return XDP_PASS;
	*decision = config ? flow_decide4(frame, PLACE_XDP, config, &packet, &pass) : FLOW_MISS;
	if (*decision != COUNT_FLOW_FORWARDED)
		return XDP_PASS;
	int action = flow_send_xdp(frame, 4, &pass);
	if (action == XDP_DROP)
		*decision = COUNT_FLOW_FAILED;
	return action;
}

VERIFIED_ONCE int flow_decide6_xdp(struct xdp_md *frame, __u32 l3)
{
	struct flow_config *config = flow_read_config();
	struct flow_pass *pass = flow_stash();
	struct flow_packet packet = {.l3 = l3 % L3_LIMIT};
	return config && pass ? flow_decide6(frame, PLACE_XDP, config, &packet, pass) : FLOW_MISS;
}

VERIFIED_ONCE int flow_send6_xdp(struct xdp_md *frame)
{
	struct flow_pass *pass = flow_stash();
	return pass ? flow_send_xdp(frame, 6, pass) : XDP_DROP;
}

/* Decides about a frame and sends it; `decision` as above. */
static __always_inline int flow_forward_xdp(struct xdp_md *frame, __u32 *first_socket, int *decision)
{
	struct flow_config *config = flow_read_config();
	struct flow_packet packet;
	*decision = FLOW_MISS;
	if (!config || !config->enabled)
		return XDP_PASS;
	int family = flow_parse_ethernet(frame, PLACE_XDP, &packet, first_socket);
	if (!family)
		return XDP_PASS;
	if (family == 4)
		return flow_forward4_xdp(frame, packet.l3, decision);
	*decision = flow_decide6_xdp(frame, packet.l3);
	if (*decision != COUNT_FLOW_FORWARDED)
		return XDP_PASS;
	int action = flow_send6_xdp(frame);
	if (action == XDP_DROP)
		*decision = COUNT_FLOW_FAILED;
	return action;
}

#endif
