// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * Keeps a real server that carries the VIP on its loopback device from answering IPv6 neighbour solicitations for it. IPv4 has
 * sysctls for this (arp_ignore); IPv6 has none, and Linux does answer for addresses of other interfaces. At tc ingress.
 *
 * Also drops duplicate address detection probes for the VIP (RFC 4862 5.4): the director may be configuring it.
 *
 * Read first: RFC 4861 4.3 (the message), 7.1.1 (its hop limit is 255 and there is no extension header in practice).
 *
 * Minimum kernel: 4.7.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "realserver.h"

#define PROTOCOL_ICMPV6 58
#define NEIGHBOUR_SOLICITATION 135
#define TARGET_OFFSET 8

/* The VIPs to be silent about. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct address);
	__type(value, __u32);
} vips SEC(".maps");

/* Solicitations dropped. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("tc")
int silence(struct __sk_buff *skb)
{
	struct address target;
	struct ipv6hdr header;
	__u32 zero = 0;
	__u64 *counter;
	__u8 type;

	if (skb->protocol != bpf_htons(ETH_P_IPV6) ||
	    bpf_skb_load_bytes(skb, ETH_HLEN, &header, sizeof(header)) < 0 ||
	    header.nexthdr != PROTOCOL_ICMPV6 ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(header), &type, 1) < 0 ||
	    type != NEIGHBOUR_SOLICITATION ||
	    bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(header) + TARGET_OFFSET, &target, sizeof(target)) < 0 ||
	    !bpf_map_lookup_elem(&vips, &target))
		return TC_ACT_UNSPEC;

	counter = bpf_map_lookup_elem(&counters, &zero);
	if (counter)
		*counter += 1;
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
