// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * Which frames the director must see.
 *
 * One decision, three places: XDP (the frame goes to an AF_XDP socket), tc ingress (the frame is kept from the kernel's stack, because the
 * AF_PACKET socket already has it: packet sockets see frames before tc ingress) and the filter of that AF_PACKET socket (takes exactly
 * what tc ingress keeps from the stack). Everything else stays with the kernel: ssh, ARP, neighbour discovery, ping to a virtual address.
 *
 * Before that decision the packet is looked up in the flow table (flow.h): what the director has installed there is rewritten and sent
 * on, and the director does not see it.
 *
 * A fourth program, at tc egress, turns round to the director's tap device what this very host sends: replies of its real servers, requests of
 * its clients.
 *
 * Read first: decide.h, flow.h, flow_judge.h, flow_tc.h. Minimum kernel: 5.15 (5.12 for atomic operations beyond addition, and for pointers that are
 * handed to functions that are not static; 5.11 for the coarse clock; 5.3 for the fallback action of bpf_redirect_map; bounded loops are unrolled).
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/*
 * A function that is not static is verified once, and not from every state of its callers, which takes a third of the time. What its first argument is the
 * verifier learns from the kernel's own types: a kernel that has none (no /sys/kernel/btf/vmlinux) is given divert_static.bpf.c.
 */
#ifndef VERIFIED_ONCE
#define VERIFIED_ONCE __noinline
#endif

#include "divert.h"
#include "place.h"
#include "decide.h"
#include "flow_judge.h"
#include "flow_tc.h"
#include "flow_xdp.h"

/* Whether a decision gives the frame to the director. */
static __always_inline int is_directors(int decision)
{
	return decision >= COUNT_TO_VIRTUAL && decision != COUNT_FLOW_FORWARDED && decision != COUNT_FLOW_FAILED;
}

/* The decision of XDP where the flow table has none. Apart, for its stack. */
VERIFIED_ONCE int decide_frame(struct xdp_md *context, __u32 *first_socket)
{
	return !first_socket ? FLOW_MISS : decide(context, PLACE_XDP, context->ingress_ifindex, first_socket);
}

/*
 * Forwards what the flow table says, and diverts to the AF_XDP socket of the queue. A queue without one leaves the frame to the kernel;
 * but not while the director only seems to be away: a client sends again, and the kernel would answer with a reset.
 */
SEC("xdp")
int netvs_xdp(struct xdp_md *context)
{
	__u32 first_socket = 0;
	int decision;
	int action = flow_forward_xdp(context, &first_socket, &decision);
	if (decision == COUNT_FLOW_FORWARDED)
		return action;
	if (decision == FLOW_MISS) {
		/* Found anew; and the verifier looks at it once. */
		first_socket = 0;
		decision = decide_frame(context, &first_socket);
	}
	count(decision);
	if (decision == COUNT_FLOW_FAILED)
		return action;
	if (!is_directors(decision))
		return XDP_PASS;
	__u64 otherwise = flow_director() == DIRECTOR_LIVES ? XDP_DROP : XDP_PASS;
	action = bpf_redirect_map(&sockets, first_socket + context->rx_queue_index, otherwise);
	if (action != XDP_REDIRECT)
		count(COUNT_NO_DIRECTOR);
	return action;
}

/* The decision of both programs that see a packet buffer; one of divert_counter. */
static __always_inline int decide_buffer(struct __sk_buff *context, struct flow_pass *pass)
{
	__u32 unused;
	int decision = flow_decide_buffer(context, pass);
	return decision == FLOW_MISS ? decide(context, PLACE_SKB, context->ifindex, &unused) : decision;
}

/* Forwards what the flow table says, and keeps from the stack what the AF_PACKET socket takes. */
SEC("tc")
int netvs_ingress(struct __sk_buff *context)
{
	struct flow_pass *pass = flow_stash();
	int decision, is_stamped = context->cb[0] == STAMP_MAGIC;
	if (!pass)
		return TC_ACT_UNSPEC;
	if (is_stamped) {
		decision = context->cb[STAMP_DECISION];
		context->cb[0] = 0;
		/* Another packet was on this CPU in between, which the kernel does not do. */
		if (decision == COUNT_FLOW_FORWARDED && context->cb[STAMP_IDENTITY] != pass->identity)
			decision = COUNT_FLOW_FAILED;
	} else {
		decision = decide_buffer(context, pass);
	}

	if (decision == COUNT_FLOW_FORWARDED) {
		int action = flow_send_tc(context, pass);
		if (action == TC_ACT_SHOT)
			count(COUNT_FLOW_FAILED);
		return action;
	}
	count(decision);
	if (decision == COUNT_FLOW_FAILED)
		return TC_ACT_SHOT;
	if (!is_directors(decision))
		return TC_ACT_UNSPEC;
	if (is_stamped || flow_director() != DIRECTOR_DEAD)
		return TC_ACT_SHOT;
	count(COUNT_NO_DIRECTOR);
	return TC_ACT_UNSPEC;
}

