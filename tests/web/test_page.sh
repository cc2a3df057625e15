#!/bin/bash
# The form in a real browser with scripts off, on the whole running product:
# nginx, offboard.fcgi, offboardd, offboard-hostd and the simulated company.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
DIR=$(mktemp -d "${TMPDIR:-/tmp}/offboard-page.XXXXXX") || exit 1
. "$TOP/tests/demo/lib.sh"
trap 'site_stop; rm -rf "$DIR"' EXIT

PORT=$(site_port $((21000 + $$ % 20000)))
if ! { site_company "$TOP/tests/demo/company.json" && site_secrets &&
    site_conf "brake = 100" && site_linux && site_host test-host &&
    site_worker && site_web && site_hostd; }; then
	tail -n 5 "$DIR"/*.log | sed 's/^/# /'
	echo "not ok 1 - the parts start"
	echo "1..1"
	exit 1
fi
SHOTS=${SHOTS:-$DIR/shots}
mkdir -p "$SHOTS"
BASE_URL=http://127.0.0.1:$PORT USER=it PASSWORD=demo SHOTS=$SHOTS \
    PERSON=obdemo-anna@corp.example HEIR=obdemo-heir@corp.example \
    /usr/bin/python3 "$TOP/tests/web/test_browser.py"
