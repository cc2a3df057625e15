#!/bin/sh
# try.sh: a self-check of the simulated company with curl, printed as TAP.
# usage: try.sh PATH-OF-THE-SANDBOX-BINARY

set -u
bin=${1:?usage: try.sh PATH-OF-THE-SANDBOX-BINARY}
here=$(dirname "$0")
dir=$(mktemp -d) || exit 1
n=0
bad=0
pid=

cleanup()
{
	[ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

# ok TEXT COMMAND...: one test line, from the command's exit status.
ok()
{
	text=$1
	shift
	n=$((n + 1))
	if "$@" >"$dir/why" 2>&1; then
		echo "ok $n - $text"
	else
		echo "not ok $n - $text"
		bad=$((bad + 1))
		echo "# status $code"
		cut -c1-300 "$dir/body" | head -n 5 | sed 's/^/# /'
	fi
}

start()
{
	rm -f "$dir/ports"
	"$bin" --ports-file "$dir/ports" --log "$dir/log" "$@" &
	pid=$!
	i=0
	while [ ! -f "$dir/ports" ]; do
		i=$((i + 1))
		if [ $i -gt 100 ]; then
			echo "Bail out! the sandbox does not start"
			exit 1
		fi
		sleep 0.1
	done
	doorflow=$(sed -n 's/^doorflow=//p' "$dir/ports")
	acceldata=$(sed -n 's/^acceldata=//p' "$dir/ports")
	control=$(sed -n 's/^control=//p' "$dir/ports")
	fastio=$(sed -n 's/^fastio=//p' "$dir/ports")
	vanta=$(sed -n 's/^vanta=//p' "$dir/ports")
	scim=$(sed -n 's/^scim=//p' "$dir/ports")
	smtp=$(sed -n 's/^smtp=//p' "$dir/ports")
	hookport=$(sed -n 's/^hook=//p' "$dir/ports")
}

stop()
{
	kill "$pid"
	wait "$pid"
	code=$?
	pid=
}

req()
{
	: >"$dir/body"
	: >"$dir/head"
	code=$(curl -s -m 10 --noproxy '*' -o "$dir/body" -D "$dir/head" \
	    -w '%{http_code}' "$@")
	curlrc=$?
}

# df METHOD PATH [BODY], ad METHOD PATH [BODY], ctl METHOD PATH [BODY]
df()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -H "Authorization: Bearer $token" \
		    -H 'Content-Type: application/json' -d "$3" \
		    "http://127.0.0.1:$doorflow$2"
	else
		req -X "$1" -H "Authorization: Bearer $token" \
		    "http://127.0.0.1:$doorflow$2"
	fi
}

ad()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -H "accessKey: $access" -H "secretKey: $secret" \
		    -H 'Content-Type: application/json' -d "$3" \
		    "http://127.0.0.1:$acceldata$2"
	else
		req -X "$1" -H "accessKey: $access" -H "secretKey: $secret" \
		    "http://127.0.0.1:$acceldata$2"
	fi
}

ctl()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -d "$3" "http://127.0.0.1:$control$2"
	else
		req -X "$1" "http://127.0.0.1:$control$2"
	fi
}

is()
{
	[ "$code" = "$1" ]
}

has()
{
	grep -qF -- "$1" "$dir/body"
}

lacks()
{
	! grep -qF -- "$1" "$dir/body"
}

head_has()
{
	tr -d '\r' <"$dir/head" | grep -qi -- "$1"
}

count()
{
	[ "$(grep -oF -- "$1" "$dir/body" | wc -l)" -eq "$2" ]
}

is_has()
{
	is "$1" && has "$2"
}

# The first id in the last answer.
first_id()
{
	sed -n 's/^[^0-9]*"id":\([0-9]*\).*/\1/p' "$dir/body"
}

first_user()
{
	sed -n 's/.*"users":\[{"userId":"\([^"]*\)".*/\1/p' "$dir/body"
}

door()
{
	ctl POST /door "{\"email\":\"$1\",\"door\":\"${2:-Main entrance}\"}"
}

token=demo-doorflow-token
access=AK-demo-operator
secret=demo-acceldata-secret
code=0
curlrc=0
: >"$dir/body"

start
ok "writes three ports" test -n "$doorflow" -a -n "$acceldata" -a \
    -n "$control"

