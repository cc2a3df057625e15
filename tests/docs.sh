#!/bin/bash
# The documents against the program: manual pages are clean, every
# configuration key is documented, and nothing is documented that is not.
set -u
TOP=$(cd "$(dirname "$0")/.." && pwd)
cd "$TOP" || exit 1
n=0 bad=0
check() {	# TEXT COMMAND...
	local text=$1 got; shift
	n=$((n + 1))
	if got=$("$@" 2>&1); then
		echo "ok $n - $text"
	else
		bad=1
		echo "not ok $n - $text"
		printf '%s\n' "$got" | head -n 8 | sed 's/^/# /'
	fi
}
lint() { [ -z "$(mandoc -T lint -W warning "$1" 2>&1)" ] ||
    { mandoc -T lint -W warning "$1"; return 1; }; }
keys() { sed -n 's/^	{ "\([a-z_]*\)", CONF_.*/\1/p' "$@" | sort -u; }
documented() { grep -qE "^\.It (Ic|Cm|Va|Li) $1( |$)" "$2" ||
    { echo "$1 is not in $2"; return 1; }; }

if command -v mandoc >/dev/null; then
	for f in man/*.[1-8]; do check "$f is clean" lint "$f"; done
else
	n=$((n + 1)); echo "ok $n - manual pages # SKIP no mandoc"
fi
for k in $(keys providers/base/settings.c providers/systems/*.c \
    providers/linux/linux.c providers/provider.h); do
	check "offboard.conf(5) documents $k" documented "$k" man/offboard.conf.5
done
for k in $(keys plugin/host/hostconf.c); do
	check "offboard-host.conf(5) documents $k" documented "$k" \
	    man/offboard-host.conf.5
done
echo "1..$n"
[ $bad = 0 ]
