// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and every access to user memory, within every call, fails
 * once: the errno says so, and the machine works as before. With `vendor`, only within
 * those in which a back end has some of its own.
 */
#include <sys/eventfd.h>

#include "../failnth.h"
#include "devkvm_2006.h"
#include "kvm.h"

#define MSR_SYSENTER_EIP	0x176

/* A machine, and what the armed call makes of it. */
struct scene {
	struct kvm_machine m;
	int fd;			/* what the call has opened, or -1 */
	void *mapping;		/* what it has mapped, or NULL */
	size_t mapped_bytes;
};

static const uint8_t code[] = {
	0xb0, 0x2a,		/* mov $0x2a, %al */
	0xe6, 0x10,		/* out %al, $0x10 */
	0xeb, 0xfa,		/* jmp CODE_AT */
};

static int open_node(struct scene *s)
{
	return s->fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
}

/* The first ioctl of 2006 makes the machine of this descriptor. */
static int region_2006(struct scene *s)
{
	struct kvm_2006_memory_region r = { .memory_size = 0x10000 };

	return ioctl(s->fd, KVM_2006_SET_MEMORY_REGION, &r);
}

static int vcpu_2006(struct scene *s)
{
	return ioctl(s->fd, KVM_2006_CREATE_VCPU, 0);
}

static int map_2006(struct scene *s)
{
	void *p = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd, 0);

	if (p == MAP_FAILED)
		return -1;
	s->mapping = p;
	s->mapped_bytes = 0x10000;
	return 0;
}

static int create_vm(struct scene *s)
{
	return s->fd = ioctl(s->m.node, KVM_CREATE_VM, 0);
}

static int create_vcpu(struct scene *s)
{
	return s->fd = ioctl(s->m.vm, KVM_CREATE_VCPU, 1);
}

static int map_run(struct scene *s)
{
	size_t size = ioctl(s->m.node, KVM_GET_VCPU_MMAP_SIZE, 0);
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, s->m.vcpu.fd, 0);

	if (p == MAP_FAILED)
		return -1;
	s->mapping = p;
	s->mapped_bytes = size;
	return 0;
}

static int add_slot(struct scene *s)
{
	return kvm_slot(&s->m, 1, GUEST_BYTES, 4096, s->m.memory);
}

static int delete_slot(struct scene *s)
{
	return kvm_slot(&s->m, 1, 0, 0, NULL);
}

static int log_slot(struct scene *s)
{
	struct kvm_userspace_memory_region region = {
		.slot = 1,
		.flags = KVM_MEM_LOG_DIRTY_PAGES,
		.guest_phys_addr = GUEST_BYTES,
		.memory_size = 4096,
		.userspace_addr = (uintptr_t)s->m.memory,
	};

	return ioctl(s->m.vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static int get_log(struct scene *s)
{
	uint64_t bits;
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = &bits };

	return ioctl(s->m.vm, KVM_GET_DIRTY_LOG, &log);
}

static int clear_log(struct scene *s)
{
	uint64_t bits = 1;
	struct kvm_clear_dirty_log log = { .slot = 1, .num_pages = 1, .dirty_bitmap = &bits };

	return ioctl(s->m.vm, KVM_CLEAR_DIRTY_LOG, &log);
}

static int run(struct scene *s)
{
	return ioctl(s->m.vcpu.fd, KVM_RUN, 0);
}

static int supported_cpuid(struct scene *s)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[100];
	} table = { .head.nent = 100 };

	return ioctl(s->m.node, KVM_GET_SUPPORTED_CPUID, &table);
}

static int set_cpuid(struct scene *s)
{
	struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[2];
	} table = { .head.nent = 2, .entries[1].function = 1 };

	return ioctl(s->m.vcpu.fd, KVM_SET_CPUID2, &table);
}

static int msrs(struct scene *s, unsigned long request)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} list = { .head.nmsrs = 1, .entry.index = MSR_SYSENTER_EIP };

	return ioctl(s->m.vcpu.fd, request, &list);
}

static int get_msrs(struct scene *s)
{
	return msrs(s, KVM_GET_MSRS);
}

static int set_msrs(struct scene *s)
{
	return msrs(s, KVM_SET_MSRS);
}

