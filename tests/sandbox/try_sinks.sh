# try_sinks.sh: what receives mail and webhooks; sourced by try.sh.

key=MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw

# mail TO...: sends a message; curl's status is in curlrc.
mail()
{
	printf 'Subject: hello\r\n\r\n.dots\r\n' >"$dir/mail"
	to=
	for a in "$@"; do
		to="$to --mail-rcpt $a"
	done
	: >"$dir/body"
	# shellcheck disable=SC2086
	curl -s -m 5 --noproxy '*' --url "smtp://127.0.0.1:$smtp" \
	    -u "mailer:SECRET-PASSWORD" --mail-from off@corp.example $to \
	    -T "$dir/mail" >"$dir/body" 2>&1
	curlrc=$?
	code=$curlrc
}

# hook ID TIME SIGNATURE BODY
hook()
{
	req -H "webhook-id: $1" -H "webhook-timestamp: $2" \
	    -H "webhook-signature: $3" -H 'Content-Type: application/json' \
	    -d "$4" "http://127.0.0.1:$hookport/some/path"
}

# The signature of ID TIME BODY, by somebody else's code.
sign()
{
	hex=$(printf %s "$key" | base64 -d | od -An -tx1 | tr -d ' \n')
	printf %s "$1.$2.$3" | openssl dgst -sha256 -mac HMAC \
	    -macopt "hexkey:$hex" -binary | base64
}

sinks_check_mail()
{
	mail a@x.example b@x.example
	ok "mail: accepted" test "$curlrc" -eq 0
	ctl GET /mails
	ok "mail: both of them" has '"to":["a@x.example","b@x.example"]'
	ok "mail: its dots" has '\r\n\r\n.dots\r\n'
	ok "mail: who logged in" has '"user":"mailer"'
	ok "mail: not with what" lacks SECRET
	ctl DELETE /mails
	ctl POST /fault '{"system":"smtp","method":"RCPT","path":"a@x",
	    "kind":"status","status":550}'
	mail a@x.example
	ok "mail: refused at RCPT" test "$curlrc" -ne 0
	ctl DELETE /faults
	ctl POST /fault '{"system":"smtp","method":"DATA","kind":"status"}'
	mail a@x.example
	ok "mail: refused at DATA" test "$curlrc" -ne 0
	ctl GET /mails
	ok "mail: and not kept" has '[]'
	ctl DELETE /faults
	ctl POST /fault '{"system":"smtp","method":"END","times":1,
	    "kind":"done_then_status","status":451}'
	mail a@x.example
	ok "mail: refused, it says" test "$curlrc" -ne 0
	ctl GET /mails
	ok "mail: but kept" count '"from"' 1
	ctl POST /fault '{"system":"smtp","kind":"reset","times":1}'
	mail a@x.example
	ok "mail: reset" test "$curlrc" -ne 0
	ctl GET /requests
	ok "mail: on record" has '"system":"smtp","method":"RCPT"'
	printf 'Subject: x\n\nbare\n' >"$dir/lf"
	curl -s -m 5 --noproxy '*' --url "smtp://127.0.0.1:$smtp" \
	    --mail-from a@x.example --mail-rcpt b@x.example \
	    -T "$dir/lf" >/dev/null 2>&1
	code=$?
	ok "mail: lines end in CRLF" test "$code" -ne 0
}

sinks_check_hooks()
{
	hook msg_p5jXN8AQM9LWM0D4loKWxJek 1614265330 \
	    v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= \
	    '{"test": 2432232314}'
	ok "hook: answers 204" is 204
	ctl GET /hooks
	ok "hook: the published example is only too old" \
	    has 'five minutes off'
	ok "hook: the raw body" has '"body":"{\"test\": 2432232314}"'
	ok "hook: the headers" has '"webhook-id":"msg_p5jXN8AQM9LWM0D4loKWxJek"'
	if command -v openssl >/dev/null && command -v base64 >/dev/null
	then
		now=$(date +%s)
		ctl DELETE /hooks
		hook m1 "$now" "v1,AAAA v1,$(sign m1 "$now" '{"a":1}')" \
		    '{"a":1}'
		ctl GET /hooks
		ok "hook: one of the signatures holds" has '"valid":true'
		ctl DELETE /hooks
		hook m1 "$now" "v1,$(sign m1 "$now" '{"a":1}')" '{"a":2}'
		ctl GET /hooks
		ok "hook: another body is not signed" has '"valid":false'
	fi
	ctl DELETE /hooks
	ctl POST /fault '{"system":"hook","kind":"status","status":410,
	    "times":1}'
	hook m1 1 x '{}'
	ok "hook: gone" is 410
	ctl POST /fault '{"system":"hook","kind":"rate","retry_after":4,
	    "times":1}'
	hook m1 1 x '{}'
	ok "hook: throttled" head_has '^retry-after: 4$'
	ctl GET /hooks
	ok "hook: kept with what was answered" has '"status":410'
}

sinks_check()
{
	start
	sinks_check_mail
	sinks_check_hooks
	ctl GET /state
	cp "$dir/body" "$dir/state"
	ctl POST /reset '{"fillers":20,"staff":[{"email":"x@y.example",
	    "fastio":{"owns":["Den"],"member":["org"],"invites":["share:S"]},
	    "vanta":{"employment":"FORMER"},"scim":{}}]}'
	ok "reset: a company of one's own, all systems" is 200
	fa GET "/org/$org/members/list/"
	ok "reset: the operator is added" has it.admin@corp.example
	ctl POST /reset "@$dir/state"
	ok "reset: takes the state of all systems back" is 200
	fa GET "/org/$org/members/list/?limit=500"
	ok "reset: with everybody in them" has '"total":130,'
	ctl POST /latency '{"system":"scim","ms":300}'
	at=$(date +%s%3N)
	sc GET /ServiceProviderConfig
	took=$(($(date +%s%3N) - at))
	ok "latency: one system only" test "$took" -ge 300
	stop
}
