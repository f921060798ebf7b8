# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests of regdom, after /trivet/lib.sh: radios, access points,
# and what iw says of them.

# radios COUNT [PARAM...]: simulated radios phy0..., wlan0... A test that has
# used them before counts on: radio_names says which there are.
radios()
{
	local count=$1
	shift
	modprobe mac80211_hwsim radios=$count "$@" || fail "no radios"
}

no_radios()
{
	rmmod mac80211_hwsim || fail "rmmod mac80211_hwsim: refused"
}

# nth N PREFIX PATH...: the name of the Nth (from 1) by the number behind the prefix. Like
# others here it starts no program: that is what most of a test's time goes into.
nth()
{
	local n=$1 prefix=$2 last=-1 least path number
	shift 2
	while [ $n -gt 0 ]; do
		least=
		for path; do
			number=${path##*"$prefix"}
			[ "$number" -gt $last ] && [ "${least:-$number}" -ge "$number" ] && least=$number
		done 2>/dev/null
		[ -n "$least" ] || return
		last=$least n=$((n - 1))
	done
	echo "$prefix$last"
}

# The network interface of the Nth radio (from 1), and its phy.
phy()
{
	nth "$1" phy /sys/class/ieee80211/phy*
}
wlan()
{
	nth 1 wlan "/sys/class/ieee80211/$(phy "$1")/device/net"/wlan*
}

# ap_config INTERFACE CHANNEL [LINE...]: a configuration of hostapd on stdout.
ap_config()
{
	local interface=$1 channel=$2 mode=g
	shift 2
	[ "$channel" -gt 14 ] && mode=a
	printf '%s\n' "interface=$interface" driver=nl80211 ssid=trivet \
		"hw_mode=$mode" "channel=$channel" "$@"
}

# What hostapd's log says. 0: it has started; 2: it will not; 1: neither, yet.
has_started()	# LOG
{
	local line says=1
	while read -r line; do
		case $line in
		*AP-ENABLED*) return 0;;
		*AP-DISABLED* | *Failed* | *"not allowed"* | *"Could not"*) says=2;;
		esac
	done <"$1"
	return $says
}

# start_ap INTERFACE CHANNEL [LINE...]: succeeds when the AP is on the air; else its log is shown.
start_ap()
{
	local conf=/tmp/hostapd.$1.conf log=/tmp/hostapd.$1.log ticks=$((20 * looks_per_s)) pid
	ap_config "$@" >"$conf"
	: >"$log"
	hostapd "$conf" >"$log" 2>&1 &
	pid=$!
	echo $pid >"/tmp/hostapd.$1.pid"
	while [ $ticks -gt 0 ]; do
		has_started "$log"
		case $? in 0) return;; 2) break;; esac
		kill -0 $pid 2>/dev/null || break
		ticks=$((ticks - 1))
		sleep $look_after_s
	done
	stop_ap "$1"
	echo "hostapd $1: $((20 - ticks / 20)) s, and its last words are:"
	tail -n 20 "$log"
	return 1
}

stop_ap()
{
	local pid
	pid=$(cat "/tmp/hostapd.$1.pid" 2>/dev/null) || return 0
	kill "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	rm -f "/tmp/hostapd.$1.pid"
}

# channel_of INTERFACE: the MHz that iw sees it on; nothing when off the air.
channel_of()
{
	iw dev "$1" info | sed -n 's/.*channel [0-9]* (\([0-9]*\) MHz).*/\1/p'
}
on_the_air()
{
	[ -n "$(channel_of "$1")" ]
}
off_the_air()
{
	[ -z "$(channel_of "$1")" ]
}

# The channel's line of `iw phy`: "2472 MHz [13] (20.0 dBm)".
channel_line()
{
	iw phy "$1" info | grep "\* $2\(\.0\)\? MHz"
}
allows()
{
	iw phy "$1" info | grep -q "\* $2\(\.0\)\? MHz .* dBm"
}

# await COMMAND...: until it succeeds, within three minutes. On the bed of virtual time,
# where to wait is nothing, and to look is not.
await()
{
	local look=0
	until "$@" >/dev/null 2>&1; do
		look=$((look + 1))
		[ $look -lt 60 ] || fail "awaited in vain: $*"
		sleep 3
	done
}

# reason PHY MHZ USE: why the radio may not, or "permitted", in the words of the first layer.
# (On the debug kernel jq takes a second to start.)
reason()
{
	regdomctl -j why "$1" "$2" --use "$3" | tr , '\n' |
		sed -n '/"reason"/{s/.*"reason": *"//;s/".*//p;q;}'
}

# reason_of LAYER ARGUMENT...: what that layer says, of `why`; "" where there is no such layer.
reason_of()
{
	local layer=$1
	shift
	regdomctl -j why "$@" | tr -d ' \n' |
		sed -n "s/.*\"layer\":\"$layer\",[^}]*\"reason\":\"\([^\"]*\)\".*/\1/p"
}

# listening PID: a monitor that has just been started waits for events.
listening()
{
	wait_for 5 grep -q wait_for_more_packets "/proc/$1/wchan"
}

