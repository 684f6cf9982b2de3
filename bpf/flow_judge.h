/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Whether a packet whose line was found is forwarded here, and how; and its traces: counters, last use, report.
 *
 * A packet that cannot be handled here is the director's, whole and unchanged, and leaves no trace: the director counts it. So
 * everything that can refuse comes before the traces, and the last of them is the report, for which there may be no room.
 */
#ifndef NETVS_FLOW_JUDGE_H
#define NETVS_FLOW_JUDGE_H

#include "flow_lookup.h"

#define TICKS_OF_SECONDS(seconds) ((__u32)((seconds) * 1000000000ULL >> FLOW_TICK_SHIFT))

/* The only TCP options that pass a flow with FLOW_SHIFT: two NOPs, then a timestamp of ten octets (RFC 7323 appendix A). */
#define ONLY_TIMESTAMPS 0x0101080a

/* What is read of a line before its version is looked at again. */
struct flow_terms {
	struct flow_place place;
	__u32 last_seen;
	__u32 pair;
	__u32 timeout;
	__u32 ip_mtu;
	__u32 worker;
	__u16 counter;
	__u16 hop;
};

/* The event of a segment as a bit of the quiet mask; 0 for a segment that has none of the four flags. */
static __always_inline __u32 flow_event_of(__u8 flags)
{
	__u8 known = flags & (TCP_RST | TCP_SYN | TCP_FIN | TCP_ACK);
	if (known == TCP_ACK)
		return FLOW_EVENT_ACK;
	if (known & TCP_RST)
		return FLOW_EVENT_RST;
	if (known & TCP_SYN)
		return FLOW_EVENT_SYN;
	return known & TCP_FIN ? FLOW_EVENT_FIN : 0;
}

/*
 * Adds one report and clears the mask. Two steps do what one compare-and-exchange would: the count is another one before the mask
 * goes, so the director, which sets a mask only in exchange for the count it has processed, cannot set one in between. Minimum
 * kernel: 5.12.
 */
static __always_inline void flow_be_loud(struct flow_state *state)
{
	__sync_fetch_and_add(&state->report, 0x100);
	__sync_fetch_and_and(&state->report, ~FLOW_QUIET);
}

static __always_inline struct flow_state *flow_pair_of(const int family, __u32 pair)
{
	__u32 line = pair - 1, number = line / FLOW_WAYS;
	if (!pair)
		return 0;
	if (family == 4) {
		struct flow_bucket4 *bucket = bpf_map_lookup_elem(&flows4, &number);
		return bucket ? &bucket->line[line % FLOW_WAYS].state : 0;
	}
	struct flow_bucket6 *bucket = bpf_map_lookup_elem(&flows6, &number);
	return bucket ? &bucket->line[line % FLOW_WAYS].state : 0;
}

/*
 * Reports a segment. The order: room in the ring first, then the counts, then the report is made visible. So no count claims a report
 * that is not there, and the director reads no report that is not yet counted.
 */
static __always_inline int flow_report(
	const int family, const struct flow_packet *packet, const struct flow_terms *terms, struct flow_state *state, __u32 now)
{
	__u32 worker = terms->worker;
	void *ring = bpf_map_lookup_elem(&flow_rings, &worker);
	if (!ring)
		return 0;
	struct flow_event *event = bpf_ringbuf_reserve(ring, sizeof(*event), 0);
	if (!event)
		return 0;
	struct flow_state *pair = flow_pair_of(family, terms->pair);
	flow_be_loud(state);
	if (pair)
		flow_be_loud(pair);
	event->line = terms->place.line;
	event->version = terms->place.version;
	event->when = now;
	event->family = family;
	event->flags = packet->tcp_flags;
	event->zero = 0;
	bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	return 1;
}

/* FULLNAT's shifted numbers: whether the segment has only options in which no number needs shifting. */
static __always_inline int flow_may_be_shifted(void *context, const enum place place, const struct flow_packet *packet, const __u32 ip_size)
{
	if (packet->tcp_words == TCP_SIZE / 4)
		return 1;
	if (packet->tcp_words != TCP_SIZE / 4 + 3)
		return 0;
	__be32 copy;
	__be32 *options = flow_view(context, place, packet->l3 + ip_size + TCP_SIZE, sizeof(*options), &copy);
	return options && *options == bpf_htonl(ONLY_TIMESTAMPS);
}

