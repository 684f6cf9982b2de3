/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The flow table: what the director and the fast path share.
 *
 * A flow is one direction of a connection: a line that says which packets it means, what to write into them and by which next hop
 * they leave. NAT and FULLNAT connections have two, DR and TUN one. The maps are arrays that the director maps into its own memory:
 * it installs, changes and removes flows with plain stores, and the program only ever reads what is in force.
 *
 * NetVS.Director/Offload mirrors these structs and a test compares sizes and offsets. Change FLOW_LAYOUT with any change here: a
 * daemon adopts the flows of another only when both have the same number.
 *
 * Consistency. A line's `version` has three states in its two lowest bits: 0 free, 1 being written, 2 in force; the bits above count
 * how often the line was given out. The director writes a line only while it is 1. The program loads the version, compares and
 * copies what it needs, and loads the version again: if it is another one, the packet is a miss. A next hop's `version` is odd while
 * it is written, and the program reads it the same way. Loads are kept in order by x86-64; no other processor is supported.
 *
 * Time is in ticks of 2^27 ns (0.134 s) of CLOCK_MONOTONIC, modulo 2^32, rounded down.
 */
#ifndef NETVS_FLOW_H
#define NETVS_FLOW_H

#include <linux/types.h>

#define FLOW_LAYOUT 3
#define FLOW_TICK_SHIFT 27

/*
 * Levels: a flow's bucket is found by the bits of its hash that a mask leaves, and there are up to three masks: that of all buckets, and those without
 * the four and the eight highest of its bits. The director places new flows by the smallest that is at most half full, so that few flows lie close
 * together in a large table: on few pages, which is what a look-up costs. `place_mask` of the configuration says which; the program looks there
 * first. A flow stays where it was placed, so that the program then looks by the other masks, the smaller ones first.
 */
#define FLOW_LEVELS 3
#define FLOW_LEVEL_SHIFT 4
#define FLOW_SMALLEST_LEVEL 1023 /* no smaller mask is used, but for a table that is no larger itself */

/*
 * Lines of a bucket; a flow is in its first bucket of some level, or, when those were full from the one where it was to be placed up to the largest, in
 * its second, which only the largest level has. Within a bucket it has a home, and is there or, when that
 * was taken, in the next free line: in a table that is half full more than two thirds of all flows are found in the first cache line that is read.
 */
#define FLOW_WAYS 4

/* Low two bits of `version`. */
#define FLOW_FREE 0
#define FLOW_BUSY 1
#define FLOW_LIVE 2
#define FLOW_STATE 3
#define FLOW_GENERATION 4 /* one generation */

/* `action`: what is done, in the low four bits. */
#define FLOW_REWRITE 1 /* new_* replace all four of the packet's ends */
#define FLOW_DIRECT 2 /* only the Ethernet header changes */
#define FLOW_TUNNEL 3 /* new_source and new_target are the outer header's addresses: IPIP or IP6IP6 */
#define FLOW_GRE 4 /* as FLOW_TUNNEL, with a GRE header without a checksum between the two IP headers */
#define FLOW_GUE 5 /* as FLOW_TUNNEL, with UDP and GUE between them, without a checksum; sequence_delta is UDP's ports */
#define FLOW_KIND 0x0f
/* `action`: flags. */
#define FLOW_REPLY 0x10 /* from the real server to the client */
/*
 * FULLNAT over TCP: sequence_delta is added to the sequence number of requests and taken from the acknowledgment number of replies
 * that have ACK. Segments with options other than two NOPs and a timestamp, and all with SYN, go to the director.
 */
#define FLOW_SHIFT 0x20
#define FLOW_OUTER_DF 0x40 /* TUN, IPv4: the outer header has DF where the inner one has (pmtu_disc) */

/* Events by which the director's state machine moves, as bits of a quiet mask; a segment is the first of these that fits. */
#define FLOW_EVENT_ACK 0x04 /* of RST, SYN, FIN and ACK only ACK */
#define FLOW_EVENT_RST 0x08
#define FLOW_EVENT_SYN 0x01
#define FLOW_EVENT_FIN 0x02
#define FLOW_QUIET 0x0fU /* the bits of a report word that are the quiet mask */

/*
 * What moves while the line is in force: `last_seen`, `packets` and `report` are written by the program, the rest by the director.
 *
 * report: the low four bits are the quiet mask: events that would change nothing about the connection and are not reported. The next four
 * are the state of a TCP connection when the mask was set, for who adopts it; the program leaves them alone. The bits above count the
 * reports of the connection: those of this line and of the other direction's, because each report counts in both. Before
 * the program reports, it adds one report and then clears the mask, here and in the other direction's line, atomically: from then on
 * every packet is reported, until the director has seen them all and sets a new mask by compare-and-exchange from the very count
 * it has processed. There is room in the ring before anything is counted, and the report is readable after. UDP has no events.
 */
