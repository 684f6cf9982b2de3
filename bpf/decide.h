/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Which frames the director must see, by what the rules say of addresses and endpoints.
 *
 * Read first: RFC 791 3.1, RFC 8200 4, RFC 792, RFC 4443 2.1.
 */
#ifndef NETVS_DECIDE_H
#define NETVS_DECIDE_H

#include "mark.h"
#include "place.h"

#define MAX_EXTENSIONS 6
#define MAX_OFFSET 1024

/* AH and ESP have no ports: they go with the ISAKMP connection of their ends, from this UDP port to this one. */
#define ISAKMP_PORT 500

/* The MACs of the interfaces the director listens on. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct interface_key);
	__type(value, struct interface_value);
} interfaces SEC(".maps");

/* What each address means; looked at first, so that traffic that is none of ours costs two lookups. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct address_key);
	__type(value, __u32);
} addresses SEC(".maps");

/* What each protocol, address and port means. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 131072);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct endpoint_key);
	__type(value, __u32);
} endpoints SEC(".maps");

/* The AF_XDP sockets: an interface has one slot per queue from its first_socket on. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

/* The index of the director's tap device, 0 while there is none. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} tap SEC(".maps");

/* Ends of clients on this very host whose requests were turned round at egress: what real servers send there is the director's. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct endpoint_key);
	__type(value, __u32);
} local_clients SEC(".maps");

/* What the decision needs of a packet. */
struct packet {
	struct address_key source;
	struct address_key target;
	__u32 l4; /* offset of the layer 4 header */
	__u8 protocol;
	__u8 fragment; /* one of several fragments, the first included */
	__u8 has_ports; /* the first fragment, or all there is */
};

/* Copies `size` octets (a constant, multiple of 2) from `offset` of the frame; -1 when the frame ends before. */
static __always_inline int load(void *context, const enum place place, __u32 offset, void *into, const __u32 size)
{
	if (place == PLACE_SKB)
		return bpf_skb_load_bytes(context, offset, into, size) ? -1 : 0;

	struct xdp_md *frame = context;
	void *data = (void *)(long)frame->data;
	void *end = (void *)(long)frame->data_end;
	/* The verifier follows a variable offset only when it has a bound. */
	if (offset > MAX_OFFSET)
		return -1;
	__u16 *from = data + offset;
	if ((void *)from + size > end)
		return -1;
	__u16 *to = into;
#pragma unroll
	for (__u32 i = 0; i < size / 2; i++)
		to[i] = from[i];
	return 0;
}

static __always_inline void map_ipv4(struct address_key *key, __be32 address)
{
	key->word[0] = 0;
	key->word[1] = 0;
	key->word[2] = bpf_htonl(0xffff);
	key->word[3] = address;
}

/* Reads an IPv4 header at `l3`. */
static __always_inline int parse_ipv4(void *context, const enum place place, __u32 l3, struct packet *packet)
{
	__be32 header[5];
	if (load(context, place, l3, header, sizeof(header)))
		return -1;
	__u8 *octets = (__u8 *)header;
	__u32 length = (octets[0] & 0x0f) * 4;
	if (octets[0] >> 4 != 4 || length < 20)
		return -1;
	__u16 fragment = bpf_ntohs(((__be16 *)header)[3]);
	packet->fragment = (fragment & 0x3fff) != 0; /* MF or an offset */
	packet->has_ports = (fragment & 0x1fff) == 0;
	packet->protocol = octets[9];
	map_ipv4(&packet->source, header[3]);
	map_ipv4(&packet->target, header[4]);
	packet->l4 = l3 + length;
	return 0;
}

static __always_inline int is_extension(__u8 next)
{
	return next == PROTOCOL_HOP_BY_HOP || next == PROTOCOL_ROUTING || next == PROTOCOL_DESTINATION || next == PROTOCOL_AH ||
	       next == PROTOCOL_FRAGMENT;
}

/* Reads an IPv6 header at `l3` and walks at most MAX_EXTENSIONS extension headers; what is longer has no layer 4 here. */
static __always_inline int parse_ipv6(void *context, const enum place place, __u32 l3, struct packet *packet)
{
	__be32 header[10];
	if (load(context, place, l3, header, sizeof(header)))
		return -1;
	__u8 *octets = (__u8 *)header;
	if (octets[0] >> 4 != 6)
		return -1;
	__builtin_memcpy(&packet->source, header + 2, 16);
	__builtin_memcpy(&packet->target, header + 6, 16);
	packet->fragment = 0;
	packet->has_ports = 1;
	__u8 next = octets[6];
	__u32 offset = l3 + 40;
#pragma unroll
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		if (!is_extension(next))
			break;
		__u8 extension[4];
		if (load(context, place, offset, extension, sizeof(extension)))
			return -1;
		if (next == PROTOCOL_FRAGMENT) {
			__u16 fragment = (__u16)extension[2] << 8 | extension[3];
			offset += 8;
			/* Offset 0 without M: an atomic fragment, whole in itself (RFC 6946). */
			if (fragment & 0xfff9)
				packet->fragment = 1;
			next = extension[0];
			if (fragment & 0xfff8) {
				packet->has_ports = 0;
				break;
			}
			continue;
		}
		offset += next == PROTOCOL_AH ? (extension[1] + 2) * 4 : (extension[1] + 1) * 8;
		next = extension[0];
	}
	packet->protocol = next;
	packet->l4 = offset;
	return 0;
}

