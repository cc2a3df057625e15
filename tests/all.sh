#!/bin/bash
# Everything that `make test` runs, after both builds are there.
set -u
TOP=$(cd "$(dirname "$0")/.." && pwd)
cd "$TOP" || exit 1
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
export BUILD

list() {	# DIR: the C test programs of a build
	local f
	for f in "$1"/tests/test_*; do
		case $f in *.d) ;; *) [ -x "$f" ] && printf '%s\n' "$f" ;; esac
	done
}

exec tests/run $(list "$BUILD") $(BUILD=$BUILD/san list "$BUILD/san") \
    tests/pam/test_symbols.sh tests/pam/test_hostd.sh \
    tests/sandbox/test_sandbox.sh tests/docs.sh tests/warnings.sh \
    tests/providers/test_*.py tests/after/test_*.py tests/faults/test_*.py \
    tests/web/test_web.py tests/web/test_page.sh
