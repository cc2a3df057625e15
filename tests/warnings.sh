#!/bin/bash
# Warnings are errors with clang, too: every C file, without making anything.
set -u
TOP=$(cd "$(dirname "$0")/.." && pwd)
cd "$TOP" || exit 1
if ! command -v clang >/dev/null; then
	echo "1..0 # SKIP clang is not installed"
	exit 0
fi
eval "flags=($(make -s print-flags))"
n=0 bad=0
for dir in providers plugin cgi tests; do
	n=$((n + 1))
	if got=$(find $dir -name '*.c' -print0 | xargs -0 -n 8 -P 2 \
	    clang "${flags[@]}" -O2 -fsyntax-only 2>&1) && [ -z "$got" ]; then
		echo "ok $n - clang finds nothing in $dir"
	else
		bad=1
		echo "not ok $n - clang finds nothing in $dir"
		printf '%s\n' "$got" | head -n 8 | sed 's/^/# /'
	fi
done
echo "1..$n"
[ $bad = 0 ]