# --- DoorFlow: who may ask ---
req "http://127.0.0.1:$doorflow/api/3/people"
ok "doorflow: no token is 401" is_has 401 '"error":"unauthorized"'
token=wrong
df GET /api/3/people
ok "doorflow: a wrong token is 401" is_has 401 '"error":"invalid_token"'
token=demo-doorflow-token
df GET /api/3/nothing
ok "doorflow: an unknown path is 404" is_has 404 '"error":"not_found"'
df PATCH /api/3/people
ok "doorflow: a wrong method is 405" is 405

# --- DoorFlow: finding people ---
df GET /api/3/people
ok "people: a bare array of 50" count '"first_name"' 50
ok "people: says how many there are" head_has '^Per-Page: 50$'
total=$(tr -d '\r' <"$dir/head" | sed -n 's/^[Tt]otal: //p')
ok "people: more than two pages" test "$total" -gt 120
df GET '/api/3/people?per_page=500&page=2'
ok "people: never more than 100 a page" head_has '^Per-Page: 100$'
df GET '/api/3/people?email=anna.fields%40corp.example'
ok "people: the filter is partial, Joanna comes first" \
    grep -q '^\[{"id":[0-9]*,"first_name":"Joanna"' "$dir/body"
ok "people: the filter finds two" count '"first_name"' 2
ok "people: records carry secrets" has SECRET-PIN-anna.fields
anna=$(sed -n 's/.*"id":\([0-9]*\),"first_name":"Anna".*/\1/p' "$dir/body")
df GET '/api/3/people?email=DAVE.hill@corp.example'
ok "people: the filter ignores case" has 'Dave.Hill@CORP.example'
df GET '/api/3/people?email=erin.twin@corp.example'
ok "people: erin is there twice" count '"first_name":"Erin"' 2
df GET "/api/3/people/$anna"
ok "people: one by id" is_has 200 '"last_name":"Fields"'
df GET /api/3/people/999999
ok "people: 404" is 404

# --- DoorFlow: doors and sync ---
door anna.fields@corp.example
ok "door: opens before" has '"opens":true'
df PUT "/api/3/people/$anna" '{"enabled":"no"}'
ok "put: a string for a boolean is 422" is_has 422 '"errors"'
df PUT "/api/3/people/$anna" '{"person":{"enabled":false}}'
ok "put: a wrapped body is 422" is 422
df PUT "/api/3/people/$anna" '{"group_ids":[4711]}'
ok "put: an unknown group is 422" is 422
df PUT "/api/3/people/$anna" '{"enabled":'
ok "put: broken JSON is 400" is 400
df PUT "/api/3/people/$anna" '{"enabled":false}'
ok "put: 201 and the person" is_has 201 '"enabled":false'
door anna.fields@corp.example
ok "door: still opens before the sync" has '"opens":true'
df GET /api/3/account
ok "account: changes are pending" has '"status":"pending"'
ctl POST /channel '{"name":"Loading dock","status":"offline"}'
df POST /api/3/sync
ok "sync: 200" is_has 200 '"result":"ok"'
df GET /api/3/account
ok "account: syncing" has '"status":"syncing"'
df POST /api/3/sync
ok "sync: 429 with retry_in" is_has 429 '"retry_in":1'
sleep 0.5
door anna.fields@corp.example
ok "door: shut after the sync" has '"opens":false'
door anna.fields@corp.example 'Loading dock'
ok "door: an offline door still opens" has '"opens":true'
df GET /api/3/channels
ok "channels: three ok, one pending" count '"status":"ok"' 3
ctl POST /channel '{"name":"Loading dock","status":"online"}'
sleep 0.5
door anna.fields@corp.example 'Loading dock'
ok "door: shut once it is back online" has '"opens":false'
df GET /api/3/account
ok "account: complete" has '"status":"complete"'
df GET '/api/3/events?event_codes=10&last_name=fields&n=10'
ok "events: the admitted ones" count '"event_code":10' 4
df GET '/api/3/events?event_codes=999'
ok "events: unknown codes are 400" is 400
df GET '/api/3/events?since=2999-01-01T00:00:00Z'
ok "events: since" is_has 200 '[]'

