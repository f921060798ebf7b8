# SPDX-License-Identifier: GPL-2.0
# Sourced by the scripts of this folder: messages, the cache, root rights.

TRIVET_CACHE=${TRIVET_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trivet}
TRIVET_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TRIVET_JOBS=${TRIVET_JOBS:-$(nproc)}
export TRIVET_CACHE

# A command that fails unseen says where.
set -E
trap 'printf "%s: line %s: failed: %s\n" "${0##*/}" "$LINENO" "$BASH_COMMAND" >&2' ERR

say()
{
	printf '\033[1m==>\033[0m %s\n' "$*" >&2
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Runs a command as root: directly, or through sudo.
as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -- "$@"
	else
		die "needs root: run it as root, or install sudo"
	fi
}

# with_log LOG COMMAND...: runs a long command with its output in LOG, and
# shows that it lives by printing a line a minute with the newest output.
with_log()
{
	local log=$1 pid ret=0 start=$SECONDS
	shift
	mkdir -p "$(dirname "$log")"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill "$pid" 2>/dev/null' INT TERM
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		if [ $(((SECONDS - start) % 60)) -eq 59 ]; then
			say "  $(((SECONDS - start) / 60 + 1)) min: $(tail -n 1 "$log" | cut -c1-70)"
		fi
	done
	wait "$pid" || ret=$?
	trap - INT TERM
	if [ "$ret" -ne 0 ]; then
		tail -n 30 "$log" >&2
		say "failed; the whole output is in $log"
	fi
	return "$ret"
}

# publish TMP FINAL: makes a finished build visible under its name in one
# step, so that an interrupted one is never mistaken for it.
publish()
{
	rm -rf "$2"
	mv "$1" "$2"
}

# hash_of FILE...: a short name for what was built from exactly these inputs.
hash_of()
{
	cat -- "$@" | sha256sum | cut -c1-12
}

# apt_updated: refreshes apt's lists when there are none, when they are a day
# old, or when the sources changed since.
apt_updated()
{
	local newest
	newest=$(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -1 -printf '%T@ %p\n' |
		sort -n | tail -n 1 | cut -d' ' -f2-)
	if [ -z "$newest" ] || [ -n "$(find /etc/apt/sources.list* -newer "$newest" -print -quit)" ]; then
		say "apt-get update"
		as_root apt-get update -qq
	fi
}

# download_deb PACKAGE DIR: its file, into DIR.
download_deb()
{
	(cd "$2" && apt-get download -qq -o Acquire::Retries=3 -o APT::Sandbox::User=root "$1" >&2)
}

# fetch_deb PACKAGE DIR: downloads a package from the machine's own apt
# sources and unpacks it into DIR, without installing it.
fetch_deb()
{
	local tmp
	tmp=$(mktemp -d)
	# _apt must be able to write here when apt runs as root
	chmod 755 "$tmp"
	# lists of yesterday may name what is gone
	download_deb "$1" "$tmp" || { as_root apt-get update -qq && download_deb "$1" "$tmp"; } ||
		{ rm -rf "$tmp"; die "cannot download package $1: run 'apt-get update' and look at its message"; }
	dpkg-deb -x "$tmp"/*.deb "$2"
	rm -rf "$tmp"
}
