// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_ticks MICROSECONDS: interrupts every processor so often until it is killed, so that a
 * guest is left wherever it is.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

static long interval_us;

static void *ticks(void *cpu)
{
	struct itimerspec interval = { .it_interval.tv_nsec = interval_us * 1000,
				       .it_value.tv_nsec = interval_us * 1000 };
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	uint64_t expired;
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((intptr_t)cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) || timer < 0 ||
	    timerfd_settime(timer, 0, &interval, NULL)) {
		perror("kvm_ticks");
		exit(1);
	}
	while (read(timer, &expired, sizeof(expired)) > 0)
		;
	return NULL;
}

int main(int argc, char **argv)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t thread;

	if (argc != 2 || (interval_us = atol(argv[1])) < 1) {
		fputs("usage: kvm_ticks MICROSECONDS\n", stderr);
		return 2;
	}
	for (long i = 0; i < cpus; i++)
		pthread_create(&thread, NULL, ticks, (void *)i);
	pthread_join(thread, NULL);
	return 0;
}
