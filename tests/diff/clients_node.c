// SPDX-License-Identifier: GPL-2.0
/* What the node says of itself, and what no descriptor knows. */
#include "client.h"

static void api(struct machine *m)
{
	record_step("version");
	call(m->node, KVM_GET_API_VERSION, 0);
	call(m->node, KVM_GET_API_VERSION, 1);
	record_step("mmap size");
	call(m->node, KVM_GET_VCPU_MMAP_SIZE, 1);
	record_step("vm of a type");
	call(m->node, KVM_CREATE_VM, 1u << 31);
}

/* On the node's descriptor and on the machine's. */
static void capabilities(struct machine *m)
{
	for (unsigned int cap = 0; cap < 250; cap++) {
		record_step("%u", cap);
		call(m->node, KVM_CHECK_EXTENSION, cap);
		call(m->vm, KVM_CHECK_EXTENSION, cap);
	}
	record_step("out of range");
	call(m->node, KVM_CHECK_EXTENSION, 0x7fffffff);
	call(m->node, KVM_CHECK_EXTENSION, -1ul);
}

static void unknown(struct machine *m)
{
	const int descriptors[] = { m->node, m->vm, m->vcpu };
	const unsigned int commands[] = {
		_IO(KVMIO, 0x7f), _IO(KVMIO, 0xff), _IO('T', 1), 0, ~0u,
		_IOR(KVMIO, 0x81, char), _IOW(KVMIO, 0x82, uint64_t), _IO(KVMIO, 0x84),
	};

	for (size_t i = 0; i < COUNT_OF(descriptors); i++) {
		for (size_t j = 0; j < COUNT_OF(commands); j++)
			call(descriptors[i], commands[j], 0);
	}
}

/* Each command on a descriptor of another kind. */
static void misplaced(struct machine *m)
{
	const unsigned int of_node[] = { KVM_GET_API_VERSION, KVM_GET_VCPU_MMAP_SIZE };
	const unsigned int of_vm[] = { KVM_CREATE_VCPU, KVM_SET_USER_MEMORY_REGION,
				       KVM_GET_DIRTY_LOG, KVM_SET_TSS_ADDR };
	const unsigned int of_vcpu[] = { KVM_RUN, KVM_GET_REGS, KVM_SET_SREGS, KVM_NMI,
					 KVM_GET_MSRS, KVM_SET_CPUID2, KVM_GET_XSAVE };

	for (size_t i = 0; i < COUNT_OF(of_node); i++) {
		call(m->vm, of_node[i], 0);
		call(m->vcpu, of_node[i], 0);
	}
	for (size_t i = 0; i < COUNT_OF(of_vm); i++) {
		call(m->node, of_vm[i], 0);
		call(m->vcpu, of_vm[i], 0);
	}
	for (size_t i = 0; i < COUNT_OF(of_vcpu); i++) {
		call(m->node, of_vcpu[i], 0);
		call(m->vm, of_vcpu[i], 0);
	}
}

/* Nowhere, and in the kernel's half. */
static void bad_pointers(struct machine *m)
{
	static const unsigned int of_node[] = {
		KVM_GET_MSR_INDEX_LIST, KVM_GET_SUPPORTED_CPUID, KVM_X86_GET_MCE_CAP_SUPPORTED,
		KVM_GET_MSR_FEATURE_INDEX_LIST, KVM_GET_MSRS,
	};
	static const unsigned int of_vm[] = { KVM_SET_USER_MEMORY_REGION, KVM_GET_DIRTY_LOG };
	static const unsigned int of_vcpu[] = {
		KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS, KVM_TRANSLATE,
		KVM_INTERRUPT, KVM_GET_MSRS, KVM_SET_MSRS, KVM_GET_FPU, KVM_SET_FPU,
		KVM_SET_CPUID2, KVM_GET_CPUID2, KVM_GET_MP_STATE, KVM_SET_MP_STATE,
		KVM_SET_GUEST_DEBUG, KVM_X86_SETUP_MCE, KVM_X86_SET_MCE, KVM_GET_VCPU_EVENTS,
		KVM_SET_VCPU_EVENTS, KVM_GET_DEBUGREGS, KVM_SET_DEBUGREGS, KVM_GET_XSAVE,
		KVM_SET_XSAVE, KVM_GET_XCRS, KVM_SET_XCRS,
	};

	for (int i = 0; i < 2; i++) {
		unsigned long nowhere = i ? 0xffff888000000000ul : 0;

		record_step(i ? "kernel's" : "null");
		for (size_t j = 0; j < COUNT_OF(of_node); j++)
			call(m->node, of_node[j], nowhere);
		for (size_t j = 0; j < COUNT_OF(of_vm); j++)
			call(m->vm, of_vm[j], nowhere);
		for (size_t j = 0; j < COUNT_OF(of_vcpu); j++)
			call(m->vcpu, of_vcpu[j], nowhere);
	}
}