# --- DoorFlow: credentials and grants ---
df GET "/api/3/people/$anna/credentials"
ok "credentials: three, with secrets" count '"person_id"' 3
mobile=$(sed -n 's/.*"id":"\([^"]*\)"[^}]*SECRET-URL.*/\1/p' "$dir/body")
card=$(sed -n 's/^\[{"id":"\([^"]*\)".*/\1/p' "$dir/body")
df PUT "/api/3/people/$anna/credentials/$card" \
    '{"person_credential":{"enabled":false}}'
ok "credentials: the guide's body is 422" is 422
df DELETE "/api/3/people/$anna/credentials/$card"
ok "credentials: a card goes with 200 text" is 200
ok "credentials: as text/plain" head_has '^content-type: text/plain'
df DELETE "/api/3/people/$anna/credentials/$mobile"
ok "credentials: a mobile pass goes with 202" is 202
df GET "/api/3/people/$anna/credentials"
ok "credentials: revoking" has '"status":"revoking"'
sleep 0.4
df GET "/api/3/people/$anna/credentials"
ok "credentials: revoked" has '"status":"revoked"'
df GET "/api/3/people/1/credentials/$card"
ok "credentials: 404" is 404
df GET /api/3/reservations
ok "reservations: outlive disabling" count '"person_id"' 1
df DELETE "/api/3/reservations/$(first_id)"
ok "reservations: deleted" is_has 200 '"result":"ok"'
df GET /api/3/group_reservations
ok "group reservations: bob's" count '"group_ids"' 1
df POST /api/3/notification_rules '{"name":"x","match_event_codes":[10]}'
ok "rules: a callback is required" is 422
df POST /api/3/notification_rules \
    '{"name":"x","call_back_url":"http://c.example","match_event_codes":[1]}'
ok "rules: made" is_has 200 '"conditions":[]'
df DELETE "/api/3/notification_rules/$(first_id)"
ok "rules: deleted" is 200
df GET /api/3/groups
ok "groups: bare array" has '[{"id":11'
df GET /api/3/credential_types
ok "credential types: slugs" has '"slug":"card_number"'
df DELETE "/api/3/people/$anna"
ok "people: deleted" is_has 200 '"result":"ok"'
df GET "/api/3/people/$anna"
ok "people: gone" is 404

# --- DoorFlow: tokens ---
oauth()
{
	req -d "grant_type=$1" -d client_id=demo-client \
	    -d client_secret="$2" -d refresh_token="$3" \
	    "http://127.0.0.1:$doorflow/oauth/token"
}
oauth client_credentials demo-client-secret demo-refresh-1
ok "oauth: no client credentials" is_has 400 unsupported_grant_type
oauth refresh_token wrong demo-refresh-1
ok "oauth: wrong secret" is_has 401 invalid_client
oauth refresh_token demo-client-secret demo-refresh-1
ok "oauth: a new pair" is_has 200 '"refresh_token":"demo-refresh-2"'
oauth refresh_token demo-client-secret demo-refresh-1
ok "oauth: the old refresh token is dead" is_has 400 invalid_grant
oauth refresh_token demo-client-secret demo-refresh-2
ok "oauth: the new one works" is 200
token=demo-access-1
df GET /oauth/token/info
ok "oauth: older access tokens live on" is_has 200 '"resource_owner_id"'
req -u demo-client:demo-client-secret -d token=demo-refresh-3 \
    "http://127.0.0.1:$doorflow/oauth/revoke"
ok "oauth: revoked" is 200
df GET /api/3/people
ok "oauth: revoking kills the access tokens" is 401
token=demo-doorflow-token

# --- Acceldata ---
ctl POST /reset
ok "reset" is 200
secret=wrong
ad GET /admin/api/users/list
ok "acceldata: wrong key is 401" is 401
secret=demo-acceldata-secret
ad GET /admin/api/users/list
ok "users: ten a page" count '"userId"' 10
ad GET '/admin/api/users/list?searchString=anna.fields%40corp'
ok "users: Joanna comes first" grep -q \
    '"users":\[{[^{]*"firstName":"Joanna"' "$dir/body"
ad GET '/admin/api/users/list?searchString=anna.fields@corp&first=1'
u=$(first_user)
ad GET '/admin/api/users/list?searchString=nobody-at-all'
ok "users: none is null" has '"users":null'
ad GET '/admin/api/users/count?searchString=fields'
ok "users: count" has 3
ad PUT "/admin/api/users/$u" '{"enabled":false}'
ok "users: scimManaged is required" is 422
ad PUT "/admin/api/users/$u" '{"scimManaged":false,"attributes":{"a":"b"}}'
ok "users: attributes are arrays" is 422
ad PUT "/admin/api/users/$u" \
    '{"scimManaged":false,"enabled":false,"attributes":{"s":["X"]}}'
