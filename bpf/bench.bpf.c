// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * What `netvs bench` measures packets per second with.
 *
 * generate: run by BPF_PROG_RUN with live frames (BPF_F_TEST_XDP_LIVE_FRAMES), makes UDP datagrams of many flows and sends them
 * out of an interface. The kernel recycles the frames without resetting them, so every octet is written every time.
 * redirect: the least any forwarder must do: new MACs, out of another interface.
 * sink: counts what arrives, and drops it.
 *
 * Read first: Linux Documentation/bpf/bpf_prog_run.rst, RFC 768, RFC 791. Minimum kernel: 5.18.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FRAME_LENGTH 60
#define IP_LENGTH 46
#define UDP_LENGTH 26
#define ETHER_IPV4 0x0800
#define PROTOCOL_UDP 17
#define FLOWS_PER_ADDRESS 32768
#define FIRST_PORT 1024

/* Mirrored by C#: BenchConfiguration. Addresses and ports in host order. */
struct configuration {
	__u32 output;		/* the interface to send by */
	__u32 flows;		/* how many flows the generator goes through, one datagram each in turn */
	__u32 client;		/* the first client's address */
	__u32 service;		/* where datagrams go */
	__u16 port;
	__u8 source[6];		/* MACs of the frames sent */
	__u8 destination[6];
	__u8 padding[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct configuration);
} configurations SEC(".maps");

/* The generator's place among the flows. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} cursors SEC(".maps");

/* What the sink has counted. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} received SEC(".maps");

struct frame {
	__u8 destination[6];
	__u8 source[6];
	__be16 type;
	__u8 version;
	__u8 tos;
	__be16 length;
	__be16 id;
	__be16 fragment;
	__u8 ttl;
	__u8 protocol;
	__be16 checksum;
	__be16 from[2];
	__be16 to[2];
	__be16 source_port;
	__be16 destination_port;
	__be16 udp_length;
	__be16 udp_checksum;
	__u8 payload[18];
} __attribute__((packed));

static __always_inline __be16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return bpf_htons((__u16)~sum);
}

SEC("xdp")
int generate(struct xdp_md *context)
{
	struct frame *frame = (void *)(long)context->data;
	__u32 zero = 0;
	struct configuration *c = bpf_map_lookup_elem(&configurations, &zero);
	__u64 *cursor = bpf_map_lookup_elem(&cursors, &zero);

	if (!c || !cursor || (void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_ABORTED;
	__u32 flow = (__u32)*cursor;
	*cursor = flow + 1 >= c->flows ? 0 : flow + 1;
	__u32 from = c->client + flow / FLOWS_PER_ADDRESS;
	__u32 to = c->service;
	__u16 port = FIRST_PORT + flow % FLOWS_PER_ADDRESS;
	__u32 addresses = (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);

	__builtin_memcpy(frame->destination, c->destination, 6);
	__builtin_memcpy(frame->source, c->source, 6);
	frame->type = bpf_htons(ETHER_IPV4);
	frame->version = 0x45;
	frame->tos = 0;
	frame->length = bpf_htons(IP_LENGTH);
	frame->id = 0;
	frame->fragment = bpf_htons(0x4000);
	frame->ttl = 64;
	frame->protocol = PROTOCOL_UDP;
	frame->checksum = fold(0x4500 + IP_LENGTH + 0x4000 + (64 << 8 | PROTOCOL_UDP) + addresses);
	frame->from[0] = bpf_htons(from >> 16);
	frame->from[1] = bpf_htons(from & 0xffff);
	frame->to[0] = bpf_htons(to >> 16);
	frame->to[1] = bpf_htons(to & 0xffff);
	frame->source_port = bpf_htons(port);
	frame->destination_port = bpf_htons(c->port);
	frame->udp_length = bpf_htons(UDP_LENGTH);
	frame->udp_checksum = fold(addresses + PROTOCOL_UDP + UDP_LENGTH + port + c->port + UDP_LENGTH);
	__builtin_memset(frame->payload, 0, sizeof(frame->payload));
	return bpf_redirect(c->output, 0);
}

SEC("xdp")
int redirect(struct xdp_md *context)
{
	struct frame *frame = (void *)(long)context->data;
	__u32 zero = 0;
	struct configuration *c = bpf_map_lookup_elem(&configurations, &zero);

	if (!c || (void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	if (frame->type != bpf_htons(ETHER_IPV4) || frame->protocol != PROTOCOL_UDP)
		return XDP_PASS;
	__builtin_memcpy(frame->destination, c->destination, 6);
	__builtin_memcpy(frame->source, c->source, 6);
	return bpf_redirect(c->output, 0);
}

SEC("xdp")
int sink(struct xdp_md *context)
{
	struct frame *frame = (void *)(long)context->data;
	__u32 zero = 0;

	if ((void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	if (frame->type != bpf_htons(ETHER_IPV4) || frame->protocol != PROTOCOL_UDP)
		return XDP_PASS;
	__u64 *count = bpf_map_lookup_elem(&received, &zero);
	if (count)
		(*count)++;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