struct flow_state {
	__u32 sequence_delta; /* see FLOW_SHIFT; host order. FLOW_GUE: UDP's source port, and its destination port in the low half */
	__u16 counter; /* the destination's slot in flow_counters, 0 to slots - 1 */
	__u16 timeout; /* seconds after last_seen when it may no longer be used without a living director */
	__u32 report;
	__u32 last_seen;
	__u32 connection; /* the director's: worker in the high 8 bits, handle in the low 24 */
	__u32 pair; /* the line of the other direction plus one; 0 = none */
	__u32 packets; /* modulo 2^32 */
	__u8 overflow; /* of a bucket's first line: flows of this first bucket, by the largest level, that are in their second; not part of a flow */
	__u8 worker; /* the ring that reports go to */
	__u16 ip_mtu; /* the largest IP packet by this way, for TUN the largest inner one; 65535 stands for that and more */
};

/* One IPv4 flow: one cache line. Ports and addresses in network order, as packets carry them. */
struct flow4 {
	__u32 version;
	__be32 source;
	__be32 target;
	__be16 source_port;
	__be16 target_port;
	__u8 protocol;
	__u8 action;
	__u16 hop; /* index into flow_hops; 0 = none: the packet goes to the director */
	__be32 new_source;
	__be32 new_target;
	__be16 new_source_port;
	__be16 new_target_port;
	struct flow_state state;
};

/* One IPv6 flow: two cache lines; the first has all that a miss reads. */
struct flow6 {
	__u32 version;
	__be32 source[4];
	__be32 target[4];
	__be16 source_port;
	__be16 target_port;
	__u8 protocol;
	__u8 action;
	__u16 hop;
	__be32 new_source[4];
	__be32 new_target[4];
	__be16 new_source_port;
	__be16 new_target_port;
	__u32 zero;
	struct flow_state state;
	__u32 unused[3];
};

/* Values of the maps `flows4` and `flows6`. */
struct flow_bucket4 {
	struct flow4 line[FLOW_WAYS];
};

struct flow_bucket6 {
	struct flow6 line[FLOW_WAYS];
};

/* Value of the map `flow_hops`: a next hop as the director's next-hop table has it, by the same id. */
struct flow_hop {
	__u32 version; /* odd while it is written */
	__u32 ifindex; /* 0: not usable, the packet goes to the director */
	__u8 target[6]; /* MACs */
	__u8 source[6];
	__u16 vlan; /* the tag's VLAN id; 0 = untagged */
	__u16 flags; /* HOP_* */
	__u32 used; /* when a packet last left by it, in ticks; written by the program, only when it changes */
	__u32 zero;
};

#define HOP_XDP 0x01 /* the device sends frames that XDP redirects to it */

/*
 * Value of the map `flow_counters`: what one CPU has counted for one destination; index cpu * slots + slot. Written by that CPU alone.
 * Octets are those of the IP packet as received; an unsegmented frame is one packet.
 */
struct flow_counter {
	__u64 inbound_packets;
	__u64 inbound_octets;
	__u64 outbound_packets;
	__u64 outbound_octets;
	__u64 withdrawn; /* not 0: the destination is gone, its flows' packets go to the director; written by the director, for all CPUs */
	__u64 zero[3];
};

#define FLOW_KEYS 11

/* The one value of the map `flow_config`. Written by the director. */
struct flow_config {
	__u32 layout; /* FLOW_LAYOUT */
	__u32 enabled; /* 0: no packet is looked up */
	__u32 bucket_mask4; /* buckets of flows4 less one; their number is a power of two */
	__u32 bucket_mask6;
	__u32 place_mask4; /* the mask by which new flows are placed: bucket_mask4, or a smaller level's */
	__u32 place_mask6;
	__u32 counter_slots;
	__u32 heartbeat; /* when the director last lived, in ticks */
	__u32 patience; /* ticks without a heartbeat after which the director is taken for dead */
	__u32 first_hop; /* the director's: the first id of its next hops; the next director uses others, because flows still name these */
	__u64 key[FLOW_KEYS]; /* of the hash: random, and odd or even as it comes */
};

/*
 * The hash: Multilinear-HM of Lemire and Kaser, "Strongly universal string hashing is fast" (2014), over 32-bit words w[0..n) with n
 * even: h = key[0] + sum over even i of (key[i+1] + w[i]) * (key[i+2] + w[i+1]) modulo 2^64. Its high 32 bits, H, are strongly
 * universal: who does not know the key cannot choose flows that share a bucket more often than by chance.
 * IPv4: source, target, ports, protocol. IPv6: source[0..3], target[0..3], ports, protocol. Each word is what a little-endian load from
 * the packet gives; ports is source port then target port as they stand in the header; protocol is its number.
 * First bucket of a level: H & its mask. Second, of the largest: (first ^ ((H >> 20 | 1) * 0x9e3779b1)) & mask, product modulo 2^32; where
 * that is a bucket of a smaller level, too, which is fuller, the other half's: with the highest bit of mask turned. A flow whose second bucket is one of
 * its first ones does not use it. Home in each: H >> 30.
 */

/* A report: an element of the ring of the line's worker (map `flow_rings`, an array of ring buffers). */
struct flow_event {
	__u32 line; /* bucket * FLOW_WAYS + way */
	__u32 version; /* of the line */
	__u32 when; /* in ticks */
	__u8 family; /* 4 or 6 */
	__u8 flags; /* the TCP header's octet of CWR to FIN */
	__u16 zero;
};

#endif
