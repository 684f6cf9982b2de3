/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Finding a packet's line, exactly as flow.h says. A line that is found is in force at that moment; what is copied from it
 * afterwards counts only if the version is still the same then (flow_is_unchanged).
 */
#ifndef NETVS_FLOW_LOOKUP_H
#define NETVS_FLOW_LOOKUP_H

#include "flow_maps.h"
#include "flow_parse.h"

/* A line that was found: its number, and the version it had. */
struct flow_place {
	__u32 line;
	__u32 version;
};

/* Keeps the compiler from moving loads and stores across; the processor keeps loads in order by itself. */
static __always_inline void flow_barrier(void)
{
	asm volatile("" ::: "memory");
}

static __always_inline __u32 flow_load(const __u32 *word)
{
	return *(const volatile __u32 *)word;
}

static __always_inline int flow_is_unchanged(const __u32 *version, __u32 known)
{
	flow_barrier();
	return flow_load(version) == known;
}

/* The mask of a level, 0 being the largest; 0 where there is none. */
static __always_inline __u32 flow_level(__u32 mask, __u32 level)
{
	__u32 smaller = mask >> (level * FLOW_LEVEL_SHIFT);
	return !level || smaller >= FLOW_SMALLEST_LEVEL ? smaller : 0;
}

static __always_inline __u32 flow_second_bucket(__u32 first, __u32 hash, __u32 mask)
{
	__u32 second = (first ^ ((hash >> 20 | 1) * 0x9e3779b1U)) & mask, smaller = flow_level(mask, 1);
	return smaller && second <= smaller ? second ^ ((mask >> 1) + 1) : second;
}

/* The way of its bucket where a flow is looked for first. */
static __always_inline __u32 flow_home_way(__u32 hash)
{
	return hash >> 30;
}

static __always_inline int flow_is_line4(const struct flow4 *line, const struct flow_packet *packet, __u32 *version)
{
	*version = flow_load(&line->version);
	flow_barrier();
	__u32 difference = (line->source ^ packet->source) | (line->target ^ packet->target) |
		(*(const __be32 *)&line->source_port ^ packet->ports) | (line->protocol ^ packet->protocol) |
		((*version & FLOW_STATE) ^ FLOW_LIVE);
	return !difference;
}

/* Looks through one bucket: the line's number plus one, or 0. */
static __always_inline __u32 flow_search4(__u32 number, __u32 home, const struct flow_packet *packet, struct flow_bucket4 **bucket, __u32 *version)
{
	*bucket = bpf_map_lookup_elem(&flows4, &number);
	if (!*bucket)
		return 0;
#pragma unroll
	for (__u32 i = 0; i < FLOW_WAYS; i++) {
		__u32 way = (home + i) % FLOW_WAYS;
		if (flow_is_line4(&(*bucket)->line[way], packet, version))
			return number * FLOW_WAYS + way + 1;
	}
	return 0;
}

/* Where the director does not place new flows now, by any mask but `placed`, then in the second bucket. Out of line, for its stack and the verifier's time. */
static __noinline __u32 flow_find_elsewhere4(const struct flow_packet *packet, __u32 hash, __u32 mask, __u32 placed)
{
	struct flow_bucket4 *bucket;
	__u32 version, home = flow_home_way(hash), first = hash & mask;
	for (__u32 level = 1; level < FLOW_LEVELS; level++) {
		__u32 smaller = flow_level(mask, level);
		if (!smaller)
			break;
		__u32 found = smaller == placed ? 0 : flow_search4(hash & smaller, home, packet, &bucket, &version);
		if (found)
			return found;
	}
	if (mask != placed) {
		__u32 found = flow_search4(first, home, packet, &bucket, &version);
		if (found)
			return found;
	}
	bucket = bpf_map_lookup_elem(&flows4, &first);
	if (!bucket || !bucket->line[0].state.overflow)
		return 0;
	return flow_search4(flow_second_bucket(first, hash, mask), home, packet, &bucket, &version);
}

