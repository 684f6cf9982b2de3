/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * Addresses as the programs beside the diversion keep them: 16 octets in network order, IPv4 ones as ::ffff:a.b.c.d (RFC 4291
 * 2.5.5.2), so that one map serves both families.
 */
#ifndef NETVS_ADDRESS_H
#define NETVS_ADDRESS_H

#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct address {
	__u32 words[4];
};

static __always_inline void map_ipv4(struct address *address, __u32 ipv4)
{
	address->words[0] = 0;
	address->words[1] = 0;
	address->words[2] = bpf_htonl(0xffff);
	address->words[3] = ipv4;
}

#endif