static int registers(struct scene *s)
{
	struct kvm_regs regs;

	if (ioctl(s->m.vcpu.fd, KVM_GET_REGS, &regs))
		return -1;
	return ioctl(s->m.vcpu.fd, KVM_SET_REGS, &regs);
}

static int special_registers(struct scene *s)
{
	struct kvm_sregs sregs;

	if (ioctl(s->m.vcpu.fd, KVM_GET_SREGS, &sregs))
		return -1;
	return ioctl(s->m.vcpu.fd, KVM_SET_SREGS, &sregs);
}

static int fpu(struct scene *s)
{
	struct kvm_fpu fpu;

	if (ioctl(s->m.vcpu.fd, KVM_GET_FPU, &fpu))
		return -1;
	return ioctl(s->m.vcpu.fd, KVM_SET_FPU, &fpu);
}

static int xsave(struct scene *s)
{
	struct kvm_xsave xsave;

	if (ioctl(s->m.vcpu.fd, KVM_GET_XSAVE, &xsave))
		return -1;
	return ioctl(s->m.vcpu.fd, KVM_SET_XSAVE, &xsave);
}

static int mce(struct scene *s)
{
	uint64_t cap = 10;

	return ioctl(s->m.vcpu.fd, KVM_X86_SETUP_MCE, &cap);
}

static int events(struct scene *s)
{
	struct kvm_vcpu_events events;

	if (ioctl(s->m.vcpu.fd, KVM_GET_VCPU_EVENTS, &events))
		return -1;
	return ioctl(s->m.vcpu.fd, KVM_SET_VCPU_EVENTS, &events);
}

static int translate(struct scene *s)
{
	struct kvm_translation t = { .linear_address = CODE_AT };

	return ioctl(s->m.vcpu.fd, KVM_TRANSLATE, &t);
}

static int pre_fault(struct scene *s)
{
	struct kvm_pre_fault_memory range = { .gpa = 0x100000, .size = 4096 };

	return ioctl(s->m.vcpu.fd, KVM_PRE_FAULT_MEMORY, &range);
}

static int map_page(int fd, uint64_t table)
{
	const struct devkvm_map_gpt map = {
		.linear_address = 0x400000, .page_size = 4096,
		.tables = (uintptr_t)&table, .table_count = 1,
		.flags = DEVKVM_MAP_REPLACE,
	};

	return ioctl(fd, DEVKVM_MAP_GPT, &map);
}

static int map_gpt(struct scene *s)
{
	return map_page(s->m.vcpu.fd, 0x11000);
}

static int set_policy(struct scene *s)
{
	const struct devkvm_rule rule = { .event = DEVKVM_EVENT_HLT };
	const struct devkvm_policy policy = { .rules = (uintptr_t)&rule, .count = 1 };

	return ioctl(s->m.vcpu.fd, DEVKVM_SET_POLICY, &policy);
}

static int policy_info(struct scene *s)
{
	struct devkvm_policy_info info = { .size = sizeof(info) };

	return ioctl(s->m.node, DEVKVM_GET_POLICY_INFO, &info);
}

static int stats_fd(struct scene *s)
{
	return s->fd = ioctl(s->m.vcpu.fd, KVM_GET_STATS_FD, 0);
}

static int read_stats(struct scene *s)
{
	char bytes[8];

	return read(s->fd, bytes, sizeof(bytes));
}

static int clock_of(struct scene *s)
{
	struct kvm_clock_data data;

	if (ioctl(s->m.vm, KVM_GET_CLOCK, &data))
		return -1;
	data.flags = 0;
	return ioctl(s->m.vm, KVM_SET_CLOCK, &data);
}

static int change_event(struct scene *s, uint16_t port, uint32_t flags)
{
	struct kvm_ioeventfd args = {
		.addr = port, .len = 1, .fd = s->fd, .flags = KVM_IOEVENTFD_FLAG_PIO | flags,
	};

	return ioctl(s->m.vm, KVM_IOEVENTFD, &args);
}

static int add_event(struct scene *s)
{
	return change_event(s, 1, 0);
}

static int take_event_away(struct scene *s)
{
	return change_event(s, 2, KVM_IOEVENTFD_FLAG_DEASSIGN);
}

