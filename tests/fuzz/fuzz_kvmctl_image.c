// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a guest's file: refused with a reason, or all of it is in the file. */
#include "must.h"
#include "tools/kvmctl/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;

	if (image_parse(data, size, &image))
		return 0;
	must(image.count > 0 && image.count <= IMAGE_SEGMENTS_MAX);
	for (int i = 0; i < image.count; i++) {
		const struct image_segment *s = &image.segments[i];

		must(s->file_bytes <= size && s->offset <= size - s->file_bytes);
		must(s->memory_bytes >= s->file_bytes);
		must(s->at + s->memory_bytes > s->at);
		must(image_end(&image) >= s->at + s->memory_bytes);
	}
	return 0;
}
