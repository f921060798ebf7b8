/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A machine with one slot of memory at 0, and one of its vCPUs, through either of
 * the node's protocols: what differs between them ends here.
 */
#ifndef KVMCTL_MACHINE_H
#define KVMCTL_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KVM_NODE "/dev/kvm"

struct devkvm_map_gpt;
struct kvm_regs;
struct kvm_sregs;

struct machine {
	const struct protocol *protocol;
	int node, vm, vcpu;		/* descriptors; -1: the protocol has none */
	uint32_t number;		/* of the vCPU */
	uint8_t *memory;
	size_t size_bytes;
	void *run;			/* what KVM_RUN speaks through */
	size_t run_bytes;
	int done_insn;			/* 2006: the last exit is dealt with */
	int done_mmio;			/* 2006: a read was answered */
	const char *what;		/* the step that failed, for messages */
};

/* A stop of the guest in the words of both protocols. */
enum stop_kind {
	STOP_OUT,
	STOP_IN,
	STOP_MMIO,		/* memory that is not there */
	STOP_HLT,
	STOP_CPUID,		/* 2006 only */
	STOP_PRIORITY,		/* API 12 only: CR8 fell */
	STOP_WINDOW,		/* ... it would take an interrupt */
	STOP_SHUTDOWN,
	STOP_SIGNAL,
	STOP_OTHER,
};

/* By enum stop_kind. */
extern const char *const stop_names[];

struct stop {
	enum stop_kind kind;
	uint16_t port;
	uint8_t size;
	uint32_t value;		/* OUT: what; IN: set by the caller */
	uint32_t count;		/* INS, OUTS (API 12 only): how many; else 1 */
	const uint8_t *values;	/* OUT: all of them */
	uint64_t address;	/* MMIO */
	bool write;		/* MMIO */
	uint32_t reason;	/* the protocol's number */
	uint64_t detail;	/* the hardware's, where there is one */
};

struct protocol {
	const char *name;
	int (*open)(struct machine *m);	/* all but the vCPU */
	int (*add_vcpu)(struct machine *m);
	int (*get_regs)(struct machine *m, struct kvm_regs *regs);
	int (*set_regs)(struct machine *m, const struct kvm_regs *regs);
	int (*get_sregs)(struct machine *m, struct kvm_sregs *sregs);
	int (*set_sregs)(struct machine *m, const struct kvm_sregs *sregs);
	int (*run)(struct machine *m, struct stop *stop);
	/* What an IN asked for; a read of MMIO gets all ones. */
	int (*answer)(struct machine *m, const struct stop *stop);
	/* 1: *physical is where; 0: nowhere. */
	int (*translate)(struct machine *m, uint64_t linear, uint64_t *physical);
	/* How many tables it took. */
	int (*map)(struct machine *m, struct devkvm_map_gpt *map);
	/* For interrupts; all NULL where the protocol has no way to time them. */
	bool (*takes_interrupt)(const struct machine *m);	/* now, after the last run */
	int (*interrupt)(struct machine *m, uint8_t vector);
	void (*ask_window)(struct machine *m, bool on);	/* a stop as soon as it would */
	volatile uint8_t *(*kick)(struct machine *m);	/* not 0: run() ends at once */
};

extern const struct protocol protocol_12, protocol_2006;

/* All: 0, or -1 with errno set and m->what naming the step. */
int machine_open(struct machine *m, const struct protocol *protocol, size_t size_bytes);
void machine_close(struct machine *m);
/* *to is the same machine with another vCPU; closed before *m is. */
int machine_add_vcpu(struct machine *m, uint32_t number, struct machine *to);
void machine_close_vcpu(struct machine *m);
/* Real mode, all segments 0, RIP = start; RDI is the vCPU's number. */
int machine_start_at(struct machine *m, uint16_t start);

#endif
