#!/bin/bash
# `make run`: the whole product on this machine, in a folder of its own and
# on loopback, against a simulated company. It takes one person out of
# everything, shows what happened, and keeps serving (ONCE=1: ends).
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
DIR=$(mktemp -d "${TMPDIR:-/tmp}/offboard-demo.XXXXXX") || exit 1
. "$TOP/tests/demo/lib.sh"

trap 'site_stop; rm -rf "$DIR"' EXIT
trap 'exit 130' INT TERM

say() { printf '\n== %s\n' "$*"; }
die() {
	printf 'make run: %s\n' "$*" >&2
	tail -n 5 "$DIR"/*.log >&2
	exit 1
}
now_ms() { date +%s%3N; }
PERSON=obdemo-anna@corp.example
LOGIN=obdemo-anna

if [ -n "${PORT:-}" ]; then
	port_free "$PORT" || die "port $PORT is taken: name another, PORT=8081"
elif [ "${ONCE:-}" = 1 ]; then
	PORT=$(site_port $((20000 + $$ % 20000)))
else
	PORT=$(site_port 8080)
fi

say "Starting the parts in $DIR"
site_company "$TOP/tests/demo/company.json" || die "the company did not start"
site_secrets
site_conf "brake = 100"
site_more
site_linux
site_host demo-host || die "the host could not be enrolled"
site_worker || die "offboardd did not start"
site_web || die "nginx and offboard.fcgi did not start"
site_hostd
site_until 10 test -s "$DIR/host/denylist" || die "offboard-hostd did not start"
printf 'nginx, offboard.fcgi, offboardd, offboard-hostd and the company run.\n'
printf 'Ending of processes by hostd: %s.\n' "$SWEEP"

OB="$BUILD/offboard -c $CONF"
say "1. The plan: what would end. Nothing is written anywhere."
$OB plan $PERSON --handover obdemo-heir@corp.example || die "the plan failed"
# Signing in somewhere changes nothing of anybody's.
writes=$(control /requests |
    grep -o '"method":"[A-Z]*","path":"[^"]*"' |
    grep -v oauth | grep -vc '"GET"')
printf 'Requests that changed something at the vendors: %s\n' "$writes"
[ "$writes" = 0 ] || die "the plan has changed something"

say "2. Before: the login is accepted, the door opens"
site_login $LOGIN || die "the login should have been accepted"
door='{"email":"'$PERSON'","door":"Main entrance"}'
control /door "$door"; echo
control /door "$door" | grep -q '"opens":true' || die "the door should open"

say "3. The offboarding, per system and phase as it happens"
began=$(now_ms)
$OB start $PERSON --handover obdemo-heir@corp.example --yes --wait
status=$?
ended=$(now_ms)
# 2: everything that a machine can do is done, and people have tasks.
[ $status = 2 ] || die "the offboarding should wait for people (exit $status)"

say "4. After: the login is refused, the door stays shut"
site_login $LOGIN && die "the login should have been refused"
site_login obdemo-heir || die "the heir should have been accepted"
control /door "$door"; echo
control /door "$door" | grep -q '"opens":false' || die "the door should be shut"

say "5. What no API can do or prove: people close it with a note"
$OB task list OB-000001
for n in $($OB task list OB-000001 | awk '{print $1}'); do
	$OB task done "$n" --note "seen to in the demo" || die "no task $n"
done
complete() { $OB show OB-000001 --json | grep -q '"status":"complete"'; }
site_until 10 complete || die "the offboarding did not complete"

say "6. Who was told"
control /mails | grep -o '"to":\["[^"]*"\]\|Subject: [^\\]*' | paste - -
control /hooks | grep -o '"type\\*":\\*"[a-z._]*\|"valid":[a-z]*' | paste - -

say "7. The proof"
$OB audit verify || die "the audit is not whole"
CERT=$DIR/OB-000001.json
$OB certificate OB-000001 -o "$CERT" 2>/dev/null || die "no certificate"
if command -v ssh-keygen >/dev/null; then
	ssh-keygen -Y verify -f "$CERT.signers" -I offboard -n offboard \
	    -s "$CERT.sig" <"$CERT" || die "the certificate is not good"
else
	$OB certificate --verify "$CERT" || die "the certificate is not good"
fi
printf 'From the request to all that machines can do: %s ms\n' $((ended - began))

say "Look at it: http://127.0.0.1:$PORT/offboardings/OB-000001"
printf 'Users: it (operator, admin), boss (approver), hr (viewer); password demo\n'
[ "${ONCE:-}" = 1 ] && exit 0
printf 'To try it yourself, end the access of obdemo-bob@corp.example or\n'
printf 'obdemo-erin@corp.example there. It serves until you press Ctrl-C.\n'
wait
