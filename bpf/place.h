/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* What every part of divert.bpf.c needs: where it runs, and the counters of what became of frames. */
#ifndef NETVS_PLACE_H
#define NETVS_PLACE_H

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "divert.h"

#define ETHER_SIZE 14
#define VLAN_SIZE 4
#define ETHER_IPV4 0x0800
#define ETHER_IPV6 0x86dd
#define ETHER_VLAN 0x8100
#define ETHER_QINQ 0x88a8
#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_ICMP 1
#define PROTOCOL_IPIP 4
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_IPV6 41
#define PROTOCOL_ROUTING 43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_GRE 47
#define PROTOCOL_ESP 50
#define PROTOCOL_AH 51
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_DESTINATION 60
#define PROTOCOL_SCTP 132
#define IPV4_SIZE 20
#define IPV6_SIZE 40
#define UDP_SIZE 8
#define TCP_SIZE 20

/*
 * Where a program runs decides how it may read the frame: XDP by pointers, tc and a socket's filter by helpers. Always a constant, so
 * that one branch remains of each choice.
 */
enum place { PLACE_XDP, PLACE_SKB };

/* Frames by decision, per CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

/* The first MAC of each interface the director listens on, by the interface's index; others are in `interfaces`. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MAC_SLOTS);
	__type(key, __u32);
	__type(value, struct mac_value);
} macs SEC(".maps");

static __always_inline void count(__u32 which)
{
	__u64 *value = bpf_map_lookup_elem(&counters, &which);
	if (value)
		*value += 1; /* per CPU: nobody else writes it */
}

#endif