static void msr_list(struct machine *m)
{
	static struct {
		struct kvm_msr_list head;
		uint32_t indices[1024];
	} list;

	record_step("no room");
	list.head.nmsrs = 0;
	call(m->node, KVM_GET_MSR_INDEX_LIST, &list);
	record_step("room");
	list.head.nmsrs = COUNT_OF(list.indices);
	call(m->node, KVM_GET_MSR_INDEX_LIST, &list);
}

/* What KVM_GET_MSRS of the node tells, in order up to the first that it does not. */
static void msr_features(struct machine *m)
{
	static struct {
		struct kvm_msr_list head;
		uint32_t indices[1024];
	} list;
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[2];
	} msrs = { .entries = { { .index = 0x10a }, { .index = 0x40001234 } } };

	record_step("no room");
	call(m->node, KVM_GET_MSR_FEATURE_INDEX_LIST, &list);
	record_step("room");
	list.head.nmsrs = COUNT_OF(list.indices);
	call(m->node, KVM_GET_MSR_FEATURE_INDEX_LIST, &list);
	record_step("values");
	for (msrs.head.nmsrs = 0; msrs.head.nmsrs <= 2; msrs.head.nmsrs++)
		call(m->node, KVM_GET_MSRS, &msrs);
	msrs.head.nmsrs = 0;
	call(m->node, KVM_SET_MSRS, &msrs);
}

static void cpuid_list(struct machine *m)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entries[KVM_CPUID_MAX_ENTRIES];
	} leaves;
	static const unsigned int rooms[] = { 0, 1, 8, KVM_CPUID_MAX_ENTRIES,
					      KVM_CPUID_MAX_ENTRIES + 1, ~0u };

	for (size_t i = 0; i < COUNT_OF(rooms); i++) {
		/* Only as much is written as there is. */
		record_step("room %x", rooms[i]);
		leaves.head.nent = rooms[i];
		call(m->node, KVM_GET_SUPPORTED_CPUID, &leaves);
	}
}

static void mce_cap(struct machine *m)
{
	uint64_t cap = 0;

	call(m->node, KVM_X86_GET_MCE_CAP_SUPPORTED, &cap);
}

/* What needs an interrupt controller in the kernel, when there is none. */
static void no_irqchip(struct machine *m)
{
	static uint8_t room[4096];

	record_step("GET_LAPIC");
	call(m->vcpu, _IOR(KVMIO, 0x8e, char[0x400]), room);
	record_step("SET_LAPIC");
	call(m->vcpu, _IOW(KVMIO, 0x8f, char[0x400]), room);
	record_step("IRQ_LINE");
	call(m->vm, _IOW(KVMIO, 0x61, uint64_t), room);
	record_step("GET_IRQCHIP");
	call(m->vm, _IOWR(KVMIO, 0x62, char[520]), room);
	record_step("GET_PIT2");
	call(m->vm, _IOR(KVMIO, 0x9f, char[112]), room);
	record_step("routing");
	call(m->vm, KVM_SET_GSI_ROUTING, room);
}

static void tss_address(struct machine *m)
{
	static const uint64_t addresses[] = { 0, 0xfffbd000, 0xffffd000, 0xffffc000, 0xffffe000,
					      0xfffff000, 0x100000000, 0xfffbd001 };

	for (size_t i = 0; i < COUNT_OF(addresses); i++)
		call(m->vm, KVM_SET_TSS_ADDR, addresses[i]);
}

static void vcpu_ids(struct machine *m)
{
	static const uint64_t ids[] = { 0, 1, 63, 1, 0xffffffff, 1ull << 32, -1ul, 0x10000 };
	struct kvm_run *run;

	for (size_t i = 0; i < COUNT_OF(ids); i++) {
		record_step("id %zu", i);
		if (ids[i] == (unsigned int)ids[i])
			machine_add_vcpu(m, ids[i], &run);
		else
			call(m->vm, KVM_CREATE_VCPU, ids[i]);
	}
}

const struct client node_clients[] = {
	{ "node-api", api },
	{ "node-capabilities", capabilities },
	{ "node-unknown", unknown },
	{ "node-misplaced", misplaced },
	{ "node-bad-pointers", bad_pointers },
	{ "node-msr-list", msr_list },
	{ "node-msr-features", msr_features },
	{ "node-cpuid-list", cpuid_list },
	{ "node-mce", mce_cap },
	{ "vm-no-irqchip", no_irqchip },
	{ "vm-tss-address", tss_address },
	{ "vm-vcpu-ids", vcpu_ids },
	{ }
};