ok "users: disabled" is_has 200 '"status":true'
ad GET "/admin/api/users/$u"
ok "users: the attributes were replaced" lacks '"team"'
ok "users: reads back disabled" has '"enabled":false'
ad GET '/admin/api/users/list?searchString=frank.idp'
f=$(first_user)
ad PUT "/admin/api/users/$f" '{"scimManaged":true,"enabled":false}'
ok "users: managed upstream is 403" is 403
ad GET "/admin/api/users/$u/api-keys"
ok "keys: 25 of 60, in clear" count SECRET-KEY-anna.fields 25
ad GET "/admin/api/users/$u/api-keys?page=2"
ok "keys: ten on the third page" count SECRET-KEY-anna.fields 10
access=AK-anna.fields-001
secret=SECRET-KEY-anna.fields-001
ad GET "/admin/api/users/$u"
ok "keys: of a disabled user still work" is 200
ad GET /admin/api/users/list
ok "keys: but may not do everything" is 403
access=AK-demo-operator
secret=demo-acceldata-secret
ad DELETE /admin/api/users/api-keys/AK-anna.fields-001
ok "keys: deleted" is_has 200 '"status":true'
ad DELETE /admin/api/users/api-keys/AK-anna.fields-001
ok "keys: twice is 404" is 404
ad DELETE '/admin/api/users/api-keys/AK-*'
ok "keys: no wildcards" is 404
ad DELETE /admin/api/users/api-keys/AK-demo-operator
ok "keys: not one's own" is 403
ad PUT "/admin/api/users/$u/remove-groups" '{"groupIds":["grp-data-eng"]}'
ok "groups: the guide's body is 422" is 422
ad PUT "/admin/api/users/$u/remove-groups" \
    '{"data":{"groups":["grp-nowhere"]}}'
ok "groups: an unknown one is 500" is_has 500 '"status":false'
ad PUT "/admin/api/users/$u/remove-groups" '{"data":{"groups":
    ["grp-data-eng","grp-pipeline-owners","grp-prod-access"]}}'
ok "groups: removed" is 200
ad GET "/admin/api/users/$u/groups"
ok "groups: none left" has '[]'
ad GET "/authz/api/v1/users/$u/roles"
ok "roles: a direct one survives" has '"source":"direct"'
ad GET "/admin/api/assigned-client-roles/$u"
ok "roles: clientId is required" is 400
ad GET "/admin/api/assigned-client-roles/$u?clientId=adoc-demo"
ok "roles: assigned" has '"name":"admin"'
ad PUT /admin/api/remove-assigned-client-roles \
    "{\"data\":{\"clientId\":\"adoc-demo\",\"userId\":\"$u\",\"roles\":[3]}}"
ok "roles: all five members are required" is 422
ad PUT /admin/api/remove-assigned-client-roles \
    "{\"data\":{\"clientId\":\"adoc-demo\",\"userId\":\"$u\",\"roles\":[3],
    \"domainRoleMapping\":[],\"serviceUserDomainRoleMappings\":[]}}"
ok "roles: removed" is 200
ad GET "/authz/api/v1/users/permissions?userId=$u"
ok "permissions: none left" has '"permissions":[]'
ad GET /admin/api/v1/service-users/list
ok "service users: with their keys" has SECRET-KEY-svc-orders-loader
ad PUT /admin/api/v1/service-users/su-svc-orders-loader '{"enabled":false}'
ok "service users: disabled" is 200
ad DELETE /admin/api/v1/service-users/su-svc-orders-loader/api-key/AK-none
ok "service users: unknown key" is 404
ad DELETE \
    /admin/api/v1/service-users/su-svc-orders-loader/api-key/AK-svc-orders-loader
ok "service users: key deleted" is 200
ad GET '/torch-pipeline/api/pipelines/summary?page=0&size=2'
ok "pipelines: paged" has '"count":3'
ad PUT /torch-pipeline/api/pipelines '{"meta":{"owner":"heir@corp.example"}}'
ctl GET /state
ok "pipelines: the guide's body makes junk" has '"uid":"unnamed-900"'
ad PUT /torch-pipeline/api/pipelines \
    '{"pipeline":{"uid":"churn-model","meta":{"owner":"heir@corp.example"}}}'
