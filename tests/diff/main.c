// SPDX-License-Identifier: GPL-2.0
/*
 * kvm_diff run TRANSCRIPT TABLE SEED SEQUENCES [CLIENT]: does all clients, then
 * so many random sequences, and writes down what KVM did. TABLE is a file: the
 * CPUID leaves for both sides, made by the first that runs. CLIENT: that one
 * alone (random-N: that sequence).
 * kvm_diff compare WHERE IN-TREE OURS FLOOR [LIST]: compares two transcripts.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "compare.h"

#define AT_ONCE			6
#define CLIENT_LIMIT_S		60
#define CLIENTS_LEAST		100	/* none of whom may be lost */
#define SEQUENCE_OPERATIONS	150

static const struct client *const areas[] = {
	node_clients, memory_clients, register_clients, state_clients, msr_clients,
	cpu_clients, exit_clients, event_clients, debug_clients, segment_clients,
	lacking_clients, machine_clients, control_clients,
};

static int transcript;
static const char *table, *only;
static unsigned int clients_done;
static bool emulator_fault;

static struct {
	pid_t process;		/* 0: free */
	char *name;
} running[AT_ONCE];

static void client_process(const char *name, void (*run)(struct machine *m), uint64_t seed)
{
	struct machine m = { };

	alarm(CLIENT_LIMIT_S);
	record_client(name);
	machine_create(&m, table);
	if (run)
		run(&m);
	else
		random_client(&m, seed, SEQUENCE_OPERATIONS);
	machine_record_end(&m);
}

/* False: none runs. */
static bool wait_for_one(void)
{
	int status;
	pid_t ended = wait(&status);

	for (int i = 0; i < AT_ONCE && ended > 0; i++) {
		if (running[i].process != ended)
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status) == EMULATOR_FAULT) {
			emulator_fault = true;
		} else if (status) {
			record_client(running[i].name);
			record_event("died", status);
		}
		free(running[i].name);
		running[i].process = 0;
	}
	return ended > 0;
}

static int free_place(void)
{
	for (;;) {
		for (int i = 0; i < AT_ONCE; i++) {
			if (!running[i].process)
				return i;
		}
		wait_for_one();
	}
}

/*
 * A process of its own: what it opens ends with it, and so does its death. Some
 * at once, since most of the time in-tree KVM waits for RCU.
 */
static void do_client(const char *name, void (*run)(struct machine *m), uint64_t seed)
{
	int place;

	if (only && strcmp(only, name))
		return;
	clients_done++;
	place = free_place();
	running[place].name = strdup(name);
	running[place].process = fork();
	if (running[place].process)
		return;
	client_process(name, run, seed);
	_exit(0);
}

static void do_clients(const struct client *clients)
{
	for (const struct client *c = clients; c->name; c++)
		do_client(c->name, c->run, 0);
}

static int run(char **argv)
{
	uint64_t seed = strtoull(argv[2], NULL, 0);
	unsigned int sequences = strtoul(argv[3], NULL, 0);
	int keep, node = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	char name[32];

	transcript = open(argv[0], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	if (transcript < 0) {
		perror(argv[0]);
		return 1;
	}
	record_to(transcript);
	table = argv[1];
	only = argv[4];
	if (machine_make_table(node, table))
		return 1;
	/* As long as one machine is there, the extension stays on. */
	keep = ioctl(node, KVM_CREATE_VM, 0);
	if (keep < 0) {
		perror("/dev/kvm");
		return 1;
	}
	for (size_t i = 0; i < COUNT_OF(areas); i++)
		do_clients(areas[i]);
	/*
	 * QEMU's TCG, the bed with SVM, loses in-tree KVM where a guest has EFER.LME
	 * without CR4.PAE.
	 */
	if (machine_has_vmx()) {
		do_clients(control_real_clients);
		do_clients(task_clients);	/* SVM leaves them to the processor */
	}
	for (unsigned int i = 0; i < sequences; i++) {
		snprintf(name, sizeof(name), "random-%u", i);
		do_client(name, NULL, seed + i);
	}
	while (wait_for_one())
		;
	close(transcript);
	printf("%u clients\n", clients_done);
	if (!only && clients_done < CLIENTS_LEAST + sequences) {
		fprintf(stderr, "fewer than %u\n", CLIENTS_LEAST + sequences);
		return 1;
	}
	return emulator_fault ? EMULATOR_FAULT : 0;
}

static int do_compare(char **argv)
{
	long compared = compare(argv[0], argv[1], argv[2], argv[4]);

	if (compared < 0)
		return 1;
	printf("%ld records are the same, but for what is listed\n", compared);
	if (compared < strtol(argv[3], NULL, 0)) {
		printf("fewer than %s\n", argv[3]);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	setlinebuf(stdout);
	if (argc >= 6 && argc <= 7 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc >= 6 && argc <= 7 && !strcmp(argv[1], "compare"))
		return do_compare(argv + 2);
	fputs("usage: kvm_diff run TRANSCRIPT TABLE SEED SEQUENCES [CLIENT]\n"
	      "       kvm_diff compare WHERE IN-TREE OURS FLOOR [LIST]\n", stderr);
	return 2;
}