# listen_for COUNT [COMMAND...]: so many events from now on, told by a regdomctl that the
# command runs (nsenter ...), are written to /tmp/events.
listen_for()
{
	awaited=$1
	shift
	"$@" regdomctl monitor $awaited >/tmp/events &
	monitor=$!
	listening $monitor
}

# The events of listen_for have come, or it is said which have not.
events_came()
{
	local ticks=$((25 * looks_per_s))
	while [ "$(wc -l </tmp/events)" -lt $awaited ]; do
		ticks=$((ticks - 1))
		if [ $ticks = 0 ]; then
			kill $monitor
			fail "$awaited events are awaited, these came: '$(tr '\n' ';' </tmp/events)'"
		fi
		sleep $look_after_s
	done
	wait $monitor
}

# stock_is CC: that is the stock kernel's own domain.
stock_is()
{
	[ -n "$(iw reg get | sed -n "/^phy/q; /country $1:/p")" ]
}

# stock_country CC: has it so, until it is in force.
stock_country()
{
	iw reg set "$1"
	wait_for 5 stock_is "$1"
	sleep 0.1
}

# Hundredths of a second since boot, whatever the bed's clock is.
now_cs()
{
	local up rest
	read -r up rest </proc/uptime
	# 08 would be an octal number
	echo $((${up%.*} * 100 + 1${up#*.} - 100))
}

# The stock kernel's world domain, until it is in force: a request that is still under
# way would be told to the regdom of the next test.
stock_world()
{
	iw reg set 00
	wait_for 5 stock_is 00
}

# How long the kernel's workers have run.
workers_us()
{
	grep -l '^kworker' /proc/[0-9]*/comm | sed 's/comm$/schedstat/' |
		xargs cat 2>/dev/null | awk '{ ns += $1 } END { printf "%d\n", ns / 1000 }'
}

# rogue PARAM...: regdom_rogue does its worst to radio 1; how slowly it was undone.
rogue()
{
	load regdom_rogue dev="$(wlan 1)" "$@"
	slowest_us=$(cat /sys/module/regdom_rogue/parameters/slowest_us)
	rmmod regdom_rogue
}

# time_until LIMIT COMMAND...: prints after how many 1/100 s it succeeds.
time_until()
{
	local limit=$1 start
	shift
	start=$(now_cs)
	while ! "$@"; do
		[ $(($(now_cs) - start)) -lt "$limit" ] || return 1
	done
	echo $(($(now_cs) - start))
}

# at_once WHAT COMMAND...: the command succeeds within 200 ms, on the bed of virtual time. On
# the debug kernel one call of iw alone may take longer.
at_once()
{
	local what=$1 took limit_cs=20
	shift
	[ "$TRIVET_KERNEL" != debug ] || limit_cs=500
	took=$(time_until 500 "$@") || fail "$what: not in 5 s"
	check "$what within ${limit_cs}0 ms (took ${took}0 ms)" test "$took" -le $limit_cs
}

leaves()	# INTERFACE
{
	at_once "$1 left the air" off_the_air "$1"
}

# system_bus: D-Bus, by which the programs that manage networks are talked to; whoever is
# in the machine may own and call everything. It ends with `kill $bus`.
system_bus()
{
	mkdir -p /run/dbus
	cat >/tmp/bus.conf <<-END
		<busconfig>
		<listen>unix:path=/run/dbus/system_bus_socket</listen>
		<policy context="default">
		<allow user="*"/><allow own="*"/>
		<allow send_destination="*"/><allow receive_sender="*"/>
		</policy>
		</busconfig>
	END
	dbus-daemon --config-file=/tmp/bus.conf --nofork &
	bus=$!
	export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket
	wait_for 5 test -S /run/dbus/system_bus_socket
}

# failures: allocations of regdom, which is loaded, may fail from now on: see short. The debug
# kernel can do that.
slab()	# NAME VALUE
{
	echo "$2" >"/sys/kernel/debug/failslab/$1" || fail "this kernel injects no failures"
}
failures()
{
	mount | grep -q debugfs || mount -t debugfs debugfs /sys/kernel/debug
	slab ignore-gfp-wait N
	slab verbose 0
	grep -i ' t .*\[regdom\]' /proc/kallsyms | sort >/tmp/functions
}
no_failures()
{
	slab require-start 0
	slab require-end 0xffffffffffffffff
	slab times 1
}
# Where the function is, and where the next one begins.
span()	# FUNCTION
{
	sed -n "/ $1	/{s/ .*//p;n;s/ .*//p;}" /tmp/functions
}
# short FUNCTION TIMES: so many allocations in it fail, or in what it calls, from now on
short()
{
	local times=$2
	set -- $(span "$1")
	[ $# = 2 ] || fail "no such function"
	slab require-start 0x$1
	slab require-end 0x$2
	slab times "$times"
	slab probability 100
}
# They have; none does any more.
was_short()	# WHAT
{
	wait_for 10 grep -qx 0 /sys/kernel/debug/failslab/times
	echo "ok: $1"
	slab probability 0
}
