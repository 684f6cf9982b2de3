// SPDX-License-Identifier: MIT OR GPL-2.0
/* divert.bpf.c for kernels without types of their own (CONFIG_DEBUG_INFO_BTF): the same program, verified three times as long. */
#define VERIFIED_ONCE static __noinline
#include "divert.bpf.c"