ad GET /torch-pipeline/api/pipelines/churn-model
ok "pipelines: what was left out is lost" lacks codeLocation
ad DELETE "/admin/api/users/$u/remove-user"
ok "users: removed" is 200
ad GET "/admin/api/users/$u"
ok "users: gone" is 404

# --- faults ---
ctl POST /reset
fault()
{
	ctl DELETE /faults
	ctl POST /fault "$1"
}
fault '{"kind":"nonsense"}'
ok "fault: unknown kinds are refused" is 422
fault '{"system":"acceldata","kind":"status","times":1,"status":503,
    "retry_after":2}'
ad GET /admin/api/users/list
ok "fault status: 503" is 503
ok "fault status: Retry-After" head_has '^retry-after: 2$'
ad GET /admin/api/users/list
ok "fault times: once only" is 200
fault '{"kind":"status","after":1,"times":1,"status":500}'
ad GET /admin/api/users/list
ok "fault after: lets one pass" is 200
ad GET /admin/api/users/list
ok "fault after: then strikes" is 500
ad GET '/admin/api/users/list?searchString=carol.reyes'
u=$(first_user)
body='{"scimManaged":false,"enabled":false}'
fault '{"kind":"nothing","method":"PUT"}'
ad PUT "/admin/api/users/$u" "$body"
ok "fault nothing: says yes" is_has 200 '"status":true'
ad GET "/admin/api/users/$u"
ok "fault nothing: did nothing" has '"enabled":true'
fault '{"kind":"false","method":"PUT"}'
ad PUT "/admin/api/users/$u" "$body"
ok "fault false: 200 with status false" is_has 200 '"status":false'
fault '{"kind":"stale","method":"PUT","ms":400}'
ad PUT "/admin/api/users/$u" "$body"
ad GET "/admin/api/users/$u"
ok "fault stale: reads show the old state" has '"enabled":true'
sleep 0.5
ad GET "/admin/api/users/$u"
ok "fault stale: for a while" has '"enabled":false'
ctl POST /change '{"email":"carol.reyes@corp.example","enabled":true}'
fault '{"kind":"done_then_status","method":"PUT","status":502}'
ad PUT "/admin/api/users/$u" "$body"
ok "fault done_then_status: 502" is 502
ad GET "/admin/api/users/$u"
ok "fault done_then_status: but done" has '"enabled":false'
fault '{"kind":"truncate"}'
ad GET "/admin/api/users/$u"
ok "fault truncate: curl notices" test "$curlrc" -eq 18
fault '{"kind":"half"}'
ad GET "/admin/api/users/$u"
ok "fault half: a whole answer of half a JSON" test "$curlrc" -eq 0
fault '{"kind":"garbage"}'
ad GET "/admin/api/users/$u"
ok "fault garbage" is_has 200 '<html>'
fault '{"kind":"empty"}'
ad GET "/admin/api/users/$u"
ok "fault empty" test "$code" = 200 -a ! -s "$dir/body"
fault '{"kind":"reset"}'
ad GET "/admin/api/users/$u"
ok "fault reset: no answer" test "$code" = 000 -a "$curlrc" -ne 28
fault '{"kind":"hang"}'
req -m 1 -H "accessKey: $access" -H "secretKey: $secret" \
    "http://127.0.0.1:$acceldata/admin/api/users/list"
ok "fault hang: runs into the timeout" test "$curlrc" -eq 28
fault '{"kind":"slow","ms":20}'
req -m 1 -H "accessKey: $access" -H "secretKey: $secret" \
    "http://127.0.0.1:$acceldata/admin/api/users/list"
ok "fault slow: drips" test "$curlrc" -eq 28 -a -s "$dir/body"
fault '{"kind":"huge"}'
curl -s -m 5 --noproxy '*' -H "accessKey: $access" -H "secretKey: $secret" \
    "http://127.0.0.1:$acceldata/admin/api/users/list" | head -c 3000000 \
    >"$dir/body"
