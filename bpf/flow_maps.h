/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The maps of flow.h, the clock, and whether a director lives.
 *
 * The sizes here are those of a program without a flow table; NetVS.Linux/Flows makes the real maps and puts them in the places of
 * these before the program is loaded. Minimum kernel: 5.11 (bpf_ktime_get_coarse_ns), 5.5 (BPF_F_MMAPABLE).
 */
#ifndef NETVS_FLOW_MAPS_H
#define NETVS_FLOW_MAPS_H

#include "flow.h"
#include "place.h"

#define FLOW_WORKERS 64
#define FLOW_SMALLEST_RING 4096

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_bucket4);
} flows4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_bucket6);
} flows6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_hop);
} flow_hops SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_counter);
} flow_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_config);
} flow_config SEC(".maps");

/* By the worker's index; a worker without a ring gets the packets themselves. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, FLOW_WORKERS);
	__type(key, __u32);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_RINGBUF);
		__uint(max_entries, FLOW_SMALLEST_RING);
	});
} flow_rings SEC(".maps");

/* No decision of the fast path's: the packet is none of a flow in force. */
#define FLOW_MISS (-1)

/*
 * What is done with a packet that is forwarded: copied out of line and hop while their versions say that both are in force, so that
 * nothing that changes meanwhile can tear it.
 */
struct flow_pass {
	__u32 identity; /* of the stash: another one for every packet */
	__u32 ifindex;
	__u32 macs[3]; /* target and source, as they stand in the frame */
	__u16 vlan;
	__u16 l3; /* where the IP header begins in the frame as received */
	__u16 ip_length;
	__u8 family; /* 4 or 6 */
	__u8 action;
	__u8 protocol;
	__u8 zero[3];
	__be32 new_ports;
	__u32 sequence_delta; /* 0 without FLOW_SHIFT and FLOW_GUE */
	__be32 new_source[4]; /* IPv4: the first word only */
	__be32 new_target[4];
};

/*
 * Where the filter of an AF_PACKET socket leaves for tc ingress what is to be done with the packet (see flow_tc.h). Also room for what
 * does not fit the stack.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_pass);
} flow_passes SEC(".maps");

static __always_inline struct flow_pass *flow_stash(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&flow_passes, &zero);
}

/* What a CPU keeps for itself: what the clock said last, and how many packets it has forwarded. */
struct flow_cpu {
	__u64 jiffies;
	__u64 forwarded; /* those that failed afterwards included */
	__u32 tick;
	__u32 zero;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct flow_cpu);
} flow_cpus SEC(".maps");

/*
 * Now, in ticks. The clock itself is asked once a jiffy: it costs 17 ns here, a third of all the rest, and reading the jiffies is one
 * load, which the verifier puts in place of the call.
 */
static __always_inline __u32 flow_read_clock(struct flow_cpu *cpu)
{
	__u64 jiffies = bpf_jiffies64();
	if (cpu->jiffies != jiffies) {
		cpu->jiffies = jiffies;
		cpu->tick = bpf_ktime_get_coarse_ns() >> FLOW_TICK_SHIFT;
	}
	return cpu->tick;
}

static __always_inline struct flow_cpu *flow_this_cpu(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&flow_cpus, &zero);
}

static __always_inline struct flow_config *flow_read_config(void)
{
	__u32 zero = 0;
	return bpf_map_lookup_elem(&flow_config, &zero);
}

/* Both sides read the clock by themselves and the coarse one is behind: the difference may be negative. */
static __always_inline int flow_is_older(__u32 then, __u32 now, __u32 ticks)
{
	return (__s32)(now - then) > (__s32)ticks;
}

enum flow_director { DIRECTOR_UNKNOWN, DIRECTOR_LIVES, DIRECTOR_DEAD };

/* Whether the director lives; one that has no flow table, or says nothing of its patience, does not say. */
static __always_inline enum flow_director flow_director(void)
{
	struct flow_config *config = flow_read_config();
	struct flow_cpu *cpu = flow_this_cpu();
	if (!config || !cpu || config->layout != FLOW_LAYOUT || !config->patience)
		return DIRECTOR_UNKNOWN;
	return flow_is_older(config->heartbeat, flow_read_clock(cpu), config->patience) ? DIRECTOR_DEAD : DIRECTOR_LIVES;
}

#endif