static __always_inline __u32 address_meaning(struct address_key *address)
{
	__u32 *value = bpf_map_lookup_elem(&addresses, address);
	return value ? *value : 0;
}

/* Whether the endpoint, or every port of its address, has the meaning asked for. */
static __always_inline int endpoint_means(struct address_key *address, __u8 protocol, __be16 port, __u32 meaning)
{
	struct endpoint_key key = {.address = *address, .port = port, .protocol = protocol};
	__u32 *value = bpf_map_lookup_elem(&endpoints, &key);
	if (value && (*value & meaning))
		return 1;
	key.port = 0;
	value = bpf_map_lookup_elem(&endpoints, &key);
	return value && (*value & meaning);
}

static __always_inline int has_ports(__u8 protocol)
{
	return protocol == PROTOCOL_TCP || protocol == PROTOCOL_UDP || protocol == PROTOCOL_SCTP;
}

/* Packets to the host itself are the host's, even from a real server: health checks, ssh. Local addresses are the director's, and so are replies to local clients. */
static __always_inline int is_hosts_own(__u32 meaning)
{
	return (meaning & ADDRESS_OWN) && !(meaning & ADDRESS_LOCAL);
}

static __always_inline int is_local_client(struct address_key *address, __u8 protocol, __be16 port)
{
	struct endpoint_key key = {.address = *address, .port = port, .protocol = protocol};
	return bpf_map_lookup_elem(&local_clients, &key) != 0;
}

/* Whether a packet is one of our tunnels': IP in IP, GRE, or UDP to the port of a GUE tunnel. */
static __always_inline int is_tunnel(void *context, const enum place place, struct packet *quoted)
{
	__u8 protocol = quoted->protocol == PROTOCOL_IPV6 ? PROTOCOL_IPIP : quoted->protocol;
	__be16 ports[2] = {};
	if (protocol == PROTOCOL_UDP && (!quoted->has_ports || load(context, place, quoted->l4, ports, sizeof(ports))))
		return 0;
	if (protocol != PROTOCOL_UDP && protocol != PROTOCOL_IPIP && protocol != PROTOCOL_GRE)
		return 0;
	struct endpoint_key key = {.address = quoted->target, .port = ports[1], .protocol = protocol};
	__u32 *value = bpf_map_lookup_elem(&endpoints, &key);
	return value && (*value & ENDPOINT_TUNNEL);
}

/*
 * ICMP errors. They are the director's when they come to a virtual or local address, or quote a packet the director sent: one to a
 * real endpoint, or a packet of ours to a tunnel's other end. They may come from any router on the way.
 */
static __always_inline int decide_icmp(void *context, const enum place place, struct packet *packet, __u32 to)
{
	__u8 type[2];
	if (load(context, place, packet->l4, type, sizeof(type)))
		return COUNT_MALFORMED;
	int v4 = packet->protocol == PROTOCOL_ICMP;
	/* RFC 792: unreachable, source quench, time exceeded, parameter problem. RFC 4443: errors are below 128. */
	if (v4 ? type[0] != 3 && type[0] != 4 && type[0] != 11 && type[0] != 12 : type[0] >= 128)
		return COUNT_PASSED;
	if (to & (ADDRESS_VIRTUAL | ADDRESS_LOCAL))
		return COUNT_ICMP_ERROR;

	struct packet quoted = {};
	int bad = v4 ? parse_ipv4(context, place, packet->l4 + 8, &quoted) : parse_ipv6(context, place, packet->l4 + 8, &quoted);
	if (bad)
		return COUNT_PASSED;
	__u32 meaning = address_meaning(&quoted.target);
	if ((meaning & ADDRESS_TUNNEL) && is_tunnel(context, place, &quoted))
		return COUNT_ICMP_ERROR;
	if (!(meaning & ADDRESS_REAL) || !quoted.has_ports || !has_ports(quoted.protocol))
		return COUNT_PASSED;
	__be16 ports[2];
	if (load(context, place, quoted.l4, ports, sizeof(ports)))
		return COUNT_PASSED;
	if (is_hosts_own(to) && !is_local_client(&quoted.source, quoted.protocol, ports[0]))
		return COUNT_PASSED;
	return endpoint_means(&quoted.target, quoted.protocol, ports[1], ENDPOINT_REAL) ? COUNT_ICMP_ERROR : COUNT_PASSED;
}