/* What the protocol says: COUNT_FLOW_FORWARDED, or why the packet goes up. */
static __always_inline int flow_judge_protocol(
	void *context, const enum place place, const struct flow_packet *packet, const __u32 ip_size, __u8 action)
{
	if (packet->protocol == PROTOCOL_UDP)
		return packet->has_no_checksum && (action & FLOW_KIND) == FLOW_REWRITE ? COUNT_UP_CHECKSUM : COUNT_FLOW_FORWARDED;
	if (!(packet->tcp_flags & (TCP_RST | TCP_SYN | TCP_FIN | TCP_ACK)))
		return COUNT_UP_FLAGS;
	if ((packet->tcp_flags & TCP_SYN) && (action & (FLOW_REPLY | FLOW_SHIFT)) != FLOW_REPLY)
		return COUNT_UP_SYN;
	if ((action & FLOW_SHIFT) && !flow_may_be_shifted(context, place, packet, ip_size))
		return COUNT_UP_OPTIONS;
	return COUNT_FLOW_FORWARDED;
}

/* Copies what is needed of the next hop; 0 when there is none to use. */
static __always_inline struct flow_hop *flow_use_hop(const enum place place, __u32 number, struct flow_pass *pass)
{
	if (!number)
		return 0;
	struct flow_hop *hop = bpf_map_lookup_elem(&flow_hops, &number);
	if (!hop)
		return 0;
	__u32 version = flow_load(&hop->version);
	flow_barrier();
	const __u32 *macs = (const __u32 *)hop->target;
	pass->ifindex = hop->ifindex;
	pass->macs[0] = macs[0];
	pass->macs[1] = macs[1];
	pass->macs[2] = macs[2];
	pass->vlan = hop->vlan;
	__u16 flags = hop->flags;
	if ((version & 1) || !flow_is_unchanged(&hop->version, version) || !pass->ifindex)
		return 0;
	return place == PLACE_XDP && !(flags & HOP_XDP) ? 0 : hop;
}

/* The slot of this CPU for the destination. */
static __always_inline struct flow_counter *flow_use_counter(const struct flow_config *config, __u16 slot)
{
	__u32 index = bpf_get_smp_processor_id() * config->counter_slots + slot;
	return bpf_map_lookup_elem(&flow_counters, &index);
}

static __always_inline void flow_leave_traces(
	const struct flow_packet *packet, struct flow_state *state, struct flow_counter *counter, struct flow_hop *hop, __u8 action, __u32 last_seen,
	__u32 now)
{
	/* An array of this CPU's own: nobody else writes it. */
	if (action & FLOW_REPLY) {
		counter->outbound_packets += 1;
		counter->outbound_octets += packet->ip_length;
	} else {
		counter->inbound_packets += 1;
		counter->inbound_octets += packet->ip_length;
	}
	/* A cache line that others read is written only where it changes. */
	if (last_seen != now)
		state->last_seen = now;
	state->packets += 1;
	if (hop->used != now)
		hop->used = now;
}

