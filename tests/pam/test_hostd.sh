#!/bin/sh
# offboard-hostd on a private folder: what it believes, what it puts in force,
# what it repairs, what it reports, and whose processes it ends.
# Nothing of the machine is changed: the part that ends processes runs in a
# pid and mount namespace with a passwd of its own.
export LC_ALL=C
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
tests=${TESTS:-$build/tests}
n=0 bad=0 daemon= receiver= sleepers=

ok() { n=$((n + 1)); echo "ok $n - $1"; }
notok() {
	n=$((n + 1)) bad=1
	echo "not ok $n - $1"
	[ -f "$t/log" ] && tail -5 "$t/log" | sed 's/^/# /'
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
check() { what=$1; shift; if "$@"; then ok "$what"; else notok "$what"; fi; }

# Waits up to two seconds for a command to succeed, or fail (until_not).
until_ok() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}
until_not() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		"$@" || return 0
		sleep 0.1
	done
	return 1
}

accepted() { "$tests/pamtry" "$t/pam.d" svc "$1" 2>/dev/null >&2; }
logged() { grep -q "$1" "$t/log"; }
publish() { "$tests/publishtry" "$@"; }
now_ms() { date +%s%3N; }

start() {
	"$build/offboard-hostd" -c "$t/host.conf" 2>>"$t/log" &
	daemon=$!
}
stop() {
	[ -n "$daemon" ] || return 0
	kill "$daemon" 2>/dev/null
	wait "$daemon" 2>/dev/null
	status=$?
	daemon=
}
cleanup() {
	stop
	[ -n "$receiver" ] && kill "$receiver" 2>/dev/null
	[ -n "$sleepers" ] && kill -9 $sleepers 2>/dev/null
	rm -rf "$t"
}

new_folder() {
	t=$(mktemp -d) && chmod 755 "$t"
	trap cleanup EXIT
	trap 'exit 1' INT TERM
	mkdir "$t/pam.d"
	cat >"$t/pam.d/svc" <<-EOF
	account [success=ok ignore=ignore default=die] $build/pam_offboard.so denylist=$t/state/denylist owner=$(id -u)
	account required pam_permit.so
	EOF
	: >"$t/pam.d/other"
	publish init "$t"
	cat >"$t/host.conf" <<-EOF
	[host]
	name = host-1
	publication = file://$t/publication
	state_dir = $t/state
	trust = $t/trust
	poll = 200ms
	max_new = 2
	sweep = $1
	exempt = obtest-rescue
	EOF
	"$build/offboard-hostd" -c "$t/host.conf" --init >"$t/line" || exit 1
}

