// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of a test machine. It reads its orders from /trivet/job,
 * runs the tests one after the other, and reports on a second serial port
 * what happened. It judges nothing: the runner on the host does, against its
 * own list of what was meant to run, so that neither a crash nor a test can
 * make up a verdict.
 *
 * Orders, one a line:
 *	channel DEVICE		where to report
 *	env NAME=VALUE		for the tests
 *	test NAME LIMIT_S	run /trivet/tests/NAME.sh for at most LIMIT_S
 *				seconds of the machine's time (0: no limit)
 *	pin MODULE		load it, with only the first CPU online
 *	leaks			scan for leaks at the end
 *	shell			no tests: a shell on the console
 *
 * Reports, one a line:
 *	@boot RELEASE
 *	@start NAME JIFFIES	the kernel's clock then, as its leak report has it
 *	@o TEXT			the test wrote TEXT
 *	@k TEXT			the kernel logged TEXT
 *	@left WHAT		the test left WHAT behind
 *	@end NAME exit=N|signal=N|limit|absent taint=N ms=N
 *	@leak TEXT		a line of the leak report
 *	@done
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define KMEMLEAK "/sys/kernel/debug/kmemleak"

static int channel_fd = -1;
static int kmsg_fd = -1;

static void report(const char *format, ...)
{
	char line[4096];
	va_list args;
	int len, done;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	for (int i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ' && line[i] != '\t')
			line[i] = ' ';
	line[len++] = '\n';
	for (done = 0; done < len;) {
		ssize_t n = write(channel_fd, line + done, len - done);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			done += n;
	}
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* 0: this kernel does not show it. */
static unsigned long long jiffies(void)
{
	char line[256];
	unsigned long long now = 0;
	FILE *f = fopen("/sys/kernel/debug/sched/debug", "re");

	while (f && !now && fgets(line, sizeof(line), f))
		if (sscanf(line, "jiffies : %llu", &now) != 1)
			now = 0;
	if (f)
		fclose(f);
	return now;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0)
		return;
	if (write(fd, text, strlen(text)) < 0)
		report("@o agent: cannot write %s: %s", path, strerror(errno));
	close(fd);
}

static unsigned long taint(void)
{
	unsigned long mask = ~0ul;
	FILE *f = fopen("/proc/sys/kernel/tainted", "re");

	if (f) {
		if (fscanf(f, "%lu", &mask) != 1)
			mask = ~0ul;
		fclose(f);
	}
	return mask;
}

/* A record of /dev/kmsg is `prio,seq,time,flags;text`, then details. */
static void forward_kmsg(void)
{
	char record[8192];

	for (;;) {
		ssize_t n = read(kmsg_fd, record, sizeof(record) - 1);
		char *text, *end;

		if (n < 0 && errno == EPIPE) {
			report("@k agent: the kernel log ran over");
			continue;
		}
		if (n <= 0)
			return;
		record[n] = 0;
		text = strchr(record, ';');
		end = text ? strchr(text, '\n') : NULL;
		if (!end)
			continue;
		*end = 0;
		report("@k %s", text + 1);
	}
}

/* Reports whole lines of what a test wrote; keeps a partial one. */
struct line_buffer {
	char text[2048];
	size_t len;
};

static void flush_line(struct line_buffer *b)
{
	if (!b->len)
		return;
	report("@o %.*s", (int)b->len, b->text);
	b->len = 0;
}

static bool forward_output(int fd, struct line_buffer *b)
{
	char chunk[1024];
	ssize_t n = read(fd, chunk, sizeof(chunk));

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	for (ssize_t i = 0; i < n; i++) {
		if (chunk[i] == '\n') {
			if (!b->len)
				b->text[b->len++] = ' ';
			flush_line(b);
			continue;
		}
		if (b->len == sizeof(b->text))
			flush_line(b);
		b->text[b->len++] = chunk[i];
	}
	return true;
}

/* Calls found() for each entry; used for processes, devices and namespaces. */
static void for_each_entry(const char *path, void (*found)(const char *name))
{
	DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir)
		return;
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.')
			found(e->d_name);
	closedir(dir);
}

static int nr_processes;
static bool report_processes;