static __always_inline struct flow4 *flow_find4(
	const struct flow_config *config, const struct flow_packet *packet, struct flow_place *place)
{
	const __u64 *key = config->key;
	__u64 sum = key[0] + (key[1] + packet->source) * (key[2] + packet->target) + (key[3] + packet->ports) * (key[4] + packet->protocol);
	__u32 hash = sum >> 32, placed = config->place_mask4, number = hash & placed;
	struct flow_bucket4 *bucket;
	__u32 found = flow_search4(number, flow_home_way(hash), packet, &bucket, &place->version);
	if (!found) {
		found = flow_find_elsewhere4(packet, hash, config->bucket_mask4, placed);
		if (!found)
			return 0;
		number = (found - 1) / FLOW_WAYS;
		bucket = bpf_map_lookup_elem(&flows4, &number);
		if (!bucket || !flow_is_line4(&bucket->line[(found - 1) % FLOW_WAYS], packet, &place->version))
			return 0;
	}
	place->line = found - 1;
	return &bucket->line[place->line % FLOW_WAYS];
}

/* An IPv6 packet's addresses begin at the third word of its header. */
#define IPV6_ADDRESSES 2

static __always_inline int flow_is_line6(const struct flow6 *line, const struct flow_packet *packet, const __be32 *ip, __u32 *version)
{
	*version = flow_load(&line->version);
	flow_barrier();
	__u32 difference = (*(const __be32 *)&line->source_port ^ packet->ports) | (line->protocol ^ packet->protocol) |
		((*version & FLOW_STATE) ^ FLOW_LIVE);
	if (difference)
		return 0;
	/* Source and target follow each other in both. Halves of an address are not aligned in a line, which x86-64 does not mind. */
	const __u64 *here = (const __u64 *)line->source;
	const __u64 *there = (const __u64 *)(ip + IPV6_ADDRESSES);
	return !((here[0] ^ there[0]) | (here[1] ^ there[1]) | (here[2] ^ there[2]) | (here[3] ^ there[3]));
}

static __always_inline __u32 flow_search6(__u32 number, __u32 home, const struct flow_packet *packet, const __be32 *ip, struct flow_bucket6 **bucket, __u32 *version)
{
	*bucket = bpf_map_lookup_elem(&flows6, &number);
	if (!*bucket)
		return 0;
#pragma unroll
	for (__u32 i = 0; i < FLOW_WAYS; i++) {
		__u32 way = (home + i) % FLOW_WAYS;
		if (flow_is_line6(&(*bucket)->line[way], packet, ip, version))
			return number * FLOW_WAYS + way + 1;
	}
	return 0;
}

static __noinline __u32 flow_find_elsewhere6(const struct flow_packet *packet, const __be32 *ip, __u32 hash, __u32 mask, __u32 placed)
{
	struct flow_bucket6 *bucket;
	__u32 version, home = flow_home_way(hash), first = hash & mask;
	for (__u32 level = 1; level < FLOW_LEVELS; level++) {
		__u32 smaller = flow_level(mask, level);
		if (!smaller)
			break;
		__u32 found = smaller == placed ? 0 : flow_search6(hash & smaller, home, packet, ip, &bucket, &version);
		if (found)
			return found;
	}
	if (mask != placed) {
		__u32 found = flow_search6(first, home, packet, ip, &bucket, &version);
		if (found)
			return found;
	}
	bucket = bpf_map_lookup_elem(&flows6, &first);
	if (!bucket || !bucket->line[0].state.overflow)
		return 0;
	return flow_search6(flow_second_bucket(first, hash, mask), home, packet, ip, &bucket, &version);
}

static __always_inline struct flow6 *flow_find6(
	const struct flow_config *config, const struct flow_packet *packet, const __be32 *ip, struct flow_place *place)
{
	const __u64 *key = config->key;
	const __be32 *address = ip + IPV6_ADDRESSES;
	__u64 sum = key[0] + (key[9] + packet->ports) * (key[10] + packet->protocol);
#pragma unroll
	for (int i = 0; i < 8; i += 2)
		sum += (key[1 + i] + address[i]) * (key[2 + i] + address[i + 1]);
	__u32 hash = sum >> 32, placed = config->place_mask6, number = hash & placed;
	struct flow_bucket6 *bucket;
	__u32 found = flow_search6(number, flow_home_way(hash), packet, ip, &bucket, &place->version);
	if (!found) {
		found = flow_find_elsewhere6(packet, ip, hash, config->bucket_mask6, placed);
		if (!found)
			return 0;
		number = (found - 1) / FLOW_WAYS;
		bucket = bpf_map_lookup_elem(&flows6, &number);
		if (!bucket || !flow_is_line6(&bucket->line[(found - 1) % FLOW_WAYS], packet, ip, &place->version))
			return 0;
	}
	place->line = found - 1;
	return &bucket->line[place->line % FLOW_WAYS];
}

#endif
