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

# The parameter for a database without a signature, where the module takes it.
no_signature()
{
	modinfo -F parm /trivet/modules/regdom.ko | grep -q '^sig:' && echo sig=off
}

# The network interface of the Nth radio (from 1), and its phy.
wlan()
{
	ls /sys/class/ieee80211 | sort -V | sed -n "${1}p" |
		{ read -r phy; ls "/sys/class/ieee80211/$phy/device/net" | sort -V | head -n 1; }
}
phy()
{
	ls /sys/class/ieee80211 | sort -V | sed -n "${1}p"
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

# start_ap INTERFACE CHANNEL [LINE...]: succeeds when the AP is on the air.
start_ap()
{
	local conf=/tmp/hostapd.$1.conf log=/tmp/hostapd.$1.log ticks=400
	ap_config "$@" >"$conf"
	: >"$log"
	hostapd "$conf" >"$log" 2>&1 &
	echo $! >"/tmp/hostapd.$1.pid"
	while [ $ticks -gt 0 ]; do
		grep -q AP-ENABLED "$log" && return 0
		grep -qE 'AP-DISABLED|Failed|not allowed|Could not' "$log" && break
		kill -0 "$(cat "/tmp/hostapd.$1.pid")" 2>/dev/null || break
		ticks=$((ticks - 1))
		sleep 0.05
	done
	stop_ap "$1"
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
	channel_line "$1" "$2" | grep -qv disabled
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
	local ticks=500
	while [ "$(wc -l </tmp/events)" -lt $awaited ]; do
		ticks=$((ticks - 1))
		if [ $ticks = 0 ]; then
			kill $monitor
			fail "$awaited events are awaited, these came: '$(tr '\n' ';' </tmp/events)'"
		fi
		sleep 0.05
	done
	wait $monitor
}

# stock_country CC: the stock kernel's own domain, until it is in force.
stock_country()
{
	iw reg set "$1"
	wait_for 5 sh -c "iw reg get | grep -q 'country $1:'"
	sleep 0.1
}

# Hundredths of a second since boot, whatever the bed's clock is.
now_cs()
{
	local up rest
	read -r up rest </proc/uptime
	echo "${up%.*}${up#*.}" | sed 's/^0*\(.\)/\1/'
}

# The stock kernel's world domain, until it is in force: a request that is still under
# way would be told to the regdom of the next test.
stock_world()
{
	iw reg set 00
	wait_for 5 sh -c "iw reg get | sed '/^phy/,\$d' | grep -q 'country 00:'"
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