static void count_process(const char *name)
{
	char path[300], cmdline[200];
	ssize_t n;
	int fd;

	if (atoi(name) <= 1)
		return;
	snprintf(path, sizeof(path), "/proc/%s/cmdline", name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return;
	n = read(fd, cmdline, sizeof(cmdline) - 1);
	close(fd);
	if (n <= 0)
		return;		/* a kernel thread */
	nr_processes++;
	if (!report_processes)
		return;
	for (ssize_t i = 0; i < n - 1; i++)
		if (!cmdline[i])
			cmdline[i] = ' ';
	cmdline[n] = 0;
	report("@left process %s", cmdline);
}

static void reap(void)
{
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
}

static void remove_processes(void)
{
	/* those that a test told to end may need a moment */
	for (int i = 0; i < 400; i++) {
		reap();
		nr_processes = 0;
		report_processes = false;
		for_each_entry("/proc", count_process);
		if (!nr_processes)
			return;
		usleep(25000);
	}
	report_processes = true;
	for_each_entry("/proc", count_process);
	kill(-1, SIGKILL);
	for (int i = 0; i < 40 && waitpid(-1, NULL, WNOHANG) >= 0; i++)
		usleep(25000);
}

static char known_netdevs[4096];

static void learn_netdev(const char *name)
{
	size_t len = strlen(known_netdevs);

	snprintf(known_netdevs + len, sizeof(known_netdevs) - len, "%s ", name);
}

static void check_netdev(const char *name)
{
	char word[300];

	snprintf(word, sizeof(word), "%s ", name);
	if (!strstr(known_netdevs, word))
		report("@left netdev %s", name);
}

static void remove_netns(const char *name)
{
	char path[300];

	report("@left netns %s", name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	umount2(path, MNT_DETACH);
	unlink(path);
}

#define MODULES "/trivet/modules"

static char pinned[256];		/* a module that stays */

/* Any that is ours, a test's too, and those that would keep ours out of every later test. */
static bool is_to_go(const char *module)
{
	static const char *const rivals[] = { "kvm_intel", "kvm_amd", "kvm" };
	char path[300];

	for (size_t i = 0; i < sizeof(rivals) / sizeof(rivals[0]); i++)
		if (!strcmp(module, rivals[i]))
			return true;
	snprintf(path, sizeof(path), MODULES "/%s.ko", module);
	return strcmp(module, pinned) && access(path, F_OK) == 0;
}

/* The kernel lists the newest first, so that those which use others come before them. */
static void remove_modules(void)
{
	static char names[100][64];
	FILE *f = fopen("/proc/modules", "re");
	char line[512];
	size_t n = 0;

	while (f && n < sizeof(names) / sizeof(names[0]) && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s", names[n]) == 1 && is_to_go(names[n]))
			n++;
	if (f)
		fclose(f);
	for (size_t i = 0; i < n; i++) {
		report("@left module %s", names[i]);
		syscall(SYS_delete_module, names[i], O_NONBLOCK);
	}
}

static void restore_machine(void)
{
	remove_processes();
	for_each_entry("/run/netns", remove_netns);
	remove_modules();
	for_each_entry("/sys/class/net", check_netdev);
	known_netdevs[0] = 0;
	for_each_entry("/sys/class/net", learn_netdev);
	/* a log that is grepped while its writer starts must not be another test's */
	if (chdir("/") == 0 && system("rm -rf /tmp/* /tmp/.[!.]*") != 0)
		report("@left files in /tmp");
}

static void exec_test(const char *path, int out)
{
	sigset_t none;
	int null = open("/dev/null", O_RDONLY);

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	mkdir("/tmp/test", 0755);
	if (chdir("/tmp/test"))
		_exit(126);
	execl("/bin/sh", "sh", path, NULL);
	_exit(126);
}

/* Until the test ends, or its limit (ms, 0: none) is over: false. */
static bool watch_test(pid_t pid, int out, long limit_ms, int *status)
{
	struct line_buffer buffer = { };
	long end = now_ms() + limit_ms;
	bool in_time = true;

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = out, .events = POLLIN },
			{ .fd = kmsg_fd, .events = POLLIN },
		};

		poll(fds, 2, 50);
		if (fds[0].revents)
			forward_output(out, &buffer);
		forward_kmsg();
		if (waitpid(pid, status, WNOHANG) == pid)
			break;
		if (limit_ms && now_ms() > end) {
			in_time = false;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
			waitpid(pid, status, 0);
			break;
		}
	}
	fcntl(out, F_SETFL, O_NONBLOCK);
	errno = 0;	/* reading the kernel log has left EAGAIN there */
	while (forward_output(out, &buffer) && errno != EAGAIN)
		errno = 0;
	flush_line(&buffer);
	return in_time;
}

/* Objects younger than 5 s are not reported, and one scan may miss some. */
static void scan_leaks(void)
{
	char line[512];
	FILE *f;

	if (access(KMEMLEAK, R_OK))
		return;
	sleep(6);
	write_file(KMEMLEAK, "scan");
	write_file(KMEMLEAK, "scan");
	f = fopen(KMEMLEAK, "re");
	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = 0;
		report("@leak %s", line);
	}
	if (f)
		fclose(f);
	write_file(KMEMLEAK, "clear");
}

static void run_test(const char *name, long limit_ms)
{
	char path[300], how[64] = "limit";
	int pipes[2], status = 0;
	long start;
	pid_t pid;

	snprintf(path, sizeof(path), "/trivet/tests/%s.sh", name);
	forward_kmsg();
	report("@start %s %llu", name, jiffies());
	start = now_ms();
	if (access(path, R_OK)) {
		report("@end %s absent taint=%lu ms=0", name, taint());
		return;
	}
	if (pipe2(pipes, O_CLOEXEC)) {
		report("@o agent: pipe: %s", strerror(errno));
		return;
	}
	pid = fork();
	if (pid == 0)
		exec_test(path, pipes[1]);
	close(pipes[1]);
	if (pid > 0 && watch_test(pid, pipes[0], limit_ms, &status)) {
		if (WIFEXITED(status))
			snprintf(how, sizeof(how), "exit=%d", WEXITSTATUS(status));
		else
			snprintf(how, sizeof(how), "signal=%d", WTERMSIG(status));
	}
	close(pipes[0]);
	restore_machine();
	forward_kmsg();
	report("@end %s %s taint=%lu ms=%ld", name, how, taint(), now_ms() - start);
}

