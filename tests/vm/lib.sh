# SPDX-License-Identifier: GPL-2.0
# Sourced by every test in a machine (docs/testing.md).

PATH=/trivet/bin:$PATH

# fail WHY...: ends the test as failed.
fail()
{
	echo "FAIL: $*"
	exit 1
}

# skip WHY...: ends the test as skipped.
skip()
{
	echo "SKIP: $*"
	exit 77
}

# check WHAT COMMAND...: the command must succeed; `check WHAT ! COMMAND...`:
# it must fail.
check()
{
	local what=$1
	shift
	if [ "$1" = "!" ]; then
		shift
		! "$@" || fail "$what: '$*' succeeded"
	else
		"$@" || fail "$what: '$*' failed with $?"
	fi
	echo "ok: $what"
}

# equal WHAT GOT WANTED
equal()
{
	[ "$2" = "$3" ] || fail "$1: got '$2', wanted '$3'"
	echo "ok: $1 is $3"
}

# Between two looks at what is waited for. To start a program takes the debug kernel a tenth of
# a second, `sleep` too, of which what is waited for may be in want.
look_after_s=0.05 looks_per_s=20
[ "$TRIVET_KERNEL" != debug ] || look_after_s=0.2 looks_per_s=5

# wait_for SECONDS COMMAND...: until the command succeeds, in so many seconds on an
# idle machine; one that is busy with other things gets five times as long.
wait_for()
{
	local ticks=$(($1 * 5 * looks_per_s))
	shift
	while ! "$@" >/dev/null 2>&1; do
		ticks=$((ticks - 1))
		[ $ticks -gt 0 ] || fail "waited in vain for: $*"
		sleep $look_after_s
	done
}

# load MODULE [PARAM=VALUE...]: one of trivet's own modules, after the stock
# ones that it depends on (name those in the test's header).
load()
{
	local module=$1 dependency
	shift
	for dependency in $(modinfo -F depends "/trivet/modules/$module.ko" | tr , ' '); do
		modprobe "$dependency" || fail "modprobe $dependency: refused"
	done
	insmod "/trivet/modules/$module.ko" "$@" || fail "insmod $module $*: refused"
}

# count USUAL LONG: how often a test repeats something, usually and in a long
# run; COUNT= overrides both.
count()
{
	echo "${COUNT:-$([ -n "$LONG" ] && echo "$2" || echo "$1")}"
}

# usual_on_debug: there the counts of a long run are the usual ones, which take it minutes.
usual_on_debug()
{
	[ "$TRIVET_KERNEL" != debug ] || LONG=
}

# thorough: not usually on the debug kernel, which looks for what is wrong with lifetimes, locks
# and memory, and is slow: there what only asks for values, or again for what has been, is for
# long runs.
thorough()
{
	[ "$TRIVET_KERNEL" != debug ] || [ -n "$LONG" ]
}

# How often a module is loaded again.
reloads()
{
	case $TRIVET_BED/$TRIVET_KERNEL in
	bochs*) count 10 400 ;;
	*/debug) count 10 500 ;;
	*) count 20 500 ;;
	esac
}

unload()
{
	rmmod "$1" || fail "rmmod $1: refused"
}

# remove MODULE...: stock modules, those that are not built into this kernel.
remove()
{
	local module tries
	for module in "$@"; do
		tries=0
		while grep -q "^$module " /proc/modules && ! rmmod "$module" 2>/dev/null; do
			# a namespace that goes holds stock ones for a while; ours are free at once
			case $module in regdom|netchannel*|devkvm) tries=1000 ;; esac
			tries=$((tries + 1))
			[ $tries -lt 200 ] || fail "rmmod $module: refused"
			sleep 0.05
		done
	done
}

# one_cpu, all_cpus: tracepoints are turned on and off while the first CPU is the only one.
# (Why: tests/modules/trivet_pin.c.)
one_cpu()
{
	[ ! -e /sys/devices/system/cpu/cpu1/online ] || echo 0 >/sys/devices/system/cpu/cpu1/online
}
all_cpus()
{
	[ ! -e /sys/devices/system/cpu/cpu1/online ] || echo 1 >/sys/devices/system/cpu/cpu1/online
}

# two_hosts: namespaces A and B with a link between them: v0 is 10.0.0.1 and fd00::1 in A,
# v1 .2 in B. Wants `ip` and the module veth.
two_hosts()
{
	modprobe veth || fail "no veth"
	/usr/bin/ip netns add A && /usr/bin/ip netns add B || fail "no namespaces"
	/usr/bin/ip -n A link add v0 type veth peer name v1 netns B || fail "no link"
	host_up A v0 1
	host_up B v1 2
}

# host_up NAMESPACE DEVICE NUMBER
host_up()
{
	/usr/bin/ip -n "$1" addr add "10.0.0.$3/24" dev "$2"
	/usr/bin/ip -n "$1" -6 addr add "fd00::$3/64" nodad dev "$2"
	/usr/bin/ip -n "$1" link set "$2" up
}

no_hosts()
{
	/usr/bin/ip netns del A
	/usr/bin/ip netns del B
}

# symbols: the kernel's functions, for tests/profile, at first all, later the modules'.
symbols()
{
	[ -n "$PROFILE" ] || return 0
	echo symbols
	if [ -n "$told_symbols" ]; then
		grep ' [tTwW] .*\[' /proc/kallsyms | sed 's/^/symbol /'
	else
		grep ' [tTwW] ' /proc/kallsyms | sed 's/^/symbol /'
	fi
	told_symbols=y
}
