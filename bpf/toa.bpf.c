// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * The client's address behind FULLNAT, without a kernel module: the director puts it into a TCP option (TOA) of the handshake's
 * last ACK and of what follows until the real server has answered; here it is read when the connection is established, kept with
 * the socket, and answered by getpeername() and accept().
 *
 * Option layouts (kind, length, port, address; port and address in network order):
 *     254,  8, port, IPv4 address
 *     254, 20, port, IPv6 address
 *     253, 20, port, IPv6 address	(an older dialect)
 *
 * bpf_load_hdr_opt cannot be used: it takes kinds 253 and 254 for experimental options with a magic (RFC 6994).
 *
 * Minimum kernel: 5.10 (packet data in sockops); 5.8 for the getpeername hooks.
 */
#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include "realserver.h"

#define AF_INET 2

#define OPTION_END 0
#define OPTION_NOP 1
#define OPTION_TOA 254
#define OPTION_TOA_IPV6 253
#define TOA_IPV4_LENGTH 8
#define TOA_IPV6_LENGTH 20

/*
 * The verifier follows each step for each possible offset. The director writes the option first, so that two or three would do;
 * ten leave room for a timestamp, SACK and padding in front of it.
 */
#define MAX_STEPS 10

/* A value the compiler can neither load later nor combine with its neighbours. */
#define LOADED(field) ({ __u32 value_ = (field); asm volatile("" : "+r"(value_)); value_; })

/* The client of each socket that came with the option. */
struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct toa_client);
} clients SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, TOA_OUTCOMES);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static __always_inline void count(enum toa_outcome outcome)
{
	__u32 index = outcome;
	__u64 *counter = bpf_map_lookup_elem(&counters, &index);

	if (counter)
		*counter += 1;
}

/*
 * Who is at the other end. Each word by a load of its own, pinned before the branch: the context is no memory, and the compiler would
 * otherwise choose between two pointers into it, which the verifier refuses. A dual-stack socket has its IPv4 peer mapped already.
 */
static __always_inline void read_peer(struct bpf_sock_ops *ops, struct address *peer)
{
	__u32 ipv4 = LOADED(ops->remote_ip4);
	__u32 first = LOADED(ops->remote_ip6[0]), second = LOADED(ops->remote_ip6[1]);
	__u32 third = LOADED(ops->remote_ip6[2]), fourth = LOADED(ops->remote_ip6[3]);

	if (ops->family == AF_INET) {
		map_ipv4(peer, ipv4);
	} else {
		peer->words[0] = first;
		peer->words[1] = second;
		peer->words[2] = third;
		peer->words[3] = fourth;
	}
}

/* Finds the option in the segment that established the connection. */
static __always_inline int find_option(struct bpf_sock_ops *ops, struct toa_client *client)
{
	void *data = ops->skb_data;
	void *end = ops->skb_data_end;
	struct tcphdr *tcp = data;
	__u32 offset = sizeof(*tcp), length;
	int step;

	if ((void *)(tcp + 1) > end)
		return 0;
	length = tcp->doff * 4;

#pragma unroll
	for (step = 0; step < MAX_STEPS; step++) {
		/* 60 is the longest header: the bound lets the verifier keep the offset small. */
		if (offset + 2 > length || offset > 60 - 2)
			return 0;

		__u8 *option = data + offset;

		if ((void *)(option + 2) > end || option[0] == OPTION_END)
			return 0;
		if (option[0] == OPTION_NOP) {
			offset += 1;
			continue;
		}
		if (option[1] < 2 || offset + option[1] > length)
			return 0;
		if (option[0] == OPTION_TOA && option[1] == TOA_IPV4_LENGTH) {
			__u32 ipv4;

			if ((void *)(option + TOA_IPV4_LENGTH) > end)
				return 0;
			__builtin_memcpy(&client->port, option + 2, sizeof(client->port));
			__builtin_memcpy(&ipv4, option + 4, sizeof(ipv4));
			map_ipv4(&client->address, ipv4);
			client->is_ipv6 = 0;
			return 1;
		}
		if ((option[0] == OPTION_TOA || option[0] == OPTION_TOA_IPV6) && option[1] == TOA_IPV6_LENGTH) {
			if ((void *)(option + TOA_IPV6_LENGTH) > end)
				return 0;
			__builtin_memcpy(&client->port, option + 2, sizeof(client->port));
			__builtin_memcpy(&client->address, option + 4, sizeof(client->address));
			client->is_ipv6 = 1;
			return 1;
		}
		offset += option[1];
	}
	return 0;
}

SEC("sockops")
int toa_established(struct bpf_sock_ops *ops)
{
	struct toa_client client = {}, *stored;
	struct bpf_sock *socket = ops->sk;
	struct address peer;

	if (ops->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB || !socket)
		return 1;
	if (!find_option(ops, &client)) {
		count(TOA_NONE);
		return 1;
	}
	read_peer(ops, &peer);
	if (!is_trusted(&peer)) {
		count(TOA_UNTRUSTED);
		return 1;
	}
	stored = bpf_sk_storage_get(&clients, socket, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (!stored)
		return 1;
	*stored = client;
	count(TOA_FOUND);
	return 1;
}

SEC("cgroup/getpeername4")
int toa_peername4(struct bpf_sock_addr *name)
{
	struct bpf_sock *socket = name->sk;
	struct toa_client *client;

	if (name->protocol != IPPROTO_TCP || !socket)
		return 1;
	client = bpf_sk_storage_get(&clients, socket, 0, 0);
	/* An IPv6 client cannot be told through an IPv4 socket: it keeps seeing the director. */
	if (!client || client->is_ipv6)
		return 1;
	name->user_ip4 = client->address.words[3];
	name->user_port = client->port;
	return 1;
}

SEC("cgroup/getpeername6")
int toa_peername6(struct bpf_sock_addr *name)
{
	struct bpf_sock *socket = name->sk;
	struct toa_client *client;

	if (name->protocol != IPPROTO_TCP || !socket)
		return 1;
	client = bpf_sk_storage_get(&clients, socket, 0, 0);
	if (!client)
		return 1;
	name->user_ip6[0] = client->address.words[0];
	name->user_ip6[1] = client->address.words[1];
	name->user_ip6[2] = client->address.words[2];
	name->user_ip6[3] = client->address.words[3];
	name->user_port = client->port;
	return 1;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
