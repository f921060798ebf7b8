// SPDX-License-Identifier: GPL-2.0
#include "stats.h"

#include <linux/anon_inodes.h>
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "devkvm.h"
#include "vcpu.h"
#include "vm.h"

/*
 * A value's name, and where it is found: in-tree KVM's names where both count
 * the same.
 */
struct counter {
	const char *name;
	u32 flags;	/* KVM_STATS_TYPE_* */
	u32 first;	/* offset in the structure of the first u64 */
	u32 count;	/* how many are added up */
};

#define CUMULATIVE	KVM_STATS_TYPE_CUMULATIVE

#define VCPU(field) \
	{ #field, CUMULATIVE, offsetof(struct kvm_vcpu, stats.field), 1 }
#define EXITS(name, kind) \
	{ name, CUMULATIVE, offsetof(struct kvm_vcpu, stats.exits[kind]), 1 }

static const struct counter vcpu_counters[] = {
	{ "exits", CUMULATIVE, offsetof(struct kvm_vcpu, stats.exits), EXIT_KIND_COUNT },
	EXITS("io_exits", EXIT_IO),
	VCPU(mmio_exits),
	VCPU(signal_exits),
	EXITS("halt_exits", EXIT_HLT),
	EXITS("irq_exits", EXIT_HOST),
	EXITS("irq_window_exits", EXIT_IRQ_WINDOW),
	EXITS("nmi_window_exits", EXIT_NMI_WINDOW),
	EXITS("hypercalls", EXIT_HYPERCALL),
	EXITS("invlpg", EXIT_INVLPG),
	EXITS("pf_taken", EXIT_TDP_FAULT),
	VCPU(pf_fixed),
	VCPU(insn_emulation),
	VCPU(insn_emulation_fail),
	VCPU(irq_injections),
	VCPU(nmi_injections),
	VCPU(tlb_flush),
	VCPU(l1d_flush),
	EXITS("cpuid_exits", EXIT_CPUID),
	EXITS("msr_exits", EXIT_MSR),
	EXITS("cr_exits", EXIT_CR),
	EXITS("dr_exits", EXIT_DR),
	EXITS("exception_exits", EXIT_EXCEPTION),
};

static const struct counter vm_counters[] = {
	{ "remote_tlb_flush_requests", CUMULATIVE,
	  offsetof(struct kvm_vm, stats.remote_tlb_flush_requests), 1 },
	{ "mmu_invalidations", CUMULATIVE,
	  offsetof(struct kvm_vm, stats.invalidations), 1 },
	{ "mmu_tables", KVM_STATS_TYPE_INSTANT,
	  offsetof(struct kvm_vm, tdp.nr_tables), 1 },
};

/* An atomic64_t and an unsigned long are read as the u64 that they are. */
static_assert(sizeof(atomic64_t) == sizeof(u64) && sizeof(unsigned long) == sizeof(u64));

#define NAME_BYTES	48

struct descriptor {
	struct kvm_stats_desc desc;
	char name[NAME_BYTES];
};

/* What a descriptor of user space stands for. */
struct source {
	struct kvm_vm *vm;	/* holds a reference */
	const void *counted;	/* the machine, or one of its vCPUs */
	const struct counter *counters;
	u32 count;
	char id[NAME_BYTES];
};

static u64 value_of(const struct source *source, const struct counter *counter)
{
	const u64 *first = source->counted + counter->first;
	u64 sum = 0;
	u32 i;

	for (i = 0; i < counter->count; i++)
		sum += READ_ONCE(first[i]);
	return sum;
}

static void describe(struct descriptor *to, const struct counter *counter, u32 i)
{
	to->desc = (struct kvm_stats_desc) {
		.flags = counter->flags,
		.size = 1,
		.offset = i * sizeof(u64),
	};
	strscpy(to->name, counter->name, sizeof(to->name));
}

/* All that the descriptor has to be read: header, id, descriptors, values. */
static void *make_image(const struct source *source, size_t *size)
{
	const u32 desc_offset = sizeof(struct kvm_stats_header) + NAME_BYTES;
	const u32 data_offset = desc_offset + source->count * sizeof(struct descriptor);
	struct kvm_stats_header *header;
	struct descriptor *descriptors;
	u64 *values;
	void *image;
	u32 i;

	*size = data_offset + source->count * sizeof(u64);
	image = kzalloc(*size, GFP_KERNEL_ACCOUNT);
	if (!image)
		return NULL;
	header = image;
	*header = (struct kvm_stats_header) {
		.name_size = NAME_BYTES,
		.num_desc = source->count,
		.id_offset = sizeof(*header),
		.desc_offset = desc_offset,
		.data_offset = data_offset,
	};
	memcpy(image + sizeof(*header), source->id, NAME_BYTES);
	descriptors = image + desc_offset;
	values = image + data_offset;
	for (i = 0; i < source->count; i++) {
		describe(&descriptors[i], &source->counters[i], i);
		values[i] = value_of(source, &source->counters[i]);
	}
	return image;
}

static ssize_t stats_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	size_t size;
	void *image = make_image(file->private_data, &size);
	ssize_t ret;

	if (!image)
		return -ENOMEM;
	ret = simple_read_from_buffer(buf, count, pos, image, size);
	kfree(image);
	return ret;
}

static int stats_release(struct inode *inode, struct file *file)
{
	struct source *source = file->private_data;

	kvm_vm_put(source->vm);
	kfree(source);
	return 0;
}

static const struct file_operations stats_fops = {
	.owner = THIS_MODULE,
	.read = stats_read,
	.llseek = noop_llseek,
	.release = stats_release,
};

/* Takes over `from`, a copy of it. */
static int open_source(const char *name, const struct source *from)
{
	struct source *source = kmemdup(from, sizeof(*from), GFP_KERNEL_ACCOUNT);
	struct file *file;
	int fd;

	if (!source)
		return -ENOMEM;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		goto free_source;
	file = anon_inode_getfile(name, &stats_fops, source, O_RDONLY);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		fd = PTR_ERR(file);
		goto free_source;
	}
	kvm_vm_get(source->vm);
	file->f_mode |= FMODE_PREAD;
	fd_install(fd, file);
	return fd;

free_source:
	kfree(source);
	return fd;
}

int kvm_stats_open_vm(struct kvm_vm *vm)
{
	struct source source = {
		.vm = vm,
		.counted = vm,
		.counters = vm_counters,
		.count = ARRAY_SIZE(vm_counters),
	};

	snprintf(source.id, sizeof(source.id), "kvm-%d", vm->owner_pid);
	return open_source("kvm-vm-stats", &source);
}

int kvm_stats_open_vcpu(struct kvm_vcpu *vcpu)
{
	struct source source = {
		.vm = vcpu->vm,
		.counted = vcpu,
		.counters = vcpu_counters,
		.count = ARRAY_SIZE(vcpu_counters),
	};

	snprintf(source.id, sizeof(source.id), "kvm-%d/vcpu-%u", vcpu->vm->owner_pid,
		 vcpu->id);
	return open_source("kvm-vcpu-stats", &source);
}
