// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_memory_bench NAME CGROUP: what making machines and vCPUs costs, also in memory
 * (CGROUP, a directory, is charged with it), and what a guest's pages do: the first
 * write to each, and a round of a dirty log. As kvm_bench, on in-tree KVM and on ours.
 */
#include "../vm/kvm/kvm.h"
#include "kvm_sample.h"

#define VMS		8
#define VCPUS		16
#define PAGES		1024
#define PAGE_BYTES	4096
#define PAGES_AT	0x400000
#define LOG_ROUNDS	4
#define SUMMED_UP_S	3	/* the kernel's statistics of cgroups are, every 2 s */

/* For ever: writes a byte to each of PAGES pages, and says so. */
static const uint8_t touch_code[] = {
	0x66, 0xbf, 0x00, 0x00, 0x40, 0x00,		/* 0: mov $PAGES_AT, %edi */
	0xb9, 0x00, 0x04,				/* mov $PAGES, %cx */
	0x67, 0xc6, 0x07, 0x01,				/* 1: movb $1, (%edi) */
	0x66, 0x81, 0xc7, 0x00, 0x10, 0x00, 0x00,	/* add $PAGE_BYTES, %edi */
	0x49,						/* dec %cx */
	0x75, 0xf2,					/* jnz 1b */
	0xe6, 0x10,					/* out %al, $0x10 */
	0xeb, 0xe5,					/* jmp 0b */
};

/* ---- objects ---- */

/* Not the first, whose process has no other yet. */
static void create_vm(const char *who)
{
	int node = kvm_node(), first = must(ioctl(node, KVM_CREATE_VM, 0)), vms[VMS];
	uint64_t sum = 0;

	for (int i = 0; i < VMS; i++) {
		uint64_t start = ticks();

		vms[i] = ioctl(node, KVM_CREATE_VM, 0);
		sum += ticks() - start;
		must(vms[i]);
	}
	sample("create-vm", who, (double)sum / VMS, VMS);
	for (int i = 0; i < VMS; i++)
		close(vms[i]);
	close(first);
	close(node);
}

static void create_vcpu(const char *who)
{
	struct kvm_machine m = kvm_machine(touch_code, sizeof(touch_code));
	int vcpus[VCPUS];
	uint64_t sum = 0;

	for (int i = 0; i < VCPUS; i++) {
		uint64_t start = ticks();

		vcpus[i] = ioctl(m.vm, KVM_CREATE_VCPU, i + 1);
		sum += ticks() - start;
		must(vcpus[i]);
	}
	sample("create-vcpu", who, (double)sum / VCPUS, VCPUS);
	for (int i = 0; i < VCPUS; i++)
		close(vcpus[i]);
	kvm_close(&m);
}

/* What the kernel holds for this process and is charged for, as of the next summing up. */
static uint64_t charged_bytes(const char *cgroup)
{
	unsigned long long bytes = 0;
	char path[200], line[200];
	bool found = false;
	FILE *f;

	sleep(SUMMED_UP_S);
	snprintf(path, sizeof(path), "%s/memory.stat", cgroup);
	f = fopen(path, "r");
	if (!f)
		die("%s", path);
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "kernel %llu", &bytes) == 1;
	fclose(f);
	if (!found)
		die("no kernel memory in %s", path);
	return bytes;
}

static void enter_cgroup(const char *cgroup)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	f = fopen(path, "w");
	if (!f || fprintf(f, "%d\n", getpid()) < 0 || fclose(f))
		die("%s", path);
}

/* Descriptors and files included, which are the same for both. */
static void memory_of_objects(const char *who, const char *cgroup)
{
	int node, vms[VMS], vcpus[VCPUS];
	uint64_t before, with_vms, with_vcpus;

	enter_cgroup(cgroup);
	node = kvm_node();
	before = charged_bytes(cgroup);
	for (int i = 0; i < VMS; i++)
		vms[i] = must(ioctl(node, KVM_CREATE_VM, 0));
	with_vms = charged_bytes(cgroup);
	for (int i = 0; i < VCPUS; i++)
		vcpus[i] = must(ioctl(vms[0], KVM_CREATE_VCPU, i));
	with_vcpus = charged_bytes(cgroup);
	printf("sample vm-memory bytes %s %.0f %d\n", who,
	       (double)(with_vms - before) / VMS, VMS);
	printf("sample vcpu-memory bytes %s %.0f %d\n", who,
	       (double)(with_vcpus - with_vms) / VCPUS, VCPUS);
	for (int i = 0; i < VCPUS; i++)
		close(vcpus[i]);
	for (int i = 0; i < VMS; i++)
		close(vms[i]);
	close(node);
}