/* What the AF_PACKET socket takes: whole frames, or nothing. tc ingress follows this decision. */
SEC("socket")
int netvs_filter(struct __sk_buff *context)
{
	struct flow_pass *pass = flow_stash();
	if (!pass)
		return 0;
	int decision = decide_buffer(context, pass);
	pass->identity += 1;
	context->cb[0] = STAMP_MAGIC;
	context->cb[STAMP_DECISION] = decision;
	context->cb[STAMP_IDENTITY] = pass->identity;
	return is_directors(decision) ? -1 : 0;
}

/* A request of a client on this host. What comes back to it will be told from the host's other traffic with real servers by its end. */
static __always_inline int is_local_request(struct packet *packet, __be16 ports[2])
{
	if (!is_to_virtual(packet, target_meaning(packet), ports[1]) || flow_director() == DIRECTOR_DEAD)
		return 0;
	struct endpoint_key client = {.address = packet->source, .port = ports[0], .protocol = packet->protocol};
	__u32 is_one = 1;
	if (!bpf_map_lookup_elem(&local_clients, &client))
		bpf_map_update_elem(&local_clients, &client, &is_one, BPF_ANY);
	return 1;
}

/*
 * Replies of real servers on this host, and requests of clients on it, leave by the tap instead, so that the director translates them. What the
 * director itself sends is marked, else what it sends on unchanged would come round again. Fragments pass.
 */
SEC("tc")
int netvs_egress(struct __sk_buff *context)
{
	if (context->mark == DIRECTOR_MARK)
		return TC_ACT_UNSPEC;
	__be16 ethernet[ETHER_SIZE / 2];
	__u32 l3;
	__u16 type;
	if (parse_ethernet(context, PLACE_SKB, ethernet, &l3, &type))
		return TC_ACT_UNSPEC;
	struct packet packet = {};
	if (type == ETHER_IPV4 ? parse_ipv4(context, PLACE_SKB, l3, &packet) : parse_ipv6(context, PLACE_SKB, l3, &packet))
		return TC_ACT_UNSPEC;
	if (packet.fragment || !has_ports(packet.protocol))
		return TC_ACT_UNSPEC;
	__u32 from = address_meaning(&packet.source);
	if (!(from & ADDRESS_OWN))
		return TC_ACT_UNSPEC;
	__be16 ports[2];
	if (load(context, PLACE_SKB, packet.l4, ports, sizeof(ports)))
		return TC_ACT_UNSPEC;
	__u32 zero = 0;
	__u32 *index = bpf_map_lookup_elem(&tap, &zero);
	if (!index || !*index)
		return TC_ACT_UNSPEC;
	int is_reply = (from & ADDRESS_REAL) && endpoint_means(&packet.source, packet.protocol, ports[0], ENDPOINT_REAL);
	if (!is_reply && !is_local_request(&packet, ports))
		return TC_ACT_UNSPEC;
	count(is_reply ? COUNT_EGRESS : COUNT_LOCAL_REQUEST);
	return bpf_redirect(*index, 0);
}

/*
 * What the host's own packet filter has marked and sent into the director's tap device, by a route or by nft's fwd: its mark goes where the daemon
 * can read it. Other frames pass as they are.
 */
SEC("tc")
int netvs_marked(struct __sk_buff *context)
{
	if (!context->mark || context->mark == DIRECTOR_MARK)
		return TC_ACT_UNSPEC;
	__u8 macs[12] = MARKED_MAC;
	__be32 mark = bpf_htonl(context->mark);
	__builtin_memcpy(macs + 8, &mark, sizeof(mark));
	return bpf_skb_store_bytes(context, 0, macs, sizeof(macs), 0) ? TC_ACT_SHOT : TC_ACT_UNSPEC;
}

char _license[] SEC("license") = "Dual MIT/GPL";
