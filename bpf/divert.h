/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Keys and values of the maps of divert.bpf.c; NetVS.Linux/Divert mirrors them and a test compares sizes and offsets. */
#ifndef NETVS_DIVERT_H
#define NETVS_DIVERT_H

#include <linux/types.h>

/* What an address means to the director (values of `addresses`). */
#define ADDRESS_VIRTUAL 0x01 /* has a virtual endpoint */
#define ADDRESS_REAL 0x02 /* has an endpoint whose packets come back through the director */
#define ADDRESS_TUNNEL 0x04 /* a real server behind our tunnel */
#define ADDRESS_LOCAL 0x08 /* a local address of FULLNAT */
#define ADDRESS_OWN 0x10 /* the host's own */

/* What an endpoint means to the director (values of `endpoints`). */
#define ENDPOINT_VIRTUAL 0x01
#define ENDPOINT_REAL 0x02
#define ENDPOINT_TUNNEL 0x04 /* our tunnel ends there: protocol 4 stands for IP in IP of either family */

/* The mark of what the director sends through AF_PACKET ("NVS" and a zero octet). */
#define DIRECTOR_MARK 0x4e565300

/*
 * How the tap tells the director of a packet's mark: the frame's destination MAC says that the source MAC is zero, zero and the mark in network
 * order. Both are locally administered addresses that no device has.
 */
#define MARKED_MAC "\x4eNVSmk"

/* Key of `interfaces`: a frame is for this host when its destination MAC is one of the receiving interface's. */
struct interface_key {
	__u32 ifindex;
	__u8 mac[6];
	__u16 zero;
};

struct interface_value {
	__u32 first_socket; /* the slot in `sockets` of this interface's queue 0 */
};

/* Key of `addresses`: IPv6, or IPv4 mapped into it (::ffff:a.b.c.d). */
struct address_key {
	__be32 word[4];
};

/* Key of `endpoints`; port 0 stands for every port. */
struct endpoint_key {
	struct address_key address;
	__be16 port;
	__u8 protocol;
	__u8 zero;
};

/* Most entries of `mark_networks`: each mark rule has at most one prefix, and so has each former one. */
#define MARK_NETWORKS 2048

/* Ranges in one half of `mark_ranges`. */
#define MARK_RANGES 32768

/* Key of `mark_networks`: bits that count, of an address as in address_key. */
struct mark_key {
	__u32 length;
	struct address_key address;
};

/* Value of `mark_networks`: where in `mark_ranges` the ranges of TCP, UDP and SCTP are, and how many. */
struct mark_network {
	__u32 first[3];
	__u32 count[3];
};

/* Value of `mark_ranges`: ports from first to last, in host order. */
struct mark_range {
	__u16 first;
	__u16 last;
};

/* Slots of `macs`: interfaces with a higher index are looked up in `interfaces`. */
#define MAC_SLOTS 4096

/* Value of `macs`. */
struct mac_value {
	__u16 mac[3]; /* as a frame has it */
	__u16 known; /* 0: no interface of ours has this index */
	__u32 first_socket; /* see interface_value */
};

/*
 * Slots of `counters`. A frame is counted once, by what was decided about it; those with COUNT_UP_ in front belong to a flow in force
 * and go to the director all the same.
 */
enum divert_counter {
	COUNT_NOT_FOR_US, /* another host's MAC, no IP */
	COUNT_PASSED, /* for this host, nothing of ours */
	COUNT_MALFORMED, /* cut short; passed to the kernel, which says so */
	COUNT_TO_VIRTUAL,
	COUNT_FROM_REAL,
	COUNT_FRAGMENT,
	COUNT_ICMP_ERROR,
	COUNT_EGRESS, /* replies of real servers on this host, turned round at egress */
	COUNT_FLOW_FORWARDED, /* by the fast path: counted apart, in flow_cpu */
	COUNT_FLOW_FAILED, /* a helper refused in the middle of the rewriting: dropped */
	COUNT_UP_TTL, /* TTL or hop limit 1 or 0 */
	COUNT_UP_SIZE, /* longer than the way's IP MTU */
	COUNT_UP_SEGMENTS, /* an unsegmented frame into a tunnel */
	COUNT_UP_CHECKSUM, /* UDP without a checksum, which gets one */
	COUNT_UP_SYN,
	COUNT_UP_FLAGS, /* none of SYN, FIN, RST, ACK */
	COUNT_UP_OPTIONS, /* FLOW_SHIFT and TCP options that may need shifting */
	COUNT_UP_HOP, /* no usable next hop */
	COUNT_UP_WITHDRAWN, /* the destination is gone */
	COUNT_UP_EXPIRED, /* the director is dead and the flow too old */
	COUNT_UP_RING, /* no room for a report */
	COUNT_NO_DIRECTOR, /* counted besides: the director's, and none takes it */
	COUNT_LOCAL_REQUEST, /* requests of clients on this host, turned round at egress */
	COUNTERS,
};

#endif
