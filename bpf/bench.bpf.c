// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * What `netvs bench` measures packets per second with.
 *
 * generate: run by BPF_PROG_RUN with live frames (BPF_F_TEST_XDP_LIVE_FRAMES), makes UDP datagrams of many flows and sends them
 * out of an interface. The kernel recycles the frames without resetting them, so every octet is written every time.
 * redirect: the least any forwarder must do: new MACs, out of another interface.
 * sink: compares each datagram that arrives with what the forwarder had to make of it, counts it, and drops it. Checksums are
 * verified of one in SAMPLE: of each, it would cost a tenth of what is measured.
 * measure: run by BPF_PROG_RUN, writes the next flow's datagram afresh and hands it to the program in `subject`, so that each run
 * of that program sees a packet as it comes from a wire. What `empty` costs in the same place is what measuring costs.
 *
 * Read first: Linux Documentation/bpf/bpf_prog_run.rst, RFC 768, RFC 791, RFC 2003. Minimum kernel: 5.18.
 */
#include <linux/bpf.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define FRAME_LENGTH 60
#define IP_LENGTH 46
#define UDP_LENGTH 26
#define ETHER_IPV4 0x0800
#define PROTOCOL_IPIP 4
#define PROTOCOL_UDP 17
#define TTL 64
#define FLOWS_PER_ADDRESS 32768
#define FIRST_PORT 1024
#define SAMPLE 64
#define WRONG_FRAME 80

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

/* What a datagram must look like at the sink. Mirrored by C#: SinkExpectation. Addresses and ports in host order. */
struct expectation {
	__u32 source; /* of the datagram's own IP header, under the mask */
	__u32 source_mask;
	__u32 target;
	__u32 outer_target; /* of the tunnel's header */
	__u16 port;
	__u8 destination[6]; /* MAC */
	__u8 is_tunnelled; /* IPIP */
	__u8 padding[3];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct expectation);
} expectations SEC(".maps");

/* What the sink has counted, by one of RECEIVED_*. */
#define RECEIVED_RIGHT 0
#define RECEIVED_WRONG 1 /* another header than expected */
#define RECEIVED_BAD_CHECKSUM 2
#define RECEIVED_SAMPLED 3 /* checksums verified */
#define RECEIVED_COUNTERS 4

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, RECEIVED_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} received SEC(".maps");

/* The last frame that was not as expected, from its Ethernet header on. */
struct wrong_frame {
	__u8 octets[WRONG_FRAME];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct wrong_frame);
} wrong_frames SEC(".maps");

/* The program that `measure` measures. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} subject SEC(".maps");

struct ethernet {
	__u8 destination[6];
	__u8 source[6];
	__be16 type;
} __attribute__((packed));

/* An IPv4 header without options and what is read behind it. */
struct ip {
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
} __attribute__((packed));

struct datagram {
	struct ip ip;
	__be16 source_port;
	__be16 destination_port;
	__be16 udp_length;
	__be16 udp_checksum;
	__u8 payload[18];
} __attribute__((packed));

struct frame {
	struct ethernet ethernet;
	struct datagram datagram;
} __attribute__((packed));

struct tunnel_frame {
	struct ethernet ethernet;
	struct ip outer;
	struct datagram datagram;
} __attribute__((packed));

static __always_inline __be16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return bpf_htons((__u16)~sum);
}

/* Writes the next flow's datagram, every octet of it. */
static __always_inline void write_next(struct frame *frame, const struct configuration *c, __u64 *cursor)
{
	struct datagram *datagram = &frame->datagram;
	struct ip *ip = &datagram->ip;
	__u32 flow = (__u32)*cursor;
	*cursor = flow + 1 >= c->flows ? 0 : flow + 1;
	__u32 from = c->client + flow / FLOWS_PER_ADDRESS;
	__u32 to = c->service;
	__u16 port = FIRST_PORT + flow % FLOWS_PER_ADDRESS;
	__u32 addresses = (from >> 16) + (from & 0xffff) + (to >> 16) + (to & 0xffff);

	__builtin_memcpy(frame->ethernet.destination, c->destination, 6);
	__builtin_memcpy(frame->ethernet.source, c->source, 6);
	frame->ethernet.type = bpf_htons(ETHER_IPV4);
	ip->version = 0x45;
	ip->tos = 0;
	ip->length = bpf_htons(IP_LENGTH);
	ip->id = 0;
	ip->fragment = bpf_htons(0x4000);
	ip->ttl = TTL;
	ip->protocol = PROTOCOL_UDP;
	ip->checksum = fold(0x4500 + IP_LENGTH + 0x4000 + (TTL << 8 | PROTOCOL_UDP) + addresses);
	ip->from[0] = bpf_htons(from >> 16);
	ip->from[1] = bpf_htons(from & 0xffff);
	ip->to[0] = bpf_htons(to >> 16);
	ip->to[1] = bpf_htons(to & 0xffff);
	datagram->source_port = bpf_htons(port);
	datagram->destination_port = bpf_htons(c->port);
	datagram->udp_length = bpf_htons(UDP_LENGTH);
	datagram->udp_checksum = fold(addresses + PROTOCOL_UDP + UDP_LENGTH + port + c->port + UDP_LENGTH);
	__builtin_memset(datagram->payload, 0, sizeof(datagram->payload));
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
	write_next(frame, c, cursor);
	return bpf_redirect(c->output, 0);
}

