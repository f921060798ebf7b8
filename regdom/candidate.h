/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The files that the firmware loader may open for a name. It opens whatever has that
 * name, and only then looks what it is: a FIFO would have it wait for somebody who
 * writes, for ever, and a compressed file is read whole however large it is.
 */
#ifndef REGDOM_CANDIDATE_H
#define REGDOM_CANDIDATE_H

#include <linux/types.h>

/*
 * Returns 0: the loader may be asked, which also says so if there is no such file;
 * *room_bytes is enough for whichever it opens, be it twice as large by then, or built in
 * and no larger than twice the others; max_bytes where that cannot be known. -EINVAL: one
 * of them is not a regular file; -EFBIG: one has more than max_bytes; -ENOMEM.
 */
int regdom_candidates_check(const char *name, size_t max_bytes, size_t *room_bytes);

#endif