/* Steps that come first, unarmed. */
static void eventfd_first(struct scene *s)
{
	s->fd = must(eventfd(0, EFD_CLOEXEC));
	must(change_event(s, 2, 0));
	must(change_event(s, 3, 0));
}

static void stats_first(struct scene *s)
{
	must(stats_fd(s));
}

static void node_first(struct scene *s)
{
	must(open_node(s));
}

static void region_first(struct scene *s)
{
	must(open_node(s));
	must(region_2006(s));
}

static void slot_first(struct scene *s)
{
	must(add_slot(s));
}

static void log_first(struct scene *s)
{
	must(log_slot(s));
}

static void run_first(struct scene *s)
{
	equal(kvm_next_out(&s->m.vcpu), 0x2a);
}

/* 32-bit paging, and tables at 64 KiB that hold nothing. */
static void paging_first(struct scene *s)
{
	struct kvm_sregs sregs;

	must(ioctl(s->m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr0 |= 0x80000001;
	sregs.cr3 = 0x10000;
	must(ioctl(s->m.vcpu.fd, KVM_SET_SREGS, &sregs));
}

/* ---- ioctls that do no more than copy what they are about ---- */

/* Room for what any of them reads or writes. */
#define ARGUMENT_BYTES	16384
#define MSRS_ROOM	1000	/* in a list of them */

/* A guest of 2006 that runs as ours does. */
static void vcpu_first(struct scene *s)
{
	struct kvm_2006_sregs sregs = { };
	struct kvm_2006_regs regs = { .regs = { .rip = CODE_AT, .rflags = 2 } };

	region_first(s);
	must(vcpu_2006(s));
	must(map_2006(s));
	memcpy(s->mapping + CODE_AT, code, sizeof(code));
	must(ioctl(s->fd, KVM_2006_GET_SREGS, &sregs));
	sregs.sregs.cs.base = sregs.sregs.cs.selector = 0;
	must(ioctl(s->fd, KVM_2006_SET_SREGS, &sregs));
	must(ioctl(s->fd, KVM_2006_SET_REGS, &regs));
}

static int special_registers_2006(struct scene *s)
{
	struct kvm_2006_sregs sregs = { };

	if (ioctl(s->fd, KVM_2006_GET_SREGS, &sregs))
		return -1;
	return ioctl(s->fd, KVM_2006_SET_SREGS, &sregs);
}

static int log_2006(struct scene *s)
{
	struct kvm_2006_memory_region region = {
		.memory_size = 0x10000, .flags = KVM_MEM_LOG_DIRTY_PAGES,
	};
	uint8_t bits[2];
	struct kvm_2006_dirty_log log = { .dirty_bitmap = (uintptr_t)bits };

	if (ioctl(s->fd, KVM_2006_SET_MEMORY_REGION, &region))
		return -1;
	return ioctl(s->fd, KVM_2006_GET_DIRTY_LOG, &log);
}

static void paging_2006_first(struct scene *s)
{
	struct kvm_2006_sregs sregs = { };

	vcpu_first(s);
	must(ioctl(s->fd, KVM_2006_GET_SREGS, &sregs));
	sregs.sregs.cr0 |= 0x80000001;
	sregs.sregs.cr3 = 0x8000;
	must(ioctl(s->fd, KVM_2006_SET_SREGS, &sregs));
}

static int map_gpt_2006(struct scene *s)
{
	return map_page(s->fd, 0x9000);
}

enum descriptor { NODE, VM, VCPU, NODE_2006 };

struct copied {
	const char *name;
	enum descriptor of;
	unsigned long request;
	int refused;		/* the errno that it ends with anyway, or 0 */
	uint32_t argument[4];	/* how it begins; zeroes follow */
};

#define COPIED(of, request, ...)	{ #request, of, request, 0, { __VA_ARGS__ } }
#define REFUSED(of, request, errno)	{ #request, of, request, errno, { 0 } }

/*
 * Not here, since they touch no memory: KVM_GET_API_VERSION, KVM_CHECK_EXTENSION,
 * KVM_GET_VCPU_MMAP_SIZE, KVM_SET_TSS_ADDR, KVM_NMI.
 */
static const struct copied copied[] = {
	COPIED(NODE, KVM_GET_MSR_INDEX_LIST, MSRS_ROOM),
	COPIED(NODE, KVM_GET_MSR_FEATURE_INDEX_LIST, MSRS_ROOM),
	COPIED(NODE, KVM_GET_MSRS, 1, 0, MSR_SYSENTER_EIP),
	COPIED(NODE, KVM_X86_GET_MCE_CAP_SUPPORTED, 0),
	COPIED(NODE, DEVKVM_GET_INFO, sizeof(struct devkvm_info)),
	COPIED(VM, KVM_ENABLE_CAP, KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2),
	REFUSED(VM, KVM_SET_GSI_ROUTING, EINVAL),
	COPIED(VCPU, KVM_INTERRUPT, 0x20),
	COPIED(VCPU, KVM_SET_SIGNAL_MASK, 8),
	COPIED(VCPU, KVM_GET_CPUID2, KVM_CPUID_MAX_ENTRIES),
	COPIED(VCPU, KVM_GET_MP_STATE, 0),
	COPIED(VCPU, KVM_SET_MP_STATE, 0),
	COPIED(VCPU, KVM_SET_GUEST_DEBUG, 0),
	REFUSED(VCPU, KVM_X86_SET_MCE, EINVAL),
	COPIED(VCPU, KVM_GET_DEBUGREGS, 0),
	COPIED(VCPU, KVM_SET_DEBUGREGS, 0),
	COPIED(VCPU, KVM_GET_XCRS, 0),
	COPIED(VCPU, KVM_SET_XCRS, 0),
	COPIED(VCPU, KVM_GET_XSAVE2, 0),
	COPIED(NODE_2006, KVM_2006_RUN, 0),
	COPIED(NODE_2006, KVM_2620_RUN, 0),
	COPIED(NODE_2006, KVM_2006_GET_REGS, 0),
	COPIED(NODE_2006, KVM_2006_SET_REGS, 0),
	COPIED(NODE_2006, KVM_2006_TRANSLATE, 0),
	COPIED(NODE_2006, KVM_2006_INTERRUPT, 0, 0x20),
	COPIED(NODE_2006, KVM_2006_DEBUG_GUEST, 0),
	COPIED(NODE_2006, KVM_2006_GET_MSRS, 0, 1, MSR_SYSENTER_EIP),
	COPIED(NODE_2006, KVM_2006_SET_MSRS, 0, 1, MSR_SYSENTER_EIP),
	COPIED(NODE_2006, KVM_2006_GET_MSR_INDEX_LIST, MSRS_ROOM),
};

static int call_copied(struct scene *s, const struct copied *c)
{
	static uint8_t argument[ARGUMENT_BYTES];
	const int fds[] = { s->m.node, s->m.vm, s->m.vcpu.fd, s->fd };
	int ret;

	memset(argument, 0, sizeof(argument));
	memcpy(argument, c->argument, sizeof(c->argument));
	ret = ioctl(fds[c->of], c->request, argument);
	return ret < 0 && errno == c->refused ? 0 : ret;
}

struct call {
	const char *name;
	void (*first)(struct scene *s);
	int (*call)(struct scene *s);
};

/* Where the back ends have memory of their own to ask for. */
static const struct call vendors[] = {
	{ "vCPU (2006)", region_first, vcpu_2006 },
	{ "CREATE_VCPU", NULL, create_vcpu },
	{ "a slot gets a log", slot_first, log_slot },
	{ "RUN, nothing mapped", NULL, run },
	{ "RUN", run_first, run },
};

static const struct call calls[] = {
	{ "open", NULL, open_node },
	{ "memory region (2006)", node_first, region_2006 },
	{ "mapping of a slot (2006)", region_first, map_2006 },
	{ "CREATE_VM", NULL, create_vm },
	{ "mapping of kvm_run", NULL, map_run },
	{ "a slot", NULL, add_slot },
	{ "a slot deleted", slot_first, delete_slot },
	{ "a slot with a log loses it", log_first, add_slot },
	{ "GET_DIRTY_LOG", log_first, get_log },
	{ "CLEAR_DIRTY_LOG", log_first, clear_log },
	{ "GET_SUPPORTED_CPUID", NULL, supported_cpuid },
	{ "SET_CPUID2", NULL, set_cpuid },
	{ "GET_MSRS", NULL, get_msrs },
	{ "SET_MSRS", NULL, set_msrs },
	{ "GET_REGS, SET_REGS", NULL, registers },
	{ "GET_SREGS, SET_SREGS", NULL, special_registers },
	{ "GET_FPU, SET_FPU", NULL, fpu },
	{ "GET_XSAVE, SET_XSAVE", NULL, xsave },
	{ "X86_SETUP_MCE", NULL, mce },
	{ "GET_VCPU_EVENTS, SET_VCPU_EVENTS", NULL, events },
	{ "TRANSLATE", NULL, translate },
	{ "PRE_FAULT_MEMORY", NULL, pre_fault },
	{ "MAP_GPT", paging_first, map_gpt },
	{ "SET_POLICY", NULL, set_policy },
	{ "GET_POLICY_INFO", NULL, policy_info },
	{ "GET_STATS_FD", NULL, stats_fd },
	{ "reading statistics", stats_first, read_stats },
	{ "GET_CLOCK, SET_CLOCK", NULL, clock_of },
	{ "IOEVENTFD", eventfd_first, add_event },
	{ "IOEVENTFD, away", eventfd_first, take_event_away },
	{ "GET_SREGS, SET_SREGS (2006)", vcpu_first, special_registers_2006 },
	{ "GET_DIRTY_LOG (2006)", vcpu_first, log_2006 },
	{ "MAP_GPT (2006)", paging_2006_first, map_gpt_2006 },
};

static bool is_shortage(int err)
{
	return err == ENOMEM || err == EFAULT || err == ENFILE;
}

/* Whatever has failed, the machine runs its guest. */
static void end(struct scene *s)
{
	struct kvm_sregs sregs;

	must(ioctl(s->m.vcpu.fd, KVM_GET_SREGS, &sregs));
	sregs.cr0 &= ~0x80000001ull;
	must(ioctl(s->m.vcpu.fd, KVM_SET_SREGS, &sregs));
	kvm_start_at(&s->m.vcpu, CODE_AT);
	equal(kvm_next_out(&s->m.vcpu), 0x2a);
	if (s->mapping)
		munmap(s->mapping, s->mapped_bytes);
	if (s->fd >= 0)
		close(s->fd);
	kvm_close(&s->m);
}

/* By `call` or, where that is NULL, as `row` says. */
static int fail_each(const char *name, void (*first)(struct scene *s),
		     int (*call)(struct scene *s), const struct copied *row)
{
	bool hit = true;
	int n;

	for (n = 0; hit; n++) {
		struct scene s = { .m = kvm_machine(code, sizeof(code)), .fd = -1 };
		int ret, err;

		if (first)
			first(&s);
		failnth_arm(n + 1);
		ret = call ? call(&s) : call_copied(&s, row);
		err = errno;
		hit = failnth_disarm();
		errno = err;
		if (ret < 0 && !(hit && is_shortage(err)))
			die("%s, failure %d", name, n + 1);
		end(&s);
	}
	printf("ok: %s: %d sites\n", name, n - 1);
	return n - 1;
}

/* Each of them reads or writes memory of the caller's: a site at least. */
static int fail_each_copy(void)
{
	int sites = 0;

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		const struct copied *row = &copied[i];
		int found = fail_each(row->name, row->of == NODE_2006 ? vcpu_first : NULL,
				      NULL, row);

		if (!found)
			die("%s: no site", row->name);
		sites += found;
	}
	return sites;
}

static int fail_each_of(const struct call *list, size_t count)
{
	int sites = 0;

	for (size_t i = 0; i < count; i++)
		sites += fail_each(list[i].name, list[i].first, list[i].call, NULL);
	return sites;
}

int main(int argc, char **argv)
{
	bool only_vendors = argc > 1 && !strcmp(argv[1], "vendor");
	int sites, least = only_vendors ? 15 : 100;

	setlinebuf(stdout);
	if (!failnth_setup())
		die("this kernel injects no failures");
	sites = fail_each_of(vendors, sizeof(vendors) / sizeof(vendors[0]));
	if (!only_vendors)
		sites += fail_each_of(calls, sizeof(calls) / sizeof(calls[0])) +
			 fail_each_copy();
	if (sites < least)
		die("only %d sites", sites);
	printf("ok: %d sites\n", sites);
	return 0;
}
