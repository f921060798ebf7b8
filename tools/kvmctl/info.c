// SPDX-License-Identifier: GPL-2.0
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "devkvm.h"
#include "machine.h"

static const struct {
	const char *name;
	int cap;
} capabilities[] = {
	{ "user_memory", KVM_CAP_USER_MEMORY },
	{ "sync_mmu", KVM_CAP_SYNC_MMU },
	{ "ext_cpuid", KVM_CAP_EXT_CPUID },
	{ "immediate_exit", KVM_CAP_IMMEDIATE_EXIT },
	{ "nr_vcpus", KVM_CAP_NR_VCPUS },
	{ "max_vcpus", KVM_CAP_MAX_VCPUS },
	{ "nr_memslots", KVM_CAP_NR_MEMSLOTS },
	{ "readonly_mem", KVM_CAP_READONLY_MEM },
	{ "pre_fault_memory", KVM_CAP_PRE_FAULT_MEMORY },
	{ "binary_stats_fd", KVM_CAP_BINARY_STATS_FD },
};

/* What a policy can see here, as masks of numbers. */
static void show_policy(int fd)
{
	struct devkvm_policy_info info = { .size = sizeof(info) };

	if (ioctl(fd, DEVKVM_GET_POLICY_INFO, &info) < 0)
		return;
	out_open_object("policy");
	out_u32("rules_max", "up to %u rules on privileged operations", info.rules_max);
	out_u32("events", ": events %#x", info.events);
	out_u32("cr_read", ", reads of CR %#x", info.cr_read);
	out_u32("cr_write", ", writes of CR %#x", info.cr_write);
	out_u32("exceptions", ", exceptions %#x\n", info.exceptions);
	out_close_object();
}

/* In-tree KVM answers this too, save for the part that is ours. */
static void show_own(int fd)
{
	struct devkvm_info info = { .size = sizeof(info) };

	if (ioctl(fd, DEVKVM_GET_INFO, &info) < 0) {
		out_string("module", "module %s\n", "in-tree kvm");
		return;
	}
	out_string("module", "module %s ", "devkvm");
	out_string("version", "%s\n", info.version);
	out_string("backend", "back end %s, ", info.backend);
	out_u32("tdp_levels", "%u-level nested page tables\n", info.tdp_levels);
	out_bool("protocol_2006", "speaks the protocol of 2006\n",
		 info.features & DEVKVM_FEATURE_2006);
	out_u32("vms", "%u virtual machines now\n", info.vms);
	out_u32("large_pages", "%u large pages mapped\n", info.large_pages);
	show_policy(fd);
}

int cmd_info(int argc, char **argv)
{
	int fd, api;

	if (argc > 1)
		return tool_usage(argv[1], "info takes no arguments");
	fd = open(KVM_NODE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return tool_refused_errno(KVM_NODE, errno);
	api = ioctl(fd, KVM_GET_API_VERSION, 0);
	if (api < 0) {
		int err = errno;

		close(fd);
		return tool_refused_errno("KVM_GET_API_VERSION", err);
	}
	out_open();
	show_own(fd);
	out_u32("api", "API version %u\n", api);
	out_u32("vcpu_mmap_bytes", "%u bytes of shared memory a vCPU\n",
		ioctl(fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	out_open_object("capabilities");
	for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
		out_text("%s ", capabilities[i].name);
		out_u32(capabilities[i].name, "%u\n",
			ioctl(fd, KVM_CHECK_EXTENSION, capabilities[i].cap));
	}
	out_close_object();
	out_close();
	close(fd);
	return TOOL_DONE;
}
