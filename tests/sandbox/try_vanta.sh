# try_vanta.sh: the compliance service; sourced by try.sh.

boss=5df91759d463fd48218e9f15
vtoken=

# va METHOD PATH [JSON]
va()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -H "Authorization: Bearer $vtoken" \
		    -H 'Content-Type: application/json' -d "$3" \
		    "http://127.0.0.1:$vanta$2"
	else
		req -X "$1" -H "Authorization: Bearer $vtoken" \
		    "http://127.0.0.1:$vanta$2"
	fi
}

vgrant()
{
	req -H "Content-Type: ${2:-application/json}" -d \
	    "{\"client_id\":\"demo-vanta\",\"client_secret\":\"demo-vanta-secret\",
	    \"grant_type\":\"client_credentials\",\"scope\":\"$1\"}" \
	    "http://127.0.0.1:$vanta/oauth/token"
	vtoken=$(sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p' "$dir/body")
}

vboth='vanta-api.all:read vanta-api.all:write'

# The number of a person of the built-in staff as an id.
vid()
{
	echo "635c369a274dff270000000$1"
}

voff()
{
	va POST /v1/people/offboard \
	    "{\"updates\":[{\"id\":\"$1\",\"acknowledgerId\":\"$boss\"}]}"
}

vanta_check_found()
{
	start
	vgrant "$vboth" application/x-www-form-urlencoded
	ok "vanta: the token request is JSON" is_has 400 invalid_request
	vgrant vanta-api.everything
	ok "vanta: scopes are checked" is_has 400 invalid_scope
	vgrant vanta-api.all:read
	ok "vanta: a token to read" is_has 200 '"expires_in":3600'
	voff "$(vid 4)"
	ok "vanta: is not one to write" is 403
	old=$vtoken
	vgrant "$vboth"
	new=$vtoken vtoken=$old
	va GET /v1/people
	ok "vanta: the new token kills the old one" is 401
	vtoken=$new
	va GET /v1/people
	ok "vanta: ten a page" count '"emailAddress":"' 10
	ok "vanta: and a cursor" has '"hasNextPage":true'
	cursor=$(sed -n 's/.*"endCursor":"\([^"]*\)".*/\1/p' "$dir/body")
	va GET "/v1/people?pageSize=100&pageCursor=$cursor"
	ok "vanta: the next page" has '"hasPreviousPage":true'
	va GET '/v1/people?pageSize=101'
	ok "vanta: pageSize is at most 100" is 400
	va GET '/v1/people?emailAndNameFilter=ANNA.fields@corp'
	ok "vanta: partial, so Joanna too" count '"emailAddress":"' 2
	va GET '/v1/people?emailAndNameFilter=erin.twin&pageSize=100'
	ok "vanta: twins" count '"emailAddress":"erin' 2
	va GET "/v1/people/$(vid 5)"
	ok "vanta: a task is open" \
	    has '"incompleteCustomOffboardingTasks":[{"name":"Return the'
	va POST /v1/people/offboard "{\"offboardingAcknowledgerId\":\"$boss\",
	    \"employeeIds\":[\"$(vid 4)\"]}"
	ok "vanta: the guide's body is 400" is 400
	va POST /v1/people/offboard \
	    "{\"updates\":[{\"id\":\"$(vid 4)\",\"acknowledgerId\":\"me\"}]}"
	ok "vanta: the acknowledger is checked" is 422
	vanta_check_offboard
	vanta_check_groups
	vgrant "$vboth"
	vgrant "$vboth"
	ok "vanta: five tokens a minute" is 429
	ok "vanta: says how long to wait" head_has '^retry-after: [0-9]*$'
	stop
}

vanta_check_offboard()
{
	voff "$(vid 2)"
	ok "vanta: Anna works here" is_has 200 'status is CURRENT'
	voff "$(vid 5)"
	ok "vanta: Carol has a task" is_has 200 'not complete: 1'
	voff "$(vid 6)"
	ok "vanta: Dave has an account" is_has 200 'GitHub: dhill'
	voff nobody
	ok "vanta: nobody" is_has 200 '"status":"ERROR"'
	ctl POST /fault '{"system":"vanta","kind":"nothing","times":1}'
	voff "$(vid 4)"
	ok "fault nothing: offboarded, it says" has '"status":"SUCCESS"'
	va GET "/v1/people/$(vid 4)"
	ok "fault nothing: but is not" has '"status":"OFFBOARDING_DUE_SOON"'
	ctl POST /fault '{"system":"vanta","kind":"missing","times":1}'
	voff "$(vid 4)"
	ok "fault missing: no result" is_has 200 '{"results":[]}'
	ctl POST /fault '{"system":"vanta","kind":"unknown_word","times":2}'
	voff "$(vid 4)"
	ok "fault unknown_word: a result" has '"status":"QUANTUM"'
	va GET "/v1/people/$(vid 4)"
	ok "fault unknown_word: a person" has '"employment":{"status":"QUANTUM"'
	va GET "/v1/people/$(vid 4)"
	ok "vanta: Bob is done" has '"status":"OFFBOARDING_COMPLETE"'
	voff "$(vid 4)"
	ok "vanta: twice is once" has '"status":"SUCCESS"'
	ctl POST /change '{"system":"vanta","email":"anna.fields@corp.example",
	    "employment":"FORMER"}'
	voff "$(vid 2)"
	ok "vanta: Anna has left" has '"status":"SUCCESS"'
	ctl POST /change '{"system":"vanta","email":"dave.hill@corp.example",
	    "accounts":[]}'
	voff "$(vid 6)"
	ok "vanta: Dave's account is gone" has '"status":"SUCCESS"'
	ctl POST /fault '{"system":"vanta","kind":"rate","times":1,
	    "retry_after":3}'
	va GET /v1/people
	ok "fault rate: vanta's way" head_has '^retry-after: 3$'
	va PATCH "/v1/people/$(vid 3)" '{"employment":{"status":"FORMER"}}'
	ok "vanta: nobody is made FORMER from outside" is 405
}

