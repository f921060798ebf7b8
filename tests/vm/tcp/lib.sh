# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests of this area, after lib.sh.

IP=/usr/bin/ip	# busybox's knows no TUN

# tun_up DEVICE: a TUN device, the kernel's end of it 192.0.2.1 and fd00::1; the
# library is .2 behind it.
tun_up()
{
	modprobe tun
	[ -c /dev/net/tun ] || { mkdir -p /dev/net && mknod /dev/net/tun c 10 200; }
	$IP tuntap add dev "$1" mode tun || fail "no TUN device"
	$IP addr add 192.0.2.1 peer 192.0.2.2 dev "$1"
	$IP -6 addr add fd00::1/64 nodad dev "$1"
	$IP link set "$1" up
}

tun_down()
{
	$IP tuntap del dev "$1" mode tun
	remove tun
}

# nginx_up COMMAND...: Debian's nginx serves /tmp/site at port 80, started by
# `COMMAND... nginx`. Its log is /tmp/nginx/access; `kill $(jobs -p)` ends it.
nginx_up()
{
	local dir=/tmp/nginx paths= what
	mkdir -p $dir
	for what in client_body proxy fastcgi uwsgi scgi; do
		paths="$paths ${what}_temp_path $dir/$what;"
	done
	cat >$dir/conf <<-EOF
		daemon off; user root root;
		pid $dir/pid; error_log $dir/error;
		events {}
		http { $paths access_log $dir/access; server { listen 80; root /tmp/site; } }
	EOF
	"$@" nginx -p $dir -c $dir/conf -e $dir/error &
	wait_for 5 test -s $dir/pid
}