ok "fault huge: does not end" test "$(wc -c <"$dir/body")" -eq 3000000
: >"$dir/body"
fault '{"kind":"delay","ms":300}'
ad GET "/admin/api/users/$u"
ok "fault delay: answers in the end" is 200
fault '{"kind":"rate","system":"doorflow","retry_after":7}'
df GET /api/3/people
ok "fault rate: doorflow's way" is_has 429 '"retry_in":7'
fault '{"kind":"rate","system":"acceldata"}'
ad GET "/admin/api/users/$u"
ok "fault rate: acceldata's way" test "$code" = 429 -a ! -s "$dir/body"
fault '{"kind":"unauthorized"}'
df GET /api/3/people
ok "fault unauthorized" is 401
fault '{"kind":"forbidden"}'
df GET /api/3/people
ok "fault forbidden" is 403
fault '{"kind":"redirect"}'
df GET /api/3/people
ok "fault redirect" test "$code" = 302
ok "fault redirect: to another host" head_has '^location: http://elsewhere'
fault '{"kind":"unknown_word"}'
df GET /api/3/account
ok "fault unknown_word: account" has '"status":"quantum"'
df GET /api/3/channels
ok "fault unknown_word: channels" count '"status":"quantum"' 4
ctl DELETE /faults

# --- control ---
ctl DELETE /requests
df PUT /api/3/people/1 '{"enabled":false}'
ctl GET /requests
ok "requests: recorded with their body" has '"path":"/api/3/people/1"'
ok "requests: and their status" has '"status":404'
ok "log: has the line" grep -q '^doorflow PUT /api/3/people/1 404$' \
    "$dir/log"
ok "log: never a token" sh -c "! grep -q demo-doorflow-token '$dir/log'"
ctl GET /state
cp "$dir/body" "$dir/state"
ctl POST /reset '{"staff":[{"email":"x@y.example","first":"X","last":"Y",
    "doorflow":{"groups":["All staff"]},"acceldata":{"keys":3}}]}'
ok "reset: a company of one's own" is 200
df GET /api/3/people
ok "reset: has one person" count '"first_name"' 1
ctl POST /reset '{"staff":[{"email":"x@y.example",
    "doorflow":{"groups":["None"]}}]}'
ok "reset: mistakes are refused" is_has 422 'no such entry'
ctl POST /reset "@$dir/state"
ok "reset: takes a state dump back" is 200
door anna.fields@corp.example
ok "reset: and Anna is there again" has '"opens":true'
ctl POST /reset '{"doorflow":{"oauth":{"scopes":["account.person"]}}}'
df POST /api/3/sync
ok "scopes: sync without its scope is 403" is_has 403 '"error":"forbidden"'
stop
ok "ends with 0 on SIGTERM" is 0

# --- the other services ---
for part in fastio vanta scim sinks; do
	. "$here/try_$part.sh"
done
fastio_check_found
vanta_check_found
scim_check
sinks_check

# --- the guide's dialect ---
start --dialect guide
df GET '/api/3/people?email=bob.stone@corp.example'
ok "guide: people under a name" has '{"people":[{"id"'
b=$(sed -n 's/.*{"people":\[{"id":\([0-9]*\).*/\1/p' "$dir/body")
df GET "/api/3/people/$b/credentials"
ok "guide: credentials with their type" has '"credential_type_name":"Card"'
card=$(sed -n 's/.*"credentials":\[{"id":"\([^"]*\)".*/\1/p' "$dir/body")
df PUT "/api/3/people/$b/credentials/$card" \
    '{"person_credential":{"enabled":false}}'
ok "guide: disables a credential" is_has 200 '"enabled":false'
ad GET '/admin/api/users/list?searchString=carol.reyes'
ok "guide: users have an id and names of groups" \
    has '"groups":["Data engineers"]'
u=$(sed -n 's/.*"id":"\(user-[0-9]*\)".*/\1/p' "$dir/body")
ad PUT "/admin/api/users/$u" '{"enabled":false,"attributes":{"a":["b"]}}'
ok "guide: the short body" is_has 200 '"success":true'
ad PUT "/admin/api/users/$u/remove-groups" '{"data":{"groups":[]}}'
ok "guide: the contract's body is 422" is 422
ad PUT "/admin/api/users/$u/remove-groups" '{"groupIds":["grp-data-eng"]}'
ok "guide: groups removed" is_has 200 '"groups":[]'
fastio_check_guide
vanta_check_guide
stop
ok "ends with 0 again" is 0

echo "1..$n"
exit "$((bad > 0))"
