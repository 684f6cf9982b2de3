/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/* What the real server's programs and NetVS.RealServer share. */
#ifndef NETVS_REALSERVER_H
#define NETVS_REALSERVER_H

#include "address.h"

/* Key of the longest-prefix maps; prefix counts bits of the 128. */
struct prefix {
	__u32 length;
	struct address address;
};

/* What became of a packet in decap.bpf.c; the index into its counters. */
enum decap_outcome {
	DECAP_DONE,		/* unwrapped and passed up */
	DECAP_OTHER_INNER,	/* a tunnel packet for us whose inner destination is no VIP: left alone */
	DECAP_UNTRUSTED,	/* its sender is not among the directors given: dropped */
	DECAP_FRAGMENT,		/* a fragment of a tunnel packet: left to the kernel */
	DECAP_MALFORMED,	/* lengths or checksum of a header lie: dropped */
	DECAP_CONGESTION,	/* marked CE outside, not ECN-capable inside: dropped (RFC 6040 4.2) */
	DECAP_FAILED,		/* the kernel refused to remove the header: dropped */
	DECAP_OUTCOMES
};

/* What became of an accepted connection in toa.bpf.c; the index into its counters. */
enum toa_outcome {
	TOA_FOUND,		/* carried the option; its client is answered from now on */
	TOA_NONE,		/* carried no option */
	TOA_UNTRUSTED,		/* carried the option, but its sender is not among the local addresses given */
	TOA_OUTCOMES
};

/* The single element of the "settings" map. */
struct settings {
	__u32 only_trusted;	/* 0: believe every sender, 1: those in the "trusted" map */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct settings);
} settings SEC(".maps");

/* The directors whose tunnel packets, or TOA options, are believed, if settings.only_trusted. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix);
	__type(value, __u32);
} trusted SEC(".maps");

static __always_inline int is_trusted(const struct address *sender)
{
	struct prefix key = { .length = 128, .address = *sender };
	__u32 zero = 0;
	struct settings *setting = bpf_map_lookup_elem(&settings, &zero);

	return !setting || !setting->only_trusted || bpf_map_lookup_elem(&trusted, &key);
}

/* The client as the TOA option names it, kept with the socket. */
struct toa_client {
	struct address address;
	__u16 port;		/* network order */
	__u16 is_ipv6;
};

#endif