/* Whether the target is a virtual service of the director's. */
static __always_inline int is_to_virtual(struct packet *packet, __u32 to, __be16 port)
{
	return (to & ADDRESS_VIRTUAL) && (endpoint_means(&packet->target, packet->protocol, port, ENDPOINT_VIRTUAL) ||
					  is_marked(&packet->target, packet->protocol, bpf_ntohs(port)));
}

/* What the packet's target means. Some of its ports may be marked: then errors and fragments to it may be the director's, as with a VIP. */
static __always_inline __u32 target_meaning(struct packet *packet)
{
	__u32 to = address_meaning(&packet->target);
	return !(to & ADDRESS_VIRTUAL) && find_marked(&packet->target) ? to | ADDRESS_VIRTUAL : to;
}

static __always_inline int decide_packet(void *context, const enum place place, struct packet *packet)
{
	__u32 from = address_meaning(&packet->source);
	/* Nobody else sends from our addresses: the kernel's to refuse, for what the director hands back it takes for its own. */
	if (from & ADDRESS_OWN)
		return COUNT_PASSED;
	__u32 to = target_meaning(packet);
	if ((packet->protocol == PROTOCOL_ICMP || packet->protocol == PROTOCOL_ICMPV6) && !packet->fragment)
		return decide_icmp(context, place, packet, to);

	int from_real = from & ADDRESS_REAL;
	int is_directors_address = to & (ADDRESS_VIRTUAL | ADDRESS_LOCAL);
	if (!is_directors_address && !from_real)
		return COUNT_PASSED;
	/* Only the first fragment has ports, so all follow it: what is not the director's after all comes back by the tap. */
	if (packet->fragment)
		return is_directors_address || !is_hosts_own(to) ? COUNT_FRAGMENT : COUNT_PASSED;
	__be16 ports[2] = {bpf_htons(ISAKMP_PORT), bpf_htons(ISAKMP_PORT)};
	if (packet->protocol == PROTOCOL_ESP || packet->protocol == PROTOCOL_AH)
		packet->protocol = PROTOCOL_UDP;
	else if (!has_ports(packet->protocol))
		return COUNT_PASSED;
	else if (load(context, place, packet->l4, ports, sizeof(ports)))
		return COUNT_MALFORMED;
	if (is_to_virtual(packet, to, ports[1]))
		return COUNT_TO_VIRTUAL;
	if (from_real && is_hosts_own(to) && !is_local_client(&packet->target, packet->protocol, ports[1]))
		return COUNT_PASSED;
	if (from_real && endpoint_means(&packet->source, packet->protocol, ports[0], ENDPOINT_REAL))
		return COUNT_FROM_REAL;
	return COUNT_PASSED;
}

/* Reads the Ethernet header and up to two tags; 0 when there is IPv4 or IPv6 behind them, with its offset. */
static __always_inline int parse_ethernet(void *context, const enum place place, __be16 *header, __u32 *l3, __u16 *type)
{
	if (load(context, place, 0, header, ETHER_SIZE))
		return -1;
	*type = bpf_ntohs(header[6]);
	*l3 = ETHER_SIZE;
#pragma unroll
	for (int i = 0; i < 2; i++) {
		if (*type != ETHER_VLAN && *type != ETHER_QINQ)
			break;
		__be16 tag[2];
		if (load(context, place, *l3, tag, sizeof(tag)))
			return -1;
		*type = bpf_ntohs(tag[1]);
		*l3 += VLAN_SIZE;
	}
	return *type == ETHER_IPV4 || *type == ETHER_IPV6 ? 0 : -1;
}

/* The decision: one of divert_counter; from COUNT_TO_VIRTUAL on the frame is the director's. */
static __always_inline int decide(void *context, const enum place place, __u32 ifindex, __u32 *first_socket)
{
	__be16 ethernet[ETHER_SIZE / 2];
	__u32 l3;
	__u16 type;
	if (parse_ethernet(context, place, ethernet, &l3, &type))
		return COUNT_NOT_FOR_US;

	struct interface_key key = {.ifindex = ifindex};
	__builtin_memcpy(key.mac, ethernet, sizeof(key.mac));
	struct interface_value *interface = bpf_map_lookup_elem(&interfaces, &key);
	if (!interface)
		return COUNT_NOT_FOR_US;
	*first_socket = interface->first_socket;

	struct packet packet = {};
	if (type == ETHER_IPV4 ? parse_ipv4(context, place, l3, &packet) : parse_ipv6(context, place, l3, &packet))
		return COUNT_MALFORMED;
	return decide_packet(context, place, &packet);
}

#endif
