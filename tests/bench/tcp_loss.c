// SPDX-License-Identifier: GPL-2.0
/*
 * How long a transfer takes over a path of 20 ms that loses 1 % of the packets each way, by
 * the library over a channel and by the kernel's CUBIC, the same packets lost: the medians of
 * nine, in virtual time. Long ones, so that it is not the first loss that decides.
 */
#include "../vm/tcp/goodput.h"

int main(void)
{
	struct goodput g = { .runs = 9, .mebibytes = 8, .seed = 1 };
	long bytes = (long)g.runs * g.mebibytes * MEBIBYTE;

	make_path();
	make_relay();
	printf("sample tcp-loss-1pct ms/MB kernel-tcp %.1f %ld\n", goodput_ms(false, &g), bytes);
	start_stack();
	printf("sample tcp-loss-1pct ms/MB ours %.1f %ld\n", goodput_ms(true, &g), bytes);
	stop_stack();
	return 0;
}
