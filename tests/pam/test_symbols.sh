#!/bin/sh
# The module exports six names, needs libpam and libc, and is hardened.
so=${BUILD:-build}/pam_offboard.so
n=0 bad=0

check() { # WHAT COMMAND...
	what=$1; shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		bad=1
	fi
}

exports() {
	have=$(nm -D --defined-only "$so" | awk '{print $3}' | sort | tr '\n' ' ')
	[ "$have" = "pam_sm_acct_mgmt pam_sm_authenticate pam_sm_chauthtok \
pam_sm_close_session pam_sm_open_session pam_sm_setcred " ] && return 0
	echo "# $have"
	return 1
}

needs() {
	have=$(readelf -d "$so" | sed -n 's/.*NEEDED.*\[\(.*\)\].*/\1/p' |
	    sort | tr '\n' ' ')
	[ "$have" = "libc.so.6 libpam.so.0 " ] && return 0
	echo "# $have"
	return 1
}

# Nothing writable but what the loader relocates: no state between calls.
# completed.0 is the C start code's own.
no_state() {
	have=$(nm "$so" | awk '$2 ~ /^[bBdD]$/ {print $3}' |
	    grep -vxE 'completed\.[0-9]+|_[A-Z_]+|__[a-zA-Z_]+|_edata|_end')
	[ -z "$have" ] && return 0
	echo "# $have"
	return 1
}

uses_none() { # PATTERN
	have=$(nm -D --undefined-only "$so" | awk '{print $2}' |
	    sed 's/@.*//' | grep -xE "$1")
	[ -z "$have" ] && return 0
	echo "# $have"
	return 1
}

now() { readelf -d "$so" | grep -q 'FLAGS_1.*NOW'; }
relro() { readelf -lW "$so" | grep -q GNU_RELRO; }
stack() { ! readelf -lW "$so" | grep GNU_STACK | grep -q E; }

check 'exactly six names are exported' exports
check 'only libpam and libc are needed' needs
check 'no writable data of its own' no_state
check 'no mmap, thread, signal, openlog, environment or output' uses_none \
    'mmap|pthread_.*|signal|sigaction|openlog|getenv|setenv|fork|system|printf|puts|atexit|setlocale'
check 'bound at load (NOW)' now
check 'relocations read-only (RELRO)' relro
check 'stack not executable' stack
echo "1..$n"
exit $bad
