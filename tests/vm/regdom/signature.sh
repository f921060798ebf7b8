#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A regulatory.db is loaded when a signer of the module has signed just these
# bytes, and refused with the right error when not; what iw shows of the radio
# stays. sig=warn and sig=off load it all the same, but not where the kernel is locked
# down. The signatures are Debian's own, those of a stranger, made here, and those that
# regdomctl makes for signers whom a module of its own knows.
# covers: R31 R35
# kernels: 6.1 6.12
# long-kernels: debug
# budget: 18
# needs: iw openssl
# modules: mac80211_hwsim
. /trivet/lib.sh
. /trivet/lib-regdom.sh

db=/lib/firmware/regulatory.db
cp $db /tmp/good.db
cp $db.p7s /tmp/good.p7s

export OPENSSL_CONF=/dev/null
# new_signer NAME NUMBER: /tmp/NAME.key and its certificate, NAME.pem and NAME.der; a
# longer key would only take longer to make
new_signer()
{
	openssl req -config /dev/null -x509 -newkey rsa:1024 -nodes -sha256 -days 1 \
		-subj "/CN=$1" -set_serial "$2" -keyout "/tmp/$1.key" -out "/tmp/$1.pem" 2>/dev/null &&
		openssl x509 -in "/tmp/$1.pem" -outform DER -out "/tmp/$1.der" ||
		fail "no key of $1 could be made"
}
# The same, of NAME, until yesterday, which `openssl req` does not make.
expired_signer()
{
	openssl req -config /dev/null -new -newkey rsa:1024 -nodes -subj "/CN=$1" \
		-keyout "/tmp/$1.key" -out "/tmp/$1.csr" 2>/dev/null &&
		openssl x509 -req -in "/tmp/$1.csr" -signkey "/tmp/$1.key" -sha256 -days -1 \
			-set_serial 13 -out "/tmp/$1.pem" 2>/dev/null &&
		openssl x509 -in "/tmp/$1.pem" -outform DER -out "/tmp/$1.der" ||
		fail "no key of $1 could be made"
}
new_signer stranger 1
sign()	# FILE
{
	openssl smime -sign -binary -noattr -in "$1" -signer /tmp/stranger.pem \
		-inkey /tmp/stranger.key -outform DER
}
# another sound database: it says AB where AD (Andorra) was
{ head -c 12 /tmp/good.db; printf AB; tail -c +15 /tmp/good.db; } >/tmp/other.db
sign /tmp/good.db >/tmp/stranger.p7s
sign /tmp/other.db >/tmp/other.p7s
regdom-cosign /tmp/good.p7s /tmp/stranger.p7s >/tmp/both.p7s ||
	fail "no signature by two"
signer=$(openssl pkcs7 -inform DER -in /tmp/good.p7s -print_certs |
	openssl x509 -noout -serial | sed 's/.*=//')

put()	# DATABASE SIGNATURE
{
	rm -rf $db $db.p7s
	cp "$1" $db
	[ -z "$2" ] || cp "$2" $db.p7s
}
refused()	# ERROR_TEXT REASON
{
	local said
	said=$(timeout 20 regdomctl load 2>&1) && { echo "it was accepted"; return 1; }
	case $said in *"$2 ($1)"*) ;; *) echo "it said: $said"; return 1;; esac
	regdomctl info | grep -q "refused: $2" && iw_is_same
}
iw_is_same()
{
	iw phy "$(phy 1)" info >/tmp/now
	cmp -s /tmp/before /tmp/now || { echo "the radio has changed"; return 1; }
}
damaged="the signature is damaged, or of another file"
unknown="signed by nobody whom the module knows"

radios 1
load regdom country=DE
check "Debian's file is loaded and is signed" sh -c \
	"regdomctl info | grep -q 'regulatory.db: .*, signed$'"
check "the keyring is there" grep -q '\.regdom_keys: 4$' /proc/keys
iw phy "$(phy 1)" info >/tmp/before

step=499
[ -z "$LONG" ] || step=16
check "files with a flipped bit, or cut off" regdom-mutate $db $step signed
put /tmp/good.db
check "no signature" refused "No such file or directory" \
	"no signature: no file regulatory.db.p7s"
put /tmp/good.db; mkdir $db.p7s
check "a directory for a signature" ! regdomctl load
put /tmp/good.db /dev/null
check "an empty signature" ! regdomctl load
no_file="the file regulatory.db.p7s is empty, or not a regular file"
put /tmp/good.db; mkfifo $db.p7s
check "a FIFO for a signature" refused "Invalid argument" "$no_file"
put /tmp/good.db; truncate -s 1G $db.p7s
check "1 GiB of it" refused "File too large" "the file regulatory.db.p7s is too large"
put /tmp/good.db /tmp/good.db
check "the file for its signature" refused "Key was rejected by service" "$damaged"
for bytes in 1 300 800 1000; do
	put /tmp/good.db
	head -c $bytes /tmp/good.p7s >$db.p7s
	check "a signature of $bytes bytes" refused "Key was rejected by service" "$damaged"
