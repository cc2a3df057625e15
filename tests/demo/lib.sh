# Sourced by the demo and the tests: starts the real parts in a folder of
# their own, and ends only what it has started.
#
# In: BUILD (the built programs), TOP (the checkout), DIR (an empty folder).
# Sets: DF AD CT (ports of the simulated company), PORT (of nginx), CONF.

site_pids=""

site_start() {	# NAME COMMAND...: in the background, its log in DIR/NAME.log
	local name=$1; shift
	"$@" >>"$DIR/$name.log" 2>&1 </dev/null &
	eval "pid_$name=$!"
	site_pids="$site_pids $!"
}

site_until() {	# SECONDS COMMAND...: until it succeeds
	local left=$(($1 * 50)); shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.02
	done
}

site_stop() {	# ends what site_start has started
	local p
	{
		# unshare takes no SIGTERM while it waits; its end asks hostd
		# to end.
		if [ -n "${NS:-}" ] && [ -n "${pid_hostd:-}" ]; then
			kill -9 "$pid_hostd"
		fi
		for p in $site_pids; do kill "$p"; done
		for p in $site_pids; do
			site_until 5 not_alive "$p" || kill -9 "$p"
		done
		wait
	} 2>/dev/null
	site_pids="" pid_hostd=""
}

not_alive() { ! kill -0 "$1" 2>/dev/null; }

port_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

site_port() {	# FIRST: the next port that nobody listens on
	local p=$1
	until port_free "$p"; do p=$((p + 1)); done
	echo "$p"
}

site_port_of() { sed -n "s/^$1=//p" "$DIR/ports"; }

site_company() {	# [COMPANY.json]: the simulated vendors
	site_start sandbox "$BUILD/sandbox" --doorflow 0 --acceldata 0 \
	    --control 0 --ports-file "$DIR/ports" \
	    ${1:+--company "$1"} --log "$DIR/requests.log"
	site_until 10 test -s "$DIR/ports" || return 1
	DF=$(site_port_of doorflow) AD=$(site_port_of acceldata)
	CT=$(site_port_of control)
}

