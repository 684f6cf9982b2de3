/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Which packets are marked, so that a mark service takes them: by the longest of the rules' prefixes that has the destination, and by
 * protocol and destination port. Control has put together what the list of rules comes to for each prefix (NetVS.Director/Marks); the mark itself
 * is of no interest here.
 */
#ifndef NETVS_MARK_H
#define NETVS_MARK_H

#include "place.h"

/* Steps of a binary search through one half of `mark_ranges`. */
#define MARK_STEPS 16

/* What is marked at the addresses for which a prefix is the longest. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, MARK_NETWORKS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mark_key);
	__type(value, struct mark_network);
} mark_networks SEC(".maps");

/* The ranges of ports, those of one network and protocol in order; two halves, so that a new set is written beside the one in use. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2 * MARK_RANGES);
	__type(key, __u32);
	__type(value, struct mark_range);
} mark_ranges SEC(".maps");

/* The network that decides about an address, or NULL. */
static __always_inline struct mark_network *find_marked(const struct address_key *address)
{
	struct mark_key key = {.length = 128, .address = *address};
	return bpf_map_lookup_elem(&mark_networks, &key);
}

/* Whether the port (host order) is marked there. A global function, so that the verifier goes through its steps once and not on every way to it. */
__noinline int is_marked(struct address_key *address, __u8 protocol, __u16 port)
{
	if (!address)
		return 0;
	struct mark_network *network = find_marked(address);
	if (!network)
		return 0;
	__u32 list = protocol == PROTOCOL_TCP ? 0 : protocol == PROTOCOL_UDP ? 1 : 2;
	__u32 low = network->first[list];
	__u32 count = network->count[list];
	/* The last range that begins at or before the port, if there is one; without a branch on it, whose ways the verifier would all follow. */
	for (int i = 0; i < MARK_STEPS; i++) {
		__u32 half = count / 2;
		__u32 middle = low + half;
		struct mark_range *range = bpf_map_lookup_elem(&mark_ranges, &middle);
		if (!range)
			return 0;
		__u32 is_before = (__u32)((int)range->first - (int)port - 1) >> 31;
		low += half * is_before;
		count -= half;
	}
	struct mark_range *range = bpf_map_lookup_elem(&mark_ranges, &low);
	return count && range && range->first <= port && port <= range->last;
}

#endif
