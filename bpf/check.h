/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/* What check.bpf.c and NetVS.Linux/Checks share. */
#ifndef NETVS_CHECK_H
#define NETVS_CHECK_H

#include "address.h"

#define CHECK_PATHS 16384
#define CHECK_ANSWERS 131072

/* The mark of path 0, "NV"; that of path n is n more. */
#define CHECK_MARK 0x4e560000U

#define CHECK_GRE_SIZE 4
#define CHECK_GUE_SIZE 12	/* UDP and GUE without fields */

enum check_kind {
	CHECK_NONE,	/* no path */
	CHECK_DIRECT,	/* DR: the virtual address, by the real server's MAC */
	CHECK_IPIP,
	CHECK_GRE,
	CHECK_GUE,
};

/* A way to a real server. Both addresses are of one family. */
struct check_path {
	struct address virtual;
	struct address real;
	__u32 kind;	/* enum check_kind */
	__be16 port;	/* of GUE */
	__u16 reserved;
};

#endif