flip() { # FILE OFFSET
	printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

test_publication() {
	new_folder off
	check '--init prints one line' [ "$(wc -l <"$t/line")" = 1 ]
	check '--init keeps the key' [ "$("$build/offboard-hostd" \
	    -c "$t/host.conf" --init)" = "$(cat "$t/line")" ]
	start
	check 'nothing published: everybody is refused' until_not accepted obtest-bob
	publish state "$t" 1 5 obtest-alice
	check 'applied: the listed is refused, others are not' \
	    until_ok accepted obtest-bob
	check 'alice is refused' until_not accepted obtest-alice
	from=$(now_ms)
	publish state "$t" 1 6 obtest-alice obtest-bob
	while accepted obtest-bob; do
		[ $(($(now_ms) - from)) -gt 3000 ] && break
	done
	took=$(($(now_ms) - from))
	echo "# from publishing to refusing: $took ms"
	check 'in force within a second' [ $took -lt 1000 ]
	check 'a second daemon is refused' until_not "$build/offboard-hostd" \
	    -c "$t/host.conf" --once 2>/dev/null

	publish again "$t" 1 6
	sleep 0.3
	publish state "$t" 1 5 obtest-alice
	check 'rolled back: refused' until_ok logged 'reason="rolled back"'
	check 'rolled back: bob stays refused' until_not accepted obtest-bob
	publish -o -1000 state "$t" 1 6 obtest-alice obtest-bob
	check 'issued goes back: refused' until_ok logged 'is before'
	publish state "$t" 1 6 obtest-alice
	check 'two lists under one serial: refused' until_ok \
	    logged 'reason="equivocation"'
	mkdir "$t/x" && publish init "$t/x"
	publish -k "$t/x/publisher.key" state "$t" 1 7 obtest-carol
	check 'another key: refused' until_ok logged 'reason="forged"'
	publish state "$t" 1 7 obtest-carol obtest-bob
	until_ok logged 'epoch_serial="1 7"'
	sed 's/^serial 7/serial 8/;s/^base 7/base 8/' "$t/publication/stamp" \
	    >"$t/s" && mv "$t/s" "$t/publication/stamp"
	check 'an edited stamp: refused' until_ok logged 'signature is wrong'
	rm -f "$t/log.was"; mv "$t/log" "$t/log.was"; stop; start
	# The fleet of the other trust file under our key.
	publish -t "$t/x/trust" state "$t" 1 9 obtest-carol
	check 'another fleet: refused' until_ok logged 'reason="other fleet"'
	publish -o -90000 state "$t" 1 9 obtest-carol
	check 'an expired stamp: refused' until_ok logged 'stamp has expired'
	check 'through all of it bob stays refused' until_not accepted obtest-bob
	printf 'x' >>"$t/publication/stamp"
	check 'bytes behind the stamp: refused' until_ok \
	    logged 'reason="unreadable"'
	rm "$t/publication/stamp"; mkfifo "$t/publication/stamp"
	check 'a FIFO in its place does not hang it' until_ok \
	    logged 'reason="no stamp"'
	rm "$t/publication/stamp"
	publish state "$t" 1 10 obtest-alice obtest-bob
	check 'a good one after all that is applied' until_ok \
	    logged 'epoch_serial="1 10"'
	publish state "$t" 1 11 obtest-alice
	rm -f "$t"/publication/base/11-*
	flip "$t/state/denylist" 4200
	check 'damaged: repaired from the copy' until_ok accepted obtest-carol
	check 'damaged: said' until_ok logged 'denylist_problem.*damaged'
	rm "$t/state/denylist"
	check 'removed: repaired' until_ok accepted obtest-carol
	check 'removed: alice stays refused' until_not accepted obtest-alice
	: >"$t/state/denylist"
	check 'emptied: repaired' until_ok accepted obtest-carol
	publish state "$t" 1 12 obtest-alice obtest-bob
	check 'serial 12 is applied' until_ok logged 'epoch_serial="1 12"'

	stop
	check 'SIGTERM ends it' logged event=ended
	check 'SIGTERM: exit status 0' [ "$status" = 0 ]
	mv "$t/log" "$t/log.was"
	publish state "$t" 1 11 obtest-dave
	start
	check 'started again: the floor holds' until_ok \
	    logged 'reason="rolled back"'
	check 'started again: bob stays refused' until_not accepted obtest-bob
	stop; mv "$t/log" "$t/log.was"
	flip "$t/state/denylist" 100
	start
	check 'started with a damaged list: the copy holds the floor' until_ok \
	    logged 'reason="rolled back"'
	check 'started with a damaged list: rebuilt' until_ok accepted obtest-dave
	publish state "$t" 2 1
	check 'a higher epoch with serial 1 is applied' until_ok \
	    logged 'epoch_serial="2 1"'
	check 'nobody is listed any more' until_ok accepted obtest-bob
	stop
	publish state "$t" 2 2 obtest-bob
	: >"$t/state/denylist.1.1.tmp"
	check '--once applies' "$build/offboard-hostd" -c "$t/host.conf" --once \
	    2>>"$t/log"
	check '--once: bob is refused' until_not accepted obtest-bob
	check 'what a killed writer left is gone' \
	    [ ! -e "$t/state/denylist.1.1.tmp" ]
	cleanup
}

reports() { grep -q "$1" "$t/reports"; }

test_reports() {
	new_folder off
	public=$(cut -d' ' -f3 "$t/line")
	"$tests/receivetry" "$public" 204 >"$t/reports" &
	receiver=$!
	until_ok reports port
	port=$(sed -n 's/^port //p' "$t/reports")
	echo "report_url = http://127.0.0.1:$port/hosts/report" >>"$t/host.conf"
	publish state "$t" 1 3 obtest-alice
	start
	check 'a signed report of the applied serial' until_ok reports \
	    '^good {.*"host":"host-1".*"epoch":1,"serial":3,"state":"FRESH"'
	publish state "$t" 1 4 obtest-alice obtest-bob
	check 'a report after the next serial' until_ok reports '^good.*"serial":4'
	check 'no report had a bad signature' until_not reports '^bad'
	kill "$receiver"; wait "$receiver" 2>/dev/null; receiver=
	publish state "$t" 1 5 obtest-alice
	check 'the server is away: said' until_ok logged event=report_failed
	check 'the server is away: the denial is in force' until_ok \
	    accepted obtest-bob
	from=$(now_ms); stop
	check 'ends within a second' [ $(($(now_ms) - from)) -lt 1000 ]
	check 'ends with status 0' [ "$status" = 0 ]
	cleanup
}

# Everything below runs in a namespace, as root, with this passwd.
is_alive() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.Z' "/proc/$1/status"; }

as() { # UID: starts a sleeper of that uid, its pid in $pid
	setpriv --reuid "$1" --clear-groups sleep 600 &
	pid=$!
	sleepers="$sleepers $pid"
	until_ok grep -q "^Uid:.$1" "/proc/$pid/status"
}

test_sweep() {
	new_folder on
	{
		cat /etc/passwd
		for i in 1 2 3 4; do
			echo "obtest-$i:x:6400$i:64000::/:/bin/sh"
		done
		echo 'obtest-again:x:64001:64000::/:/bin/sh'
		echo 'obtest-rescue:x:64009:64000::/:/bin/sh'
	} >"$t/passwd"
	mount --bind "$t/passwd" /etc/passwd || exit 1
	as 64001; one=$pid
	as 64002; two=$pid
	as 64009; rescue=$pid
	publish state "$t" 1 1 obtest-1 obtest-rescue
	start
	check 'a process of the listed ends' until_not is_alive "$one"
	check 'the process of another lives' is_alive "$two"
	check 'the process of an exempt name lives' is_alive "$rescue"
	check 'the listed is refused' until_not accepted obtest-1
	check 'a second name of the uid is refused' until_not accepted obtest-again
	check 'another is not' until_ok accepted obtest-2
	as 64001
	check 'who slips in later ends too' until_not is_alive "$pid"
	# As a set-uid program: real uid of the listed, effective root.
	setpriv --ruid 64001 --euid 0 sleep 600 &
	pid=$! sleepers="$sleepers $!"
	check 'a set-uid program of the listed ends' until_not is_alive "$pid"
	publish state "$t" 1 2 obtest-1 obtest-2 obtest-3 obtest-4
	check 'too many at once: held' until_ok logged event=held
	check 'held: the others are not refused' until_ok accepted obtest-3
	check 'held: the process of another lives' is_alive "$two"
	echo '1 2' >"$t/state/accept"
	check 'accepted by hand: applied' until_not accepted obtest-3
	check 'accepted by hand: the process ends' until_not is_alive "$two"
	echo 'obtest-new:x:64004:64000::/:/bin/sh' >>"$t/passwd"
	check 'passwd changed: the new name of a listed uid is refused' \
	    until_not accepted obtest-new
	check 'the daemon did not end itself' is_alive "$daemon"
	stop
	check 'exit status 0' [ "$status" = 0 ]
	umount /etc/passwd
	cleanup
}

if [ "$1" = sweep ]; then
	test_sweep
	echo "$n $bad" >"$2"
	exit
fi
test_publication
test_reports
result=$(mktemp)
if [ "$(id -u)" = 0 ] &&
    unshare -m -p -f --kill-child --mount-proc true 2>/dev/null; then
	unshare -m -p -f --kill-child --mount-proc sh "$0" sweep "$result" |
	    sed "s/^\(ok\|not ok\) \([0-9]*\)/\1 S\2/" >"$result.tap"
	while IFS= read -r line; do
		case $line in
		'ok '*) ok "${line#* - }" ;;
		'not ok '*) t=; notok "${line#* - }" ;;
		*) echo "$line" ;;
		esac
	done <"$result.tap"
	[ -s "$result" ] || { t=; notok 'the sweep tests came to their end'; }
else
	skip 'ending processes' 'needs root and namespaces'
fi
rm -f "$result" "$result.tap"
echo "1..$n"
exit $bad