SEC("xdp")
int measure(struct xdp_md *context)
{
	__u32 zero = 0;
	struct configuration *c = bpf_map_lookup_elem(&configurations, &zero);
	__u64 *cursor = bpf_map_lookup_elem(&cursors, &zero);
	int surplus = (int)(context->data_end - context->data) - FRAME_LENGTH;

	/* A program that encapsulates leaves the frame longer than it was. */
	if (surplus && bpf_xdp_adjust_head(context, surplus))
		return XDP_ABORTED;
	struct frame *frame = (void *)(long)context->data;
	if (!c || !cursor || (void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_ABORTED;
	write_next(frame, c, cursor);
	bpf_tail_call(context, &subject, 0);
	return XDP_ABORTED;
}

SEC("xdp")
int empty(struct xdp_md *context __attribute__((unused)))
{
	return XDP_DROP;
}

SEC("xdp")
int redirect(struct xdp_md *context)
{
	struct frame *frame = (void *)(long)context->data;
	__u32 zero = 0;
	struct configuration *c = bpf_map_lookup_elem(&configurations, &zero);

	if (!c || (void *)(frame + 1) > (void *)(long)context->data_end)
		return XDP_PASS;
	if (frame->ethernet.type != bpf_htons(ETHER_IPV4) || frame->datagram.ip.protocol != PROTOCOL_UDP)
		return XDP_PASS;
	__builtin_memcpy(frame->ethernet.destination, c->destination, 6);
	__builtin_memcpy(frame->ethernet.source, c->source, 6);
	return bpf_redirect(c->output, 0);
}

static __always_inline __u32 address(const __be16 *half)
{
	return (__u32)bpf_ntohs(half[0]) << 16 | bpf_ntohs(half[1]);
}

/* The sum of 16-bit words as they lie in memory (RFC 1071 2B: the order of octets does not matter to it). */
static __always_inline __u32 sum(const void *data, int octets)
{
	const __u16 *words = data;
	__u32 total = 0;

#pragma unroll
	for (int i = 0; i < octets / 2; i++)
		total += words[i];
	return total;
}

/* Whether a sum that includes its checksum is what RFC 1071 asks for. */
static __always_inline int is_complete(__u32 total)
{
	total = (total & 0xffff) + (total >> 16);
	total = (total & 0xffff) + (total >> 16);
	return total == 0xffff;
}

static __always_inline int has_good_checksums(const struct datagram *datagram)
{
	const struct ip *ip = &datagram->ip;
	__u32 udp = sum(&datagram->source_port, UDP_LENGTH) + sum(ip->from, 8) + bpf_htons(PROTOCOL_UDP) + bpf_htons(UDP_LENGTH);

	return is_complete(sum(ip, sizeof(*ip))) && is_complete(udp);
}

static __always_inline int is_expected(const struct datagram *datagram, const struct expectation *e)
{
	const struct ip *ip = &datagram->ip;

	return ip->version == 0x45 && ip->length == bpf_htons(IP_LENGTH) && ip->fragment == bpf_htons(0x4000) &&
	       ip->protocol == PROTOCOL_UDP && address(ip->to) == e->target && (address(ip->from) & e->source_mask) == e->source &&
	       datagram->destination_port == bpf_htons(e->port) && datagram->udp_length == bpf_htons(UDP_LENGTH);
}

static __always_inline int is_same_mac(const __u8 *a, const __u8 *b)
{
	const __u16 *x = (const void *)a, *y = (const void *)b;

	return x[0] == y[0] && x[1] == y[1] && x[2] == y[2];
}

static __always_inline void count(__u32 what)
{
	__u64 *counter = bpf_map_lookup_elem(&received, &what);

	if (counter)
		(*counter)++;
}

SEC("xdp")
int sink(struct xdp_md *context)
{
	void *end = (void *)(long)context->data_end;
	struct tunnel_frame *frame = (void *)(long)context->data;
	struct datagram *datagram = (void *)&frame->outer;
	__u32 zero = 0;
	struct expectation *e = bpf_map_lookup_elem(&expectations, &zero);
	__u64 *right;
	int is_right;

	if (!e || (void *)(datagram + 1) > end)
		return XDP_PASS;
	if (frame->ethernet.type != bpf_htons(ETHER_IPV4) ||
	    (frame->outer.protocol != PROTOCOL_UDP && frame->outer.protocol != PROTOCOL_IPIP))
		return XDP_PASS;
	is_right = is_same_mac(frame->ethernet.destination, e->destination);
	if (e->is_tunnelled) {
		struct ip *outer = &frame->outer;

		datagram = &frame->datagram;
		if ((void *)(datagram + 1) > end)
			goto wrong;
		is_right = is_right && outer->version == 0x45 && outer->protocol == PROTOCOL_IPIP && address(outer->to) == e->outer_target &&
			   outer->length == bpf_htons(IP_LENGTH + sizeof(*outer));
	}
	if (!is_right || !is_expected(datagram, e))
		goto wrong;
	right = bpf_map_lookup_elem(&received, &zero); /* RECEIVED_RIGHT */
	if (!right)
		return XDP_DROP;
	if (*right % SAMPLE == 0) {
		count(RECEIVED_SAMPLED);
		if (!has_good_checksums(datagram) || (e->is_tunnelled && !is_complete(sum(&frame->outer, sizeof(frame->outer))))) {
			count(RECEIVED_BAD_CHECKSUM);
			goto keep;
		}
	}
	(*right)++;
	return XDP_DROP;
wrong:
	count(RECEIVED_WRONG);
keep:;
	struct wrong_frame *last = bpf_map_lookup_elem(&wrong_frames, &zero);
	__u32 length = (__u32)((long)end - (long)frame);

	if (last && length >= FRAME_LENGTH)
		bpf_xdp_load_bytes(context, 0, last->octets, length < WRONG_FRAME ? FRAME_LENGTH : WRONG_FRAME);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