control() {	# PATH [JSON]: the company's control port
	if [ $# -gt 1 ]; then
		curl -sS -X POST "http://127.0.0.1:$CT$1" -d "$2"
	else
		curl -sS "http://127.0.0.1:$CT$1"
	fi
}

site_secrets() {
	(umask 077
	printf 'demo-doorflow-token\n' >"$DIR/doors.token"
	printf 'AK-demo-operator\n' >"$DIR/data.key"
	printf 'demo-acceldata-secret\n' >"$DIR/data.secret"
	mkdir -p "$DIR/data" "$DIR/web")
	chmod 755 "$DIR" "$DIR/web"
	chmod 755 "$DIR/data"
}

site_conf() {	# [EXTRA LINES of offboard]: writes CONF
	CONF=$DIR/offboard.conf
	cat >"$CONF" <<-EOF
	[offboard]
	data_dir = $DIR/data
	protect = root, obdemo-ceo@corp.example
	${1:-}
	[web]
	socket = $DIR/web/web.sock
	operator = it
	admin = it
	approver = boss
	viewer = hr
	[system doors]
	kind = doorflow
	url = http://127.0.0.1:$DF
	auth = token
	token_file = $DIR/doors.token
	[system data]
	kind = acceldata
	url = http://127.0.0.1:$AD
	access_key_file = $DIR/data.key
	secret_key_file = $DIR/data.secret
	client_id = adoc-demo
	EOF
}

# The other systems of the company, people who are told, a checklist.
site_more() {
	(umask 077
	printf 'demo-fastio-token\n' >"$DIR/files.token"
	printf 'demo-vanta-secret\n' >"$DIR/vanta.secret"
	printf 'demo-scim-token\n' >"$DIR/scim.token"
	printf 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n' >"$DIR/hook.secret")
	cat >>"$CONF" <<-EOF
	[system files]
	kind = fastio
	url = http://127.0.0.1:$(site_port_of fastio)
	token_file = $DIR/files.token
	org = 9412870056310027841
	[system compliance]
	kind = vanta
	url = http://127.0.0.1:$(site_port_of vanta)
	client_id = demo-vanta
	client_secret_file = $DIR/vanta.secret
	acknowledger = 5df91759d463fd48218e9f15
	rate = 6000
	[system directory]
	kind = scim
	url = http://127.0.0.1:$(site_port_of scim)/scim/v2
	token_file = $DIR/scim.token
	[notify]
	smtp_url = smtp://127.0.0.1:$(site_port_of smtp)
	from = offboard@corp.example
	security = security@corp.example
	hr = hr@corp.example
	facilities = facilities@corp.example
	webhook_url = http://127.0.0.1:$(site_port_of hook)/hr
	webhook_secret_file = $DIR/hook.secret
	[checklist]
	laptop = Laptop and charger returned
	EOF
}

site_linux() {	# adds the Linux hosts to CONF
	cat >>"$CONF" <<-EOF
	[system hosts]
	kind = linux
	EOF
}

# hostd ends processes: here only ever inside a pid namespace of its own.
# Where root cannot have one (a chroot that is no mount point), hostd and the
# login run as nobody, who can end nothing of anybody.
# Sets NS and AS (put before commands), HOSTUID, and SWEEP for people.
site_ns() {
	NS="unshare -p -f --kill-child=TERM --mount-proc -m"
	AS="" HOSTUID=$(id -u) HB=$BUILD
	SWEEP="in a pid namespace of its own"
	[ "$HOSTUID" = 0 ] || NS="unshare -U -r ${NS#unshare }"
	$NS true 2>/dev/null && return
	NS=""
	SWEEP="as $(id -un), who cannot end others'"
	[ "$HOSTUID" = 0 ] || return
	AS="setpriv --reuid=65534 --regid=65534 --clear-groups"
	HOSTUID=65534 HB=$DIR/bin
	SWEEP="as nobody, who cannot end others'"
	mkdir -p "$HB/tests"
	cp "$BUILD/offboard-hostd" "$BUILD/pam_offboard.so" "$HB/"
	cp "$BUILD/tests/pamtry" "$HB/tests/"
}

# The host's own part: a folder instead of /var/lib/offboard-host, and a
# private PAM service that holds the shipped line with that folder.
site_host() {	# NAME: keys, trust, enrolment, configuration
	site_ns
	mkdir -p "$DIR/host" "$DIR/pam"
	"$BUILD/offboard" -c "$CONF" keys init >>"$DIR/setup.log" || return 1
	cp "$DIR/data/keys/trust" "$DIR/trust"
	cat >"$DIR/host.conf" <<-EOF
	[host]
	name = $1
	publication = $DIR/data/publication
	state_dir = $DIR/host
	trust = $DIR/trust
	report_url = http://127.0.0.1:$PORT/hosts/report
	poll = 1s
	sweep_for = 1s
	EOF
	if [ -n "$AS" ]; then
		chown 65534:65534 "$DIR/host" "$DIR/trust" || return 1
	fi
	$AS "$HB/offboard-hostd" -c "$DIR/host.conf" --init >"$DIR/host.line" &&
	"$BUILD/offboard" -c "$CONF" host enroll $(cat "$DIR/host.line") \
	    >>"$DIR/setup.log" || return 1
	cat >"$DIR/pam/offboard-demo" <<-EOF
	account [success=ok ignore=ignore default=die] $HB/pam_offboard.so denylist=$DIR/host/denylist owner=$HOSTUID
	account required pam_permit.so
	EOF
}

site_hostd() {
	site_start hostd $NS $AS "$HB/offboard-hostd" -c "$DIR/host.conf"
}

site_web() {	# [SED]: nginx and offboard.fcgi on PORT; SED edits its file
	local user
	for user in it boss hr; do
		printf '%s:%s\n' $user "$(openssl passwd -apr1 demo)"
	done >"$DIR/web/htpasswd"
	sed -e "s|@PORT@|$PORT|g" -e "s|@PREFIX@|$DIR/web|g" \
	    -e "s|@SOCKET@|$DIR/web/web.sock|g" -e "s|@WWW@|$TOP/www|g" \
	    -e "s|@HTPASSWD@|$DIR/web/htpasswd|g" \
	    -e "s|@PUBLICATION@|$DIR/data/publication|g" \
	    -e "${1:-}" "$TOP/dist/nginx/demo.conf.in" >"$DIR/web/nginx.conf"
	site_start fcgi "$BUILD/offboard.fcgi" -c "$CONF"
	site_until 10 test -S "$DIR/web/web.sock" || return 1
	# As root the workers must be able to reach the socket, which is for
	# nginx alone.
	if [ "$(id -u)" = 0 ]; then
		site_start nginx /usr/sbin/nginx -e "$DIR/web/error.log" \
		    -p "$DIR/web" -c "$DIR/web/nginx.conf" -g 'user root;'
	else
		site_start nginx /usr/sbin/nginx -e "$DIR/web/error.log" \
		    -p "$DIR/web" -c "$DIR/web/nginx.conf"
	fi
	site_until 10 curl -fsS "http://127.0.0.1:$PORT/healthz"
}

site_worker() {
	site_start worker "$BUILD/offboardd" -c "$CONF"
	site_until 10 test -S "$DIR/data/record/worker.sock"
}

site_login() {	# LOGIN: asks libpam; prints accepted or refused
	$AS "$HB/tests/pamtry" "$DIR/pam" offboard-demo "$1"
}