static void open_channel(const char *device)
{
	struct termios raw;

	channel_fd = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (channel_fd < 0)
		return;
	if (tcgetattr(channel_fd, &raw) == 0) {
		cfmakeraw(&raw);
		cfsetspeed(&raw, B115200);
		tcsetattr(channel_fd, TCSANOW, &raw);
	}
}

static void run_shell(void)
{
	puts("\nA trivet machine. The modules are in /trivet/modules, the tests in\n"
	     "/trivet/tests; `. /trivet/lib.sh` for load, unload and check.\n"
	     "Leave with `exit` or Ctrl-D.\n");
	if (fork() == 0) {
		setsid();
		execl("/bin/busybox", "setsid", "-c", "/bin/sh", "-l", NULL);
		_exit(126);
	}
	while (wait(NULL) > 0)
		;
}

/* As long as a task has an event, the scheduler's jumps for those of tests stay patched. */
static void keep_perf_on(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY, .disabled = 1,
	};

	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) < 0)
		report("@o agent: no event: %s", strerror(errno));
}

/* Why: tests/modules/trivet_pin.c. */
static void pin(const char *module)
{
	static const char cpu1[] = "/sys/devices/system/cpu/cpu1/online";
	char path[300];
	int fd;

	snprintf(pinned, sizeof(pinned), "%s", module);
	snprintf(path, sizeof(path), MODULES "/%s.ko", module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	write_file(cpu1, "0");
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		report("@o agent: cannot load %s: %s", path, strerror(errno));
	keep_perf_on();
	write_file(cpu1, "1");
	if (fd >= 0)
		close(fd);
}

/* Returns true when leaks are to be scanned at the end. */
static bool run_job(FILE *job)
{
	char line[1024], word[256];
	bool leaks_at_end = false;
	long limit_s;

	while (fgets(line, sizeof(line), job)) {
		line[strcspn(line, "\n")] = 0;
		if (sscanf(line, "channel %255s", word) == 1) {
			struct utsname u;

			open_channel(word);
			uname(&u);
			report("@boot %s taint=%lu", u.release, taint());
		} else if (sscanf(line, "test %255s %ld", word, &limit_s) == 2) {
			run_test(word, limit_s * 1000);
		} else if (sscanf(line, "pin %255s", word) == 1) {
			pin(word);
		} else if (strncmp(line, "env ", 4) == 0) {
			putenv(strdup(line + 4));
		} else if (strcmp(line, "leaks") == 0) {
			leaks_at_end = true;
		} else if (strcmp(line, "shell") == 0) {
			run_shell();
		}
	}
	return leaks_at_end;
}

static void mount_all(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sys", "/sys", "sysfs", 0, NULL);
	mount("dev", "/dev", "devtmpfs", 0, NULL);
	mount("debug", "/sys/kernel/debug", "debugfs", 0, NULL);
	mount("tracing", "/sys/kernel/tracing", "tracefs", 0, NULL);
	mount("cgroup", "/sys/fs/cgroup", "cgroup2", 0, NULL);
	mount("tmp", "/tmp", "tmpfs", 0, "mode=1777");
	mount("run", "/run", "tmpfs", 0, NULL);
	mkdir("/dev/pts", 0755);
	mount("pts", "/dev/pts", "devpts", 0, NULL);
	mkdir("/dev/shm", 01777);
	mount("shm", "/dev/shm", "tmpfs", 0, "mode=1777");
	if (symlink("/proc/self/fd", "/dev/fd") && errno != EEXIST)
		return;
}

int main(void)
{
	FILE *job;
	int console;

	mount_all();
	console = open("/dev/console", O_RDWR);
	if (console >= 0) {
		dup2(console, 0);
		dup2(console, 1);
		dup2(console, 2);
	}
	setenv("PATH", "/trivet/bin:/usr/sbin:/usr/bin:/sbin:/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "linux", 1);
	signal(SIGCHLD, SIG_DFL);
	/* tests that need the loopback find it up, as on any machine */
	if (system("ip link set lo up"))
		puts("agent: cannot bring up lo");
	/* the fault and leak scanner must not run by itself */
	write_file(KMEMLEAK, "scan=off");
	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg_fd >= 0)
		lseek(kmsg_fd, 0, SEEK_END);
	for_each_entry("/sys/class/net", learn_netdev);

	job = fopen("/trivet/job", "re");
	if (!job) {
		puts("agent: no /trivet/job");
	} else {
		if (run_job(job))
			scan_leaks();
		report("@done");
		if (channel_fd >= 0)
			tcdrain(channel_fd);
	}
	sync();
	reboot(RB_POWER_OFF);
	/* no power-off here: end as a reboot, which the machine takes as its end */
	reboot(RB_AUTOBOOT);
	return 0;
}