/* ---- pages ---- */

/* Small ones, all there before the guest comes: its own faults are what counts. */
static uint8_t *small_pages(void)
{
	uint8_t *pages = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		die("memory");
	must(madvise(pages, PAGES * PAGE_BYTES, MADV_NOHUGEPAGE));
	memset(pages, 0xaa, PAGES * PAGE_BYTES);
	return pages;
}

/* In real mode, but with data segments of 4 GiB. */
static void widen_data(const struct kvm_vcpu *v)
{
	struct kvm_sregs sregs;

	must(ioctl(v->fd, KVM_GET_SREGS, &sregs));
	sregs.ds.base = sregs.ds.selector = 0;
	sregs.ds.limit = ~0u;
	sregs.ds.g = 1;
	must(ioctl(v->fd, KVM_SET_SREGS, &sregs));
}

static void set_slot(const struct kvm_machine *m, uint32_t flags, uint8_t *pages)
{
	struct kvm_userspace_memory_region region = {
		.slot = 1, .flags = flags, .guest_phys_addr = PAGES_AT,
		.memory_size = PAGES * PAGE_BYTES, .userspace_addr = (uintptr_t)pages,
	};

	must(ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region));
}

static unsigned int written(const uint8_t *pages)
{
	unsigned int count = 0;

	for (int i = 0; i < PAGES; i++)
		count += pages[i * PAGE_BYTES] == 1;
	return count;
}

/* The log's bits of all pages are set; how many. */
static unsigned int logged(const uint64_t *bits)
{
	unsigned int count = 0;

	for (int i = 0; i < PAGES / 64; i++)
		count += __builtin_popcountll(bits[i]);
	return count;
}

/* A page: its nested fault, and the guest's four instructions. */
static void first_touch(const char *who, const struct kvm_machine *m, const uint8_t *pages)
{
	uint64_t start = ticks();

	kvm_next_out(&m->vcpu);
	sample("first-touch", who, (double)(ticks() - start) / PAGES, written(pages));
	equal(written(pages), PAGES);
}

/* A page, of a round: the guest writes to all, then the log is read. */
static void dirty_log(const char *who, const struct kvm_machine *m)
{
	static uint64_t bits[PAGES / 64];
	struct kvm_dirty_log log = { .slot = 1, .dirty_bitmap = bits };
	unsigned int seen = 0;
	uint64_t start = 0;

	for (int round = -1; round < LOG_ROUNDS; round++) {
		if (round == 0)
			start = ticks();
		kvm_next_out(&m->vcpu);
		must(ioctl(m->vm, KVM_GET_DIRTY_LOG, &log));
		seen += round >= 0 ? logged(bits) : 0;
	}
	sample("dirty-log", who, (double)(ticks() - start) / LOG_ROUNDS / PAGES, seen);
	equal(seen, LOG_ROUNDS * PAGES);
}

static void page_costs(const char *who)
{
	struct kvm_machine m = kvm_machine(touch_code, sizeof(touch_code));
	uint8_t *pages = small_pages();

	widen_data(&m.vcpu);
	set_slot(&m, 0, pages);
	first_touch(who, &m, pages);
	set_slot(&m, KVM_MEM_LOG_DIRTY_PAGES, pages);
	dirty_log(who, &m);
	kvm_close(&m);
	munmap(pages, PAGES * PAGE_BYTES);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		die("usage: kvm_memory_bench NAME CGROUP");
	create_vm(argv[1]);
	create_vcpu(argv[1]);
	page_costs(argv[1]);
	memory_of_objects(argv[1], argv[2]);
	return 0;
}
