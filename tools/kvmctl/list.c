// SPDX-License-Identifier: GPL-2.0
/* Who has virtual machines: the kernel names their descriptors in /proc. */
#include "commands.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "machine.h"

struct owner {
	uint32_t nodes, machines, vcpus;	/* descriptors */
};

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static void count(struct owner *o, const char *target)
{
	if (!strcmp(target, KVM_NODE))
		o->nodes++;
	else if (!strcmp(target, "anon_inode:kvm-vm"))
		o->machines++;
	else if (starts_with(target, "anon_inode:kvm-vcpu"))
		o->vcpus++;
}

/* What the process has open; nothing, if it has ended or is not ours to see. */
static struct owner look_at(int proc, const char *pid)
{
	struct owner o = { 0 };
	char path[32 + NAME_MAX], target[PATH_MAX];
	struct dirent *entry;
	ssize_t got;
	DIR *dir;
	int fd;

	snprintf(path, sizeof(path), "%s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return o;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return o;
	}
	while ((entry = readdir(dir))) {
		got = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (got < 0)
			continue;
		target[got] = '\0';
		count(&o, target);
	}
	closedir(dir);
	return o;
}

static void read_name(int proc, const char *pid, char *name, size_t room)
{
	char path[32 + NAME_MAX];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/comm", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, name, room - 1);
		close(fd);
	}
	name[got > 0 ? got - 1 : 0] = '\0';	/* without its newline */
}

static void show(int proc, const char *pid, const struct owner *o)
{
	char name[64];

	read_name(proc, pid, name, sizeof(name));
	out_open_object(NULL);
	out_u32("pid", "%7u ", strtoul(pid, NULL, 10));
	out_string("command", "%-16s", name);
	out_u32("machines", "%3u machines", o->machines);
	out_u32("vcpus", "%4u vCPUs", o->vcpus);
	out_u32("nodes", "%4u of the node\n", o->nodes);
	out_close_object();
}

int cmd_list(int argc, char **argv)
{
	struct dirent *entry;
	DIR *proc;

	if (argc > 1)
		return tool_usage(argv[1], "list takes no arguments");
	proc = opendir("/proc");
	if (!proc)
		return tool_refused_errno("/proc", errno);
	out_open();
	out_open_array("processes");
	while ((entry = readdir(proc))) {
		struct owner o;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		o = look_at(dirfd(proc), entry->d_name);
		if (o.nodes || o.machines || o.vcpus)
			show(dirfd(proc), entry->d_name, &o);
	}
	out_close_array();
	out_close();
	closedir(proc);
	return TOOL_DONE;
}
