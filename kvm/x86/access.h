/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an emulated instruction does to memory, of which some may be a device
 * that user space answers for. Plain logic over callbacks.
 *
 * An instruction that reads a device cannot go on before the answer comes. It
 * is then emulated again from its start, with the answers so far replayed in
 * order; so it must change nothing before its last read. A device that was read
 * is not asked again, whatever has become of its page since. Its stores are put
 * down here and take effect together: those to memory at once, those to
 * devices as user space takes them. This struct is all that is kept between
 * two runs of a virtual CPU.
 */
#ifndef KVM_X86_ACCESS_H
#define KVM_X86_ACCESS_H

#include "../pure.h"

/* An access is cut at page ends, and then into pieces of at most this. */
#define KVM_PIECE_BYTES		8
/* CMPS reads twice 8 bytes that cross pages; 16 bytes across are three. */
#define KVM_PIECES_MAX		4

/* An exception of the guest's. */
struct kvm_fault {
	u8 vector;
	bool has_error;
	u32 error;
	u64 address;		/* #PF: for CR2 */
};

struct kvm_piece {
	u64 gpa;
	u64 linear;		/* of its first byte */
	u8 size;		/* bytes, 1 to 8 */
	bool whole_read;	/* of an operand that is only read, all of it */
	u8 data[KVM_PIECE_BYTES];
};

/* Each returns 0, what its comment says, or another errno that ends all. */
struct kvm_access_ops {
	/* -EILSEQ: *fault says what the guest gets. */
	int (*translate)(void *context, u64 linear, bool write, u64 *gpa,
			 struct kvm_fault *fault);
	/* These two never cross a page. */
	int (*read)(void *context, u64 gpa, void *data, int size);
	int (*write)(void *context, u64 gpa, const void *data, int size);
	/* Memory, or a device's? What may only be read is a device to a write. */
	bool (*is_memory)(void *context, u64 gpa, bool write);
};

struct kvm_access {
	const struct kvm_access_ops *ops;
	void *context;
	struct kvm_fault fault;
	/*
	 * Device reads in the order of the instruction. The first `known`
	 * have their data; `replayed` of them were used this time.
	 */
	struct kvm_piece reads[KVM_PIECES_MAX];
	u8 known, replayed;
	bool waiting;		/* reads[known] is asked of user space */
	/* Stores of the instruction; after commit those to devices. */
	struct kvm_piece stores[KVM_PIECES_MAX];
	u8 nr_stores, sent;
};

/* A new instruction. */
void kvm_access_begin(struct kvm_access *access);
/* The same instruction from its start; what was answered is kept. */
void kvm_access_again(struct kvm_access *access);

/*
 * Read 1 to 16 bytes; write: they will be written too, so that must be
 * allowed. -EAGAIN: a device's data must come first: access->waiting. -EILSEQ:
 * access->fault. -ESTALE: read in order to write, but all of it is memory: the
 * processor itself does that atomically.
 */
int kvm_access_read(struct kvm_access *access, u64 linear, void *data, int size,
		    bool write);
/* Put down a store, checked. -EILSEQ. */
int kvm_access_store(struct kvm_access *access, u64 linear, const void *data,
		     int size);
/* The instruction is done: memory changes, stores to devices stay. */
int kvm_access_commit(struct kvm_access *access);

/* The answer to reads[known]. */
void kvm_access_answer(struct kvm_access *access, const void *data);
/* The next store for user space; NULL: none is left. */
const struct kvm_piece *kvm_access_next_store(struct kvm_access *access);

#endif
