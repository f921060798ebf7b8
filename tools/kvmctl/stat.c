// SPDX-License-Identifier: GPL-2.0
/*
 * What a process' machines count: its descriptors are borrowed (pidfd_getfd), and
 * asked for the statistics, which devkvm gives to whoever has them.
 */
#include "commands.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../common/output.h"
#include "../common/tool.h"
#include "devkvm.h"

#define NAME_MAX_BYTES	256	/* more than any kernel gives */

/* All or nothing. */
static bool read_at(int fd, void *to, size_t size, off_t offset)
{
	return pread(fd, to, size, offset) == (ssize_t)size;
}

static bool show_value(int fd, const struct kvm_stats_header *header, uint32_t i)
{
	size_t each = sizeof(struct kvm_stats_desc) + header->name_size;
	off_t at = header->desc_offset + i * each;
	char name[NAME_MAX_BYTES];
	struct kvm_stats_desc desc;
	uint64_t value;

	if (!read_at(fd, &desc, sizeof(desc), at) ||
	    !read_at(fd, name, header->name_size, at + sizeof(desc)) ||
	    !read_at(fd, &value, sizeof(value), header->data_offset + desc.offset))
		return false;
	name[header->name_size - 1] = '\0';
	out_text("    %-28s ", name);
	out_u64(name, "%llu\n", value);
	return true;
}

static bool show_all(int fd)
{
	struct kvm_stats_header header;
	char id[NAME_MAX_BYTES];

	if (!read_at(fd, &header, sizeof(header), 0) || !header.name_size ||
	    header.name_size > sizeof(id) || !read_at(fd, id, header.name_size, header.id_offset))
		return false;
	id[header.name_size - 1] = '\0';
	out_open_object(NULL);
	out_string("id", "%s\n", id);
	for (uint32_t i = 0; i < header.num_desc; i++) {
		if (!show_value(fd, &header, i))
			break;
	}
	out_close_object();
	return true;
}

/* Of one descriptor of the process; false: it has no statistics for us. */
static bool show_descriptor(int pidfd, int number)
{
	int fd = syscall(SYS_pidfd_getfd, pidfd, number, 0), stats;
	bool shown;

	if (fd < 0)
		return false;
	stats = ioctl(fd, KVM_GET_STATS_FD, 0);
	close(fd);
	if (stats < 0)
		return false;
	shown = show_all(stats);
	close(stats);
	return shown;
}

/* A machine's or a vCPU's. */
static bool is_machine(DIR *dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t got = readlinkat(dirfd(dir), name, target, sizeof(target) - 1);

	if (got < 0)
		return false;
	target[got] = '\0';
	return strcmp(target, "anon_inode:kvm-vm") == 0 ||
	       strncmp(target, "anon_inode:kvm-vcpu", 19) == 0;
}

static int show_process(int pidfd, DIR *dir)
{
	struct dirent *entry;
	int shown = 0, found = 0;

	out_open();
	out_open_array("statistics");
	while ((entry = readdir(dir))) {
		if (!is_machine(dir, entry->d_name))
			continue;
		found++;
		shown += show_descriptor(pidfd, atoi(entry->d_name));
	}
	out_close_array();
	out_close();
	if (!found)
		return tool_refused("process", "it has no virtual machine");
	return shown ? TOOL_DONE : tool_refused("KVM_GET_STATS_FD", "not for this process");
}

int cmd_stat(int argc, char **argv)
{
	char path[64], *end;
	int pidfd, ret;
	long pid;
	DIR *dir;

	if (argc != 2)
		return tool_usage("stat", "takes the number of a process");
	pid = strtol(argv[1], &end, 10);
	if (*end || pid <= 0 || pid > INT_MAX)
		return tool_usage(argv[1], "is no number of a process");
	pidfd = syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (pidfd < 0)
		return tool_refused_errno(argv[1], errno);
	snprintf(path, sizeof(path), "/proc/%ld/fd", pid);
	dir = opendir(path);
	if (!dir) {
		ret = tool_refused_errno(path, errno);
	} else {
		ret = show_process(pidfd, dir);
		closedir(dir);
	}
	close(pidfd);
	return ret;
}
