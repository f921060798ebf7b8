#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Stock curl fetches pages from the library's server; the library fetches them from
# stock nginx. Not on the debug kernel: nothing of ours is in it here.
# kernels: 6.1 6.12
# budget: 7
# needs: ip curl nginx
# modules: tun
. /trivet/lib.sh
. /trivet/lib-tcp.sh

tun_up tun0
trap 'kill $(jobs -p) 2>/dev/null; wait; tun_down tun0; rm -rf /tmp/site /tmp/nginx' EXIT
mkdir -p /tmp/site/sub
dd if=/dev/urandom of=/tmp/site/page bs=1000 count=300 2>/dev/null
echo hello >/tmp/site/sub/index.html
echo secret >/tmp/secret
ln -s /tmp/secret /tmp/site/link
: >/tmp/site/empty
sum=$(md5sum </tmp/site/page)
own=http://192.0.2.2
host="-d tun0 -a 192.0.2.2"

netchanctl serve $host /tmp/site &
server=$!
wait_for 5 curl -s -o /dev/null $own/empty
equal "curl fetches 300 kB" "$(curl -sS $own/page | md5sum)" "$sum"
equal "an index" "$(curl -sS $own/sub/)" hello
equal "an escaped path" "$(curl -sS $own/s%75b/index.html)" hello
equal "nothing" "$(curl -sS -w '%{http_code} %{size_download}' $own/empty)" "200 0"
equal "HEAD" "$(curl -sSI $own/page | tr -d '\r' | grep Content-Length)" "Content-Length: 300000"
code="curl -sS -o /dev/null -w %{http_code}"
equal "what is not there" "$($code $own/none)" 404
equal "what is outside" "$($code --path-as-is $own/../secret)" 404
equal "what is outside, escaped" "$($code --path-as-is $own/sub/%2e%2e/%2e%2e/secret)" 404
equal "what a link leads to outside" "$($code $own/link)" 404
equal "an end in the middle" "$($code --path-as-is $own/page%00)" 400
equal "another method" "$($code -X PUT -d x $own/page)" 405
equal "5 at a time" "$(for i in $(seq 5); do curl -sS $own/page & done | wc -c)" 1500000
kill $server
wait $server

nginx_up
wait_for 5 curl -s -o /dev/null http://192.0.2.1/empty
equal "the library fetches 300 kB" \
	"$(netchanctl get $host http://192.0.2.1/page | md5sum)" "$sum"
equal "a traced fetch" "$(netchanctl trace /tmp/t get $host http://192.0.2.1/page | md5sum)" "$sum"
equal "its packets: pcapng" "$(od -An -tx1 -N4 /tmp/t.pcapng | tr -d ' ')" 0a0d0d0a
netchanctl plot /tmp/t.trace > /tmp/t.svg
check "its plot names the server" grep -q "192.0.2.1:80" /tmp/t.svg
equal "its curves" "$(grep -c 'class="curve"' /tmp/t.svg)" 8
rm -f /tmp/t.*
check "no trace" ! netchanctl plot /tmp/site/page 2>/dev/null
check "nothing to trace" ! netchanctl trace /tmp/t list 2>/dev/null
equal "an answer without text" "$(netchanctl get $host http://192.0.2.1/empty | wc -c)" 0
netchanctl get $host http://192.0.2.1/none 2>/tmp/err
equal "its exit code where there is none" $? 2
check "its message" grep -q "server: HTTP/1.[01] 404" /tmp/err
netchanctl get $host http://192.0.2.1:81/ 2>/tmp/err
equal "its message where nobody listens" "$(cat /tmp/err)" \
	"netchanctl: connect: Connection refused"
check "no address" ! netchanctl get http://192.0.2.1/ 2>/dev/null
check "no URL" ! netchanctl get $host ftp://192.0.2.1/ 2>/dev/null
