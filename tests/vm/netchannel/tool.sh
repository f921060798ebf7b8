#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# netchanctl between two namespaces, and against a plain UDP socket.
# Usually on one kernel: it is the tool that is looked at.
# kernels: 6.12
# long-kernels: 6.1 debug
# budget: 8
# modules: veth
# needs: ip jq tcpdump
. /trivet/lib.sh
IP=/usr/bin/ip

load netchannel
trap 'kill $(jobs -p) 2>/dev/null; no_hosts; remove netchannel veth' EXIT
two_hosts
A="$IP netns exec A"
B="$IP netns exec B"

$A netchanctl recv -n 2 -t 30 10.0.0.1:8100 >/tmp/text &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
equal "list" "$($A netchanctl list | awk 'NR == 2 { print $2, $3, $4, $5, $6, $7 }')" \
	"udp 10.0.0.1:8100 *:* root 0 0"
equal "list, JSON" "$($A netchanctl -j list | jq -c '.channels[] | [.protocol, .local, .remote, .uid]')" \
	'["udp","10.0.0.1:8100","*:*",0]'
equal "list in the other namespace" "$($B netchanctl -j list | jq '.channels | length')" 0
equal "a socket" "$($B nc_socket 10.0.0.2 7001 10.0.0.1 8100 hello)" "the socket received nothing"
$B netchanctl send 10.0.0.2:8102 10.0.0.1:8100 'back\slash'
wait
equal "recv, from a socket" "$(sed -n 1p /tmp/text)" "10.0.0.2:7001  5 bytes  hello"
equal "recv, from a channel" "$(sed -n 2p /tmp/text)" '10.0.0.2:8102  10 bytes  back\x5cslash'

$A netchanctl recv -e -n 2 10.0.0.1:8100 >/dev/null &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
equal "send, with replies" "$(printf 'one\ntwo\n' | $B netchanctl -j send -r 5 10.0.0.2 10.0.0.1:8100 |
	jq -c '[.sent, .replied, .replies[].hex]')" '[2,2,"6f6e65","74776f"]'
wait

$A netchanctl recv --ring -e -n 2 10.0.0.1:8100 >/tmp/text &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
equal "rings, with replies" "$(printf 'one\ntwo\n' |
	$B netchanctl -j send --ring -r 5 10.0.0.2:8102 10.0.0.1:8100 |
	jq -c '[.sent, .replied, .replies[].hex]')" '[2,2,"6f6e65","74776f"]'
wait
equal "recv by a ring" "$(sed -n 2p /tmp/text)" "10.0.0.2:8102  3 bytes  two"

$A netchanctl recv -t 30 '[fd00::1]:7000' >/tmp/text &
wait_for 5 $A grep -qF '[fd00::1]:7000' /proc/net/netchannel
$B netchanctl send --ring '[fd00::2]:7002' '[fd00::1]:7000' six
wait
equal "over IPv6" "$(cat /tmp/text)" "[fd00::2]:7002  3 bytes  six"

$A netchanctl recv -p 253 -e -n 1 10.0.0.1 10.0.0.2 >/tmp/text &
wait_for 5 $A grep -q 10.0.0.1:253 /proc/net/netchannel
equal "another protocol, with replies" "$($B netchanctl -j send -p 253 -r 5 10.0.0.2 10.0.0.1 one |
	jq -c '[.sent, .replied, .replies[].hex]')" '[1,1,"6f6e65"]'
wait
equal "recv of another protocol" "$(cat /tmp/text)" "10.0.0.2:253  3 bytes  one"

$A netchanctl recv -b -g 239.1.2.3 -d v0 -n 2 0.0.0.0:7000 >/tmp/text &
wait_for 5 $A grep -qi 030201EF /proc/net/igmp
$B netchanctl send -T 3 -d v1 10.0.0.2:8102 239.1.2.3:7000 'to a group'
$B netchanctl send -b 10.0.0.2:8102 10.0.0.255:7000 'to all'
wait
equal "recv, of a group" "$(sed -n 1p /tmp/text)" "10.0.0.2:8102  10 bytes  to a group"
equal "recv, of a broadcast" "$(sed -n 2p /tmp/text)" "10.0.0.2:8102  6 bytes  to all"

$A netchanctl -j count 10.0.0.1:8100 >/tmp/json &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
$B netchanctl send 10.0.0.2:8102 10.0.0.1:8100 one two
wait_for 5 $A grep -q '10.0.0.1:8100 .* 0 2 6 ' /proc/net/netchannel
$A netchanctl stats $! >/tmp/text
equal "stats of a process" "$(sed -n '1s/.*, discard/discard/p; 2s/^ *//p' /tmp/text)" \
	"discard, protocol 17, 10.0.0.1:8100 from *:*
