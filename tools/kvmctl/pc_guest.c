// SPDX-License-Identifier: GPL-2.0
#include "pc_guest.h"

#include <signal.h>
#include <string.h>

#include "machine.h"

#define SECOND_NS	1000000000ull
#define TSC_MEASURE_NS	50000000ull

/* Set by the signal, so that one that comes right before a run ends that too. */
static volatile uint8_t *kick;

static void on_alarm(int signal)
{
	(void)signal;
	if (kick)
		*kick = 1;
}

static uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

uint64_t pc_guest_now_ns(const struct pc_guest *g)
{
	return clock_ns() - g->start_ns;
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec) { .tv_sec = ns / SECOND_NS, .tv_nsec = ns % SECOND_NS };
}

int pc_guest_open(struct pc_guest *g, struct machine *m, struct serial *serial)
{
	const struct sigaction action = { .sa_handler = on_alarm };

	memset(g, 0, sizeof(*g));
	g->pc.serial = serial;
	g->pc.boot_s = time(NULL);
	g->start_ns = clock_ns();
	g->armed_ns = PIT_NEVER;
	m->what = "the timer";
	kick = m->protocol->kick(m);
	sigaction(SIGALRM, &action, NULL);
	if (timer_create(CLOCK_MONOTONIC, NULL, &g->timer) < 0)
		return -1;
	g->machine = m;
	return 0;
}

void pc_guest_close(struct pc_guest *g)
{
	timer_delete(g->timer);
	kick = NULL;
}

static void arm(struct pc_guest *g, uint64_t at_ns)
{
	struct itimerspec when = { 0 };

	if (at_ns == g->armed_ns)
		return;
	g->armed_ns = at_ns;
	if (at_ns != PIT_NEVER)
		when.it_value = timespec_of(g->start_ns + at_ns);
	timer_settime(g->timer, TIMER_ABSTIME, &when, NULL);
}

int pc_guest_prepare(struct pc_guest *g)
{
	struct machine *m = g->machine;
	bool waits;

	*kick = 0;
	pc_update(&g->pc, pc_guest_now_ns(g));
	arm(g, pit_next_ns(&g->pc.pit));
	waits = pic_waits(&g->pc.pic);
	if (waits && m->protocol->takes_interrupt(m)) {
		m->what = "KVM_INTERRUPT";
		if (m->protocol->interrupt(m, pic_take(&g->pc.pic)) < 0)
			return -1;
		waits = pic_waits(&g->pc.pic);
	}
	m->protocol->ask_window(m, waits);
	return 0;
}

bool pc_guest_halt(struct pc_guest *g)
{
	uint64_t next_ns;
	struct timespec until;

	pc_update(&g->pc, pc_guest_now_ns(g));
	while (!pic_waits(&g->pc.pic)) {
		next_ns = pit_next_ns(&g->pc.pit);
		if (next_ns == PIT_NEVER)
			return false;
		until = timespec_of(g->start_ns + next_ns);
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
		pc_update(&g->pc, pc_guest_now_ns(g));
	}
	return true;
}

uint64_t pc_guest_tsc_khz(void)
{
	uint64_t start_ns = clock_ns(), start = __builtin_ia32_rdtsc(), ns;

	do
		ns = clock_ns() - start_ns;
	while (ns < TSC_MEASURE_NS);
	return (__builtin_ia32_rdtsc() - start) * 1000000 / ns;
}