/* The rest of the decision, once the line's terms are copied and in force: COUNT_FLOW_FORWARDED with `pass` filled, or why it goes up. */
static __always_inline int flow_judge(
	void *context, const enum place place, const int family, const struct flow_config *config, const struct flow_packet *packet,
	const struct flow_terms *terms, struct flow_state *state, struct flow_pass *pass)
{
	if (packet->ttl <= 1)
		return COUNT_UP_TTL;
	if (packet->longest > terms->ip_mtu)
		return COUNT_UP_SIZE;
	if ((pass->action & FLOW_KIND) >= FLOW_TUNNEL && packet->is_unsegmented)
		return COUNT_UP_SEGMENTS;
	int decision = flow_judge_protocol(context, place, packet, family == 4 ? IPV4_SIZE : IPV6_SIZE, pass->action);
	if (decision != COUNT_FLOW_FORWARDED)
		return decision;

	struct flow_counter *counter = flow_use_counter(config, terms->counter);
	if (!counter || counter->withdrawn)
		return COUNT_UP_WITHDRAWN;
	struct flow_hop *hop = flow_use_hop(place, terms->hop, pass);
	if (!hop)
		return COUNT_UP_HOP;

	struct flow_cpu *cpu = flow_this_cpu();
	if (!cpu)
		return FLOW_MISS;
	__u32 now = flow_read_clock(cpu);
	int is_alone = flow_is_older(config->heartbeat, now, config->patience) && config->patience;
	if (is_alone && flow_is_older(terms->last_seen, now, TICKS_OF_SECONDS(terms->timeout)))
		return COUNT_UP_EXPIRED;

	if (packet->protocol == PROTOCOL_TCP) {
		/* Nobody reads the reports of a dead director; one that adopts its flows finds what had room. */
		if (!(flow_load(&state->report) & flow_event_of(packet->tcp_flags)) &&
		    !flow_report(family, packet, terms, state, now) && !is_alone)
			return COUNT_UP_RING;
	}

	flow_leave_traces(packet, state, counter, hop, pass->action, terms->last_seen, now);
	cpu->forwarded += 1;
	pass->l3 = packet->l3;
	pass->ip_length = packet->ip_length;
	pass->family = family;
	pass->protocol = packet->protocol;
	return COUNT_FLOW_FORWARDED;
}

static __always_inline void flow_read_terms(const struct flow_state *state, struct flow_terms *terms, struct flow_pass *pass)
{
	terms->last_seen = state->last_seen;
	terms->pair = state->pair;
	terms->timeout = state->timeout;
	terms->ip_mtu = state->ip_mtu;
	terms->worker = state->worker;
	terms->counter = state->counter;
	int has_delta = (pass->action & FLOW_SHIFT) || (pass->action & FLOW_KIND) == FLOW_GUE;
	pass->sequence_delta = has_delta ? state->sequence_delta : 0;
}

static __always_inline int flow_decide4(
	void *context, const enum place place, const struct flow_config *config, struct flow_packet *packet, struct flow_pass *pass)
{
	__be32 copy[(IPV4_SIZE + TCP_SIZE) / 4];
	struct flow_terms terms;
	if (!flow_parse4(context, place, packet, copy))
		return FLOW_MISS;
	struct flow4 *line = flow_find4(config, packet, &terms.place);
	if (!line)
		return FLOW_MISS;
	pass->action = line->action;
	terms.hop = line->hop;
	pass->new_source[0] = line->new_source;
	pass->new_target[0] = line->new_target;
	pass->new_ports = *(const __be32 *)&line->new_source_port;
	flow_read_terms(&line->state, &terms, pass);
	if (!flow_is_unchanged(&line->version, terms.place.version))
		return FLOW_MISS;
	return flow_judge(context, place, 4, config, packet, &terms, &line->state, pass);
}

static __always_inline int flow_decide6(
	void *context, const enum place place, const struct flow_config *config, struct flow_packet *packet, struct flow_pass *pass)
{
	__be32 copy[(IPV6_SIZE + TCP_SIZE) / 4];
	struct flow_terms terms;
	const __be32 *ip = flow_parse6(context, place, packet, copy);
	if (!ip)
		return FLOW_MISS;
	struct flow6 *line = flow_find6(config, packet, ip, &terms.place);
	if (!line)
		return FLOW_MISS;
	pass->action = line->action;
	terms.hop = line->hop;
	__builtin_memcpy(pass->new_source, line->new_source, sizeof(pass->new_source));
	__builtin_memcpy(pass->new_target, line->new_target, sizeof(pass->new_target));
	pass->new_ports = *(const __be32 *)&line->new_source_port;
	flow_read_terms(&line->state, &terms, pass);
	if (!flow_is_unchanged(&line->version, terms.place.version))
		return FLOW_MISS;
	return flow_judge(context, place, 6, config, packet, &terms, &line->state, pass);
}

#endif