done
put /tmp/good.db
{ head -c 1000 /tmp/good.p7s; printf XX; tail -c +1003 /tmp/good.p7s; } >$db.p7s
check "two wrong bytes in it" refused "Key was rejected by service" "$damaged"
put /tmp/other.db /tmp/good.p7s
check "the signature of another file" refused "Key was rejected by service" "$damaged"
put /tmp/good.db /tmp/stranger.p7s
check "a stranger's signature" refused "Required key not available" "$unknown"
put /tmp/good.db /tmp/other.p7s
check "a stranger's, of another file" refused "Key was rejected by service" "$damaged"
put /tmp/good.db /tmp/both.p7s
check "a stranger's beside a signer's" regdomctl load
put /tmp/other.db /tmp/both.p7s
check "both, of another file" refused "Key was rejected by service" "$damaged"
put /tmp/good.db /tmp/good.p7s
check "the good file, again" regdomctl load
check "changes nothing" iw_is_same
unload regdom
check "the keyring is gone" wait_for 5 sh -c "! grep -q regdom_keys /proc/keys"

load regdom country=DE "revoked=$signer"
check "the signer is revoked" sh -c "regdomctl info | grep -q 'signed by a signer who is revoked'"
check "and the error is" sh -c "regdomctl load 2>&1 | grep -q 'Key has been revoked'"
check "the built-in domain is in force" sh -c "regdomctl info | grep -q built-in"
put /tmp/good.db /tmp/stranger.p7s
check "a stranger stays a stranger" sh -c "regdomctl load 2>&1 | grep -q '$unknown'"
unload regdom

put /tmp/other.db /tmp/other.p7s
load regdom country=DE sig=warn
check "sig=warn loads it" sh -c "regdomctl info | grep -q 'regulatory.db: '"
check "but not as signed" ! sh -c "regdomctl info | grep -q signed"
check "and says so" sh -c "dmesg | tail -n 20 | grep -q '$unknown (error -126): it is loaded, since sig=warn'"
check "it is the other file" sh -c "regdomctl list | grep -q '^AB'"
printf XXXX >$db
check "sig=warn looks at the bytes" ! regdomctl load
put /tmp/good.db /tmp/good.p7s
check "and at signatures" sh -c "regdomctl load && regdomctl info | grep -q ', signed$'"
unload regdom

put /tmp/other.db
load regdom country=DE sig=off
check "sig=off loads it" sh -c "regdomctl list | grep -q '^AB'"
check "but not as signed" ! sh -c "regdomctl info | grep -q signed"
unload regdom
check "sig=maybe is refused" ! insmod /trivet/modules/regdom.ko sig=maybe

# A module that knows two signers of our own, and regdomctl's signatures.
own=/tmp/regdom.ko
new_signer first 11
new_signer second 12
expired_signer expired
check "one has expired" ! openssl x509 -in /tmp/expired.pem -noout -checkend 0
cp /trivet/modules/regdom.ko $own
check "a module with other signers" regdom-signers $own /tmp/first.der /tmp/second.der \
	/tmp/expired.der
check "an extended file" regdomctl compile --format ext --serial 7 /tmp/good.db -o /tmp/ext.db
for who in first second expired stranger; do
	check "signed by $who" regdomctl sign --key /tmp/$who.key --cert /tmp/$who.pem \
		/tmp/ext.db -o /tmp/$who.p7s
done
put /tmp/ext.db /tmp/first.p7s
check "the module" insmod $own country=DE
iw phy "$(phy 1)" info >/tmp/after
check "the radio is as Debian's file has it" cmp /tmp/before /tmp/after
loaded()
{
	regdomctl load && regdomctl info | grep -q 'regdom.db.*, signed$'
}
check "an extended file is loaded and is signed" loaded
put /tmp/ext.db /tmp/second.p7s
check "so it is by the other" loaded
put /tmp/ext.db /tmp/expired.p7s
check "and by one whose certificate has expired: the kernel looks at no dates" loaded
put /tmp/ext.db /tmp/stranger.p7s
check "not by a stranger" refused "Required key not available" "$unknown"
put /tmp/good.db /tmp/good.p7s
check "nor is Debian's by Debian" refused "Required key not available" "$unknown"
unload regdom
put /tmp/ext.db /tmp/first.p7s
check "the module, with the second signer revoked" insmod $own country=DE revoked=0C
check "loads the first one's file" loaded
put /tmp/ext.db /tmp/second.p7s
check "not his" refused "Key has been revoked" "signed by a signer who is revoked"
unload regdom

# The debug kernel cannot be locked down.
if [ "$TRIVET_KERNEL" != debug ]; then
	load regdom_lockdown
	for sig in off warn; do
		check "locked down, sig=$sig is refused" sh -c \
			"insmod /trivet/modules/regdom.ko sig=$sig 2>&1 | grep -q 'Operation not permitted'"
	done
	put /tmp/good.db /tmp/good.p7s
	load regdom country=DE
	put /tmp/other.db
	check "and no file without a signature is loaded" refused "No such file or directory" \
		"no signature: no file regulatory.db.p7s"
	unload regdom
	unload regdom_lockdown
fi
put /tmp/good.db /tmp/good.p7s
no_radios
