/* SPDX-License-Identifier: GPL-2.0 */
/* What is counted, as read from a descriptor of KVM_GET_STATS_FD. */
#ifndef TESTS_VM_KVM_STATS_H
#define TESTS_VM_KVM_STATS_H

#include "kvm.h"

struct stats {
	struct kvm_stats_header header;
	uint8_t image[16384];
	ssize_t size;
};

static inline struct stats stats_read(int fd)
{
	struct stats s = { .size = must(pread(fd, s.image, sizeof(s.image), 0)) };

	memcpy(&s.header, s.image, sizeof(s.header));
	equal(s.header.flags, 0);
	if (s.header.data_offset >= s.size)
		die("values at %u of %zd bytes", s.header.data_offset, s.size);
	return s;
}

static inline bool stats_find(const struct stats *s, const char *name, uint64_t *value)
{
	size_t each = sizeof(struct kvm_stats_desc) + s->header.name_size;

	for (uint32_t i = 0; i < s->header.num_desc; i++) {
		const uint8_t *at = s->image + s->header.desc_offset + i * each;
		struct kvm_stats_desc desc;

		memcpy(&desc, at, sizeof(desc));
		if (strncmp((const char *)at + sizeof(desc), name, s->header.name_size))
			continue;
		memcpy(value, s->image + s->header.data_offset + desc.offset, sizeof(*value));
		return true;
	}
	return false;
}

static inline uint64_t stats_value(int fd, const char *name)
{
	struct stats s = stats_read(fd);
	uint64_t value;

	if (!stats_find(&s, name, &value))
		die("nothing is called %s", name);
	return value;
}

#endif
