#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# netchannel: a flow of packets belongs to a program instead of to the kernel.
# on: qemu
# kernels: 6.12
# budget: 20
# modules: veth
# needs: ip setpriv bash
. /trivet/lib.sh
IP=/usr/bin/ip
A="$IP netns exec A"
B="$IP netns exec B"

modprobe veth
load netchannel
$IP netns add A
$IP netns add B
trap 'kill $(jobs -p) 2>/dev/null; $IP netns del A; $IP netns del B; remove netchannel veth' EXIT
$IP -n A link add v0 type veth peer name v1 netns B
$IP -n A addr add 10.0.0.1/24 dev v0
$IP -n B addr add 10.0.0.2/24 dev v1
$IP -n A link set v0 up
$IP -n B link set v1 up
$A sysctl -qw net.ipv4.icmp_ratelimit=0

# What the kernel of A has answered so far with ICMP "unreachable".
unreachable()
{
	$A awk '$1 == "Icmp:" { if (n++) print $col; else for (i = 1; i <= NF; i++)
		if ($i == "OutDestUnreachs") col = i }' /proc/net/snmp
}

# A plain UDP socket in B, bash's own: sends a word, and says what comes back.
ask()
{
	$B bash -c '
		exec 3<>/dev/udp/10.0.0.1/7000
		printf %s "$1" >&3
		if error=$({ read -r -t 2 -N ${#1} answer <&3 && echo "received: $answer" >&4; } 2>&1); then
			:
		elif [[ $error == *refused* ]]; then
			echo "was told: Connection refused" >&4
		else
			echo "received nothing" >&4
		fi' ask "$1" 4>&1
}

echo "Two hosts, A (10.0.0.1) and B (10.0.0.2), joined by a cable: network"
echo "namespaces and a veth pair. In B, a UDP socket of bash. In A, the program"
echo "netchanctl, run by user nobody, with a channel of /dev/netchannel."
echo
echo "1. Nobody listens in A. A's kernel answers with ICMP port unreachable:"
echo "     B: sent: hello?, $(ask 'hello?')"
echo "     A: ICMP unreachable sent: $(unreachable)"
echo
echo "2. A channel claims the flow, and sends each datagram back:"
$A setpriv --reuid 65534 --clear-groups netchanctl recv -e -n 3 10.0.0.1:7000 >/tmp/received &
wait_for 5 $A grep -q 10.0.0.1:7000 /proc/net/netchannel
for word in alpha beta; do
	echo "     B: sent: $word, $(ask $word)"
done
echo "     A: ICMP unreachable sent: $(unreachable), so the kernel kept silent"
echo
echo "3. Who has which flow, as root sees it in A:"
$A netchanctl list | sed 's/^/     /'
echo
echo "4. The port is taken as by a socket (netstat), also for root; and nobody"
echo "   cannot have a privileged one:"
$A netstat -uln | sed -n 's/^udp /     udp /p'
echo "     root, port 7000:   $($A netchanctl recv 10.0.0.1:7000 2>&1)"
echo "     nobody, port 53:   $($A setpriv --reuid 65534 --clear-groups netchanctl recv 10.0.0.1:53 2>&1)"
echo
ask gamma >/dev/null
wait
echo "5. The channel is closed after its third datagram. The program had:"
sed 's/^/     /' /tmp/received
echo "   And the kernel has the flow again:"
echo "     B: sent: hello?, $(ask 'hello?')"
echo "     A: ICMP unreachable sent: $(unreachable)"
rm -f /tmp/received
