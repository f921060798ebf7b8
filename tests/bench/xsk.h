/* SPDX-License-Identifier: GPL-2.0 */
/*
 * AF_XDP in copy mode, by the bare interface: a socket with memory of its own, and the
 * program that gives it what a device's queue 0 receives.
 */
#ifndef TESTS_BENCH_XSK_H
#define TESTS_BENCH_XSK_H

#include "../vm/netchannel/nc.h"

#include <linux/bpf.h>
#include <linux/if_link.h>
#include <linux/if_xdp.h>
#include <stddef.h>
#include <sys/mman.h>

#define XSK_FRAMES	256
#define XSK_FRAME_BYTES	2048
#define XSK_MEMORY	(XSK_FRAMES * XSK_FRAME_BYTES)

/* Producer and consumer are also kept here: the other side's is read when needed. */
struct xsk_ring {
	uint32_t *producer, *consumer;
	void *entries;
	void *memory;
	size_t bytes;
};

struct xsk {
	int fd;
	uint8_t *memory;
	struct xsk_ring rx, tx, fill, completion;
};

static UNUSED struct xsk_ring xsk_map(int fd, const struct xdp_ring_offset *at, off_t offset,
				      size_t entry_bytes)
{
	struct xsk_ring ring = { .bytes = at->desc + XSK_FRAMES * entry_bytes };

	ring.memory = mmap(NULL, ring.bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
			   fd, offset);
	if (ring.memory == MAP_FAILED)
		check(false, "ring of AF_XDP: %s", strerror(errno));
	ring.producer = ring.memory + at->producer;
	ring.consumer = ring.memory + at->consumer;
	ring.entries = ring.memory + at->desc;
	return ring;
}

/* Of the device's queue 0. */
static UNUSED struct xsk xsk_open(const char *device)
{
	struct xsk x = { .fd = must(socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0), "AF_XDP") };
	struct xdp_umem_reg memory = { .len = XSK_MEMORY, .chunk_size = XSK_FRAME_BYTES };
	struct sockaddr_xdp to = {
		.sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY | XDP_USE_NEED_WAKEUP,
		.sxdp_ifindex = if_nametoindex(device),
	};
	static const int rings[] = {
		XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING,
	};
	struct xdp_mmap_offsets at;
	socklen_t len = sizeof(at);
	int frames = XSK_FRAMES;
	size_t i;

	x.memory = mmap(NULL, XSK_MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	memory.addr = (uintptr_t)x.memory;
	must(setsockopt(x.fd, SOL_XDP, XDP_UMEM_REG, &memory, sizeof(memory)), "UMEM_REG");
	for (i = 0; i < 4; i++)
		must(setsockopt(x.fd, SOL_XDP, rings[i], &frames, sizeof(frames)), "ring");
	must(getsockopt(x.fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &len), "MMAP_OFFSETS");
	x.rx = xsk_map(x.fd, &at.rx, XDP_PGOFF_RX_RING, sizeof(struct xdp_desc));
	x.tx = xsk_map(x.fd, &at.tx, XDP_PGOFF_TX_RING, sizeof(struct xdp_desc));
	x.fill = xsk_map(x.fd, &at.fr, XDP_UMEM_PGOFF_FILL_RING, sizeof(uint64_t));
	x.completion = xsk_map(x.fd, &at.cr, XDP_UMEM_PGOFF_COMPLETION_RING, sizeof(uint64_t));
	/* the queue is busy until a worker has put away who had it before */
	for (i = 0; bind(x.fd, (struct sockaddr *)&to, sizeof(to)); i++) {
		if (errno != EBUSY || i == 1000)
			check(false, "bind AF_XDP: %s", strerror(errno));
		usleep(1000);
	}
	return x;
}

/* But the descriptor. */
static UNUSED void xsk_unmap(struct xsk *x)
{
	munmap(x->rx.memory, x->rx.bytes);
	munmap(x->tx.memory, x->tx.bytes);
	munmap(x->fill.memory, x->fill.bytes);
	munmap(x->completion.memory, x->completion.bytes);
	munmap(x->memory, XSK_MEMORY);
}

/* The kernel may receive into the frame. */
static UNUSED void xsk_give(struct xsk *x, uint64_t frame)
{
	uint32_t at = *x->fill.producer;

	((uint64_t *)x->fill.entries)[at % XSK_FRAMES] = frame;
	__atomic_store_n(x->fill.producer, at + 1, __ATOMIC_RELEASE);
}

static UNUSED int bpf(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* Queue 0 of the device is the socket's until the descriptor is closed. */
static UNUSED int xsk_attach(const struct xsk *x, const char *device, uint32_t flags)
{
	union bpf_attr map = {
		.map_type = BPF_MAP_TYPE_XSKMAP, .key_size = 4, .value_size = 4, .max_entries = 1,
	};
	int map_fd = must(bpf(BPF_MAP_CREATE, &map), "XSKMAP"), key = 0, program, link;
	struct bpf_insn code[] = {
		/* r2 = queue; redirect_map(map, r2, XDP_PASS) */
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1,
		  .off = offsetof(struct xdp_md, rx_queue_index) },
		{ .code = BPF_LD | BPF_DW | BPF_IMM, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map_fd },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_XDP, .insns = (uintptr_t)code,
		.insn_cnt = sizeof(code) / sizeof(*code), .license = (uintptr_t)"GPL",
	};
	union bpf_attr update = {
		.map_fd = map_fd, .key = (uintptr_t)&key, .value = (uintptr_t)&x->fd,
	};
	union bpf_attr create = { };

	must(bpf(BPF_MAP_UPDATE_ELEM, &update), "the socket into the XSKMAP");
	program = must(bpf(BPF_PROG_LOAD, &load), "the program of AF_XDP");
	create.link_create.prog_fd = program;
	create.link_create.target_ifindex = if_nametoindex(device);
	create.link_create.attach_type = BPF_XDP;
	create.link_create.flags = flags;
	link = must(bpf(BPF_LINK_CREATE, &create), "the program on the device");
	close(program);
	close(map_fd);
	return link;
}

#endif