vanta_check_groups()
{
	g=654e4e99e527d4a47f7a5111
	va GET /v1/groups
	ok "vanta: groups" has "\"id\":\"$g\""
	va GET "/v1/groups/$g/people"
	ok "vanta: a bare array of its people" has "[{\"id\":\"$(vid 2)\""
	va POST "/v1/groups/$g/remove-people" \
	    "{\"updates\":[{\"id\":\"$(vid 2)\"},{\"id\":\"$(vid 3)\"}]}"
	ok "vanta: one was in it, one was not" \
	    test "$(grep -o SUCCESS "$dir/body" | wc -l)" -eq 1 -a \
	    "$(grep -o ERROR "$dir/body" | wc -l)" -eq 1
	va GET "/v1/people/$(vid 2)"
	ok "vanta: left the group" lacks "$g"
	va DELETE "/v1/groups/6042d90831b0ef1977131cf5/people/$(vid 2)"
	ok "vanta: left the other" is_has 200 '"groupIds":[]'
}

vanta_check_guide()
{
	vgrant "$vboth"
	voff "$(vid 4)"
	ok "guide: the contract's body is 400" is 400
	va POST /v1/people/offboard "{\"offboardingAcknowledgerId\":\"$boss\",
	    \"employeeIds\":[\"$(vid 4)\",\"$(vid 2)\"]}"
	ok "guide: who failed is not named" \
	    has "{\"offboardedPeople\":[\"$(vid 4)\"]}"
	va POST /v1/people/offboard "{\"offboardingAcknowledgerId\":\"x\",
	    \"employeeIds\":[\"$(vid 4)\"]}"
	ok "guide: the acknowledger is checked" is 422
}