received 2 packets, 6 bytes; read 2, 0 of them truncated; 0 bytes wait"
equal "stats, JSON" "$($A netchanctl -j stats $! |
	jq -c '.channels[] | [.type, .local, .rx_packets, .rx_dropped_full, .tx_packets]')" \
	'["discard","10.0.0.1:8100",2,0,0]'
equal "stats of a process without channels" "$($A netchanctl -j stats $$ | jq -c .)" '{"channels":[]}'
kill -INT $!
wait
equal "count" "$(jq -c . /tmp/json)" '{"packets":2,"bytes":6,"dropped":0}'

$A netchanctl listen -e -n 3 -t 30 10.0.0.1:8100 >/tmp/text &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
equal "listen, first sender" "$(printf 'one\ntwo\n' | $B netchanctl -j send -r 5 10.0.0.2:8102 10.0.0.1:8100 |
	jq -c '[.sent, .replied]')" '[2,2]'
equal "listen, second" "$($B netchanctl -j send -r 5 10.0.0.2:7003 10.0.0.1:8100 three | jq .replied)" 1
wait
equal "listen shows who" "$(cat /tmp/text)" "10.0.0.2:8102  3 bytes  one
10.0.0.2:8102  3 bytes  two
10.0.0.2:7003  5 bytes  three"

$A netchanctl recv -e -n 3 10.0.0.1:8100 >/dev/null &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
equal "ping" "$($B netchanctl -j ping -n 3 -t 5 10.0.0.2 10.0.0.1:8100 | jq -c '[.sent, .lost,
	(.trips | length), .least_us > 0, .least_us <= .mean_us, .mean_us <= .most_us]')" '[3,0,3,true,true,true]'
wait
$B netchanctl ping -n 1 -t 0.1 10.0.0.2 10.0.0.1:8100 >/tmp/text 2>/tmp/err
equal "ping of nobody" $? 2

$A netchanctl -j count 10.0.0.1:8100 >/tmp/json &
counter=$!
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
sent=$($B netchanctl -j bench --ring -t 0.1 -s 100 10.0.0.2:8102 10.0.0.1:8100 | jq .packets)
wait_for 5 $A grep -q "10.0.0.1:8100 .* 0 $sent $((sent * 100)) " /proc/net/netchannel
kill -INT $counter
wait
equal "bench, and as many counted" "$(jq .packets /tmp/json)" "$sent"

$A netchanctl -j dump -n 2 -t 30 -w /tmp/pcap 10.0.0.1:8100 10.0.0.2:8102 >/tmp/json &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
$B netchanctl send 10.0.0.2:8102 10.0.0.1:8100 one three
wait
equal "dump" "$(jq -c . /tmp/json) $(tcpdump -Z root -ntr /tmp/pcap 2>/dev/null | tr '\n' ' ')" \
	'{"packets":2} IP 10.0.0.2.8102 > 10.0.0.1.8100: UDP, length 3 IP 10.0.0.2.8102 > 10.0.0.1.8100: UDP, length 5 '
$A netchanctl dump -n 1 -t 30 10.0.0.1:8100 | tcpdump -Z root -ntr - >/tmp/text 2>/dev/null &
wait_for 5 $A grep -q 10.0.0.1:8100 /proc/net/netchannel
$B netchanctl send 10.0.0.2:8102 10.0.0.1:8100 live
wait
equal "dump, live" "$(cat /tmp/text)" "IP 10.0.0.2.8102 > 10.0.0.1.8100: UDP, length 4"

# shellcheck disable=SC2016
equal "create, and stats" "$($A netchanctl create -f 5 10.0.0.1:7000 10.0.0.2:7002 -- sh -c \
	'printf hello >&5; netchanctl -j stats $$' |
	jq -c '.channels[] | [.fd, .local, .remote, .tx_packets, .tx_bytes]')" \
	'[5,"10.0.0.1:7000","10.0.0.2:7002",1,5]'

$A netchanctl -j recv -t 0.1 10.0.0.1:7000 >/tmp/json 2>/tmp/err
equal "status of a recv that waited in vain" $? 2
equal "its message" "$(cat /tmp/err)" "netchanctl: recv: Connection timed out"
equal "its JSON is whole" "$(jq -c . /tmp/json)" '{"packets":[]}'
$A netchanctl recv 10.0.0.9:7000 2>/tmp/err
equal "status of an address that is not ours" $? 2
equal "its message" "$(cat /tmp/err)" "netchanctl: channel: Cannot assign requested address"
$A netchanctl send 10.0.0.1 2>/dev/null
equal "status of a wrong command line" $? 1
rm -f /tmp/text /tmp/json /tmp/err /tmp/pcap
