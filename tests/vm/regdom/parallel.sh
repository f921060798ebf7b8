#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Many set the domain at once, while others read: each dump of all radios is of
# one moment, in the end all radios have the same country,
# which iw sees too, and the record has each of the setters.
# Less of it on 6.1 and debug: what is raced here is the module's own, and the same there; but
# what is dumped is more than one buffer of netlink's. In a long run all fifty go on setting
# it for a minute, beside the dumps of 200 radios.
# covers: R39 R40
# budget: 12
# needs: iw jq
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

radios=$(count 40 200) seconds=$(count 3 60) setters=50 rounds=$(count 1 20)
[ -n "$LONG" ] || case $TRIVET_KERNEL in
debug) radios=34 setters=20 ;;
6.1) seconds=1 ;;
esac
radios $(($radios > 100 ? 100 : $radios))
[ "$radios" -le 100 ] || check "more radios" regdom-dump new $((radios - 100))
load regdom country=DE

set_for_long()	# COUNTRY OTHER
{
	while [ ! -e /tmp/enough ]; do
		regdomctl set "$1" && regdomctl set "$2" || return 1
	done
}
rm -f /tmp/enough
long=$(count 2 $setters) n=0
while [ $n -lt "$long" ]; do
	case $((n % 2)) in
	0) set_for_long DE US & ;;
	*) set_for_long FR JP & ;;
	esac
	long_pids="$long_pids $!" n=$((n + 1))
done
check "dumps agree with themselves" regdom-dump "$radios" "$seconds"
touch /tmp/enough
# who asks, and goes before he has read it all
regdom-dump hold radios >/tmp/held &
holder=$!
wait_for 5 grep -q begun /tmp/held
kill $holder
wait $holder 2>/dev/null
for pid in $long_pids; do
	wait "$pid" || fail "one did not set it all the time: status $?"
done
echo "ok: $long set it all the time"

all_at_once()
{
	local from n=0 pids= pid country
	from=$(($(regdomctl -j audit | jq '.decisions[-1].seq') + 1))
	while [ $n -lt $setters ]; do
		case $((n % 5)) in
		0) country=DE ;; 1) country=US ;; 2) country=FR ;; 3) country=JP ;; *) country=00 ;;
		esac
		regdomctl set $country --reason "setter $n" &
		pids="$pids $!"
		[ $((n % 10)) -ne 0 ] || { regdomctl -j get >/dev/null & pids="$pids $!"; }
		n=$((n + 1))
	done
	for pid in $pids; do
		wait "$pid" || fail "a setter or reader: status $?"
	done
	equal "each setter is recorded" \
		"$(regdomctl -j audit --from $from | jq '[.decisions[] | select(.cause == "set") | .reason] | unique | length')" $setters
}
while [ $rounds -gt 0 ]; do
	all_at_once
	rounds=$((rounds - 1))
done
last=$(regdomctl -j audit | jq -r '[.decisions[] | select(.cause == "set")][-1].country')
equal "the last one is in force" "$(regdomctl -j get | jq -r .country)" "$last"
equal "on all radios" "$(regdomctl -j get | jq -r '[.phys[].country] | unique | join(" ")')" "$last"
equal "iw sees it on all" "$(iw reg get | grep -A 1 '^phy#' | sed -n 's/^country \(..\):.*/\1/p' | sort | uniq -c | sed 's/^ *//')" \
	"$radios $last"
unload regdom
no_radios
