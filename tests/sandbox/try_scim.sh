# try_scim.sh: the SCIM service and its styles; sourced by try.sh.

su=5f0e3a10-0000-4000-8000-000000000002
stoken=demo-scim-token
smatch=

# sc METHOD PATH [JSON]
sc()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -H "Authorization: Bearer $stoken" \
		    -H 'Content-Type: application/scim+json' \
		    -H "If-Match: $smatch" -d "$3" \
		    "http://127.0.0.1:$scim/scim/v2$2"
	else
		req -X "$1" -H "Authorization: Bearer $stoken" \
		    "http://127.0.0.1:$scim/scim/v2$2"
	fi
}

sfind()
{
	req -G -H "Authorization: Bearer $stoken" \
	    --data-urlencode "filter=$1" \
	    "http://127.0.0.1:$scim/scim/v2/Users"
}

sop()
{
	sc PATCH "/Users/$su" "{\"schemas\":
	    [\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],
	    \"Operations\":[$1]}"
}

style()
{
	ctl POST /reset
	ctl POST /settings "{\"scim_style\":\"$1\"}"
}

scim_check()
{
	start
	stoken=x
	sc GET /Users
	ok "scim: a wrong token is 401" is_has 401 '"status":"401"'
	stoken=demo-scim-token
	sc GET /ServiceProviderConfig
	ok "scim: what it can do" has '"patch":{"supported":true}'
	sc GET '/Users?startIndex=101&count=100'
	ok "scim: the second page" has '"totalResults":130,"startIndex":101,"itemsPerPage":30'
	sc GET '/Users?count=0'
	ok "scim: only the number" lacks Resources
	sfind 'USERNAME EQ "ANNA.FIELDS@corp.example"'
	ok "scim: names in any case" has '"totalResults":1,'
	sfind 'userName eq "nobody"'
	ok "scim: nobody" is_has 200 '"totalResults":0'
	sfind 'userName eq "bob.stone@corp.example"'
	ok "scim: Bob has another name" has '"totalResults":0'
	sfind 'emails.value eq "Bob.Stone@corp.example"'
	ok "scim: but that address" has '"userName":"bstone"'
	sfind 'emails[type eq "work"].value eq "erin.twin@corp.example"'
	ok "scim: twins" has '"totalResults":2'
	sfind 'externalId eq "E-1003" and active eq true'
	ok "scim: Carol by her number" has '"userName":"creyes"'
	sfind 'externalId eq "e-1003"'
	ok "scim: which is case-sensitive" has '"totalResults":0'
	sfind 'userName eq anna'
	ok "scim: a value in quotes" is_has 400 invalidFilter
	sfind 'userName sw "anna"'
	ok "scim: only eq" is_has 400 invalidFilter
	scim_check_patch
	scim_check_styles
	scim_check_faults
	stop
}

scim_check_patch()
{
	req -X PATCH -H "Authorization: Bearer $stoken" \
	    -H 'Content-Type: application/json' -d '{}' \
	    "http://127.0.0.1:$scim/scim/v2/Users/$su"
	ok "scim: writes are application/scim+json" is 415
	sc PATCH "/Users/$su" '{"Operations":[{"op":"replace"}]}'
	ok "scim: a PatchOp says so" is_has 400 invalidSyntax
	sop '{"op":"replace","path":"active","value":"False"}'
	ok "scim: active is a boolean" is_has 400 invalidValue
	sop '{"op":"replace","path":"title","value":"Ghost"},
	    {"op":"replace","path":"groups","value":[]}'
	ok "scim: groups are read-only" is_has 400 mutability
	sc GET "/Users/$su"
	ok "scim: and nothing was done by half" has '"title":"Clerk"'
	sop '{"op":"Replace","path":"active","value":false}'
	ok "scim: inactive" is_has 200 '"active":false'
	ok "scim: the right type" head_has '^content-type: application/scim+json'
	sc GET "/Users/$su"
	ok "scim: reads back" has '"active":false'
	sop '{"op":"replace","value":{"active":true,"name.givenName":"An"}}'
	ok "scim: without a path" has '"givenName":"An"'
	sc POST /Users '{"schemas":
	    ["urn:ietf:params:scim:schemas:core:2.0:User"],
	    "userName":"ANNA.fields@corp.example"}'
	ok "scim: names are given once" is_has 409 uniqueness
	sc DELETE "/Users/$su"
	ok "scim: deleted" is 204
	sc GET "/Users/$su"
	ok "scim: gone" is_has 404 '"status":"404"'
}

scim_check_styles()
{
	off='{"op":"replace","path":"active","value":false}'
	put='{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],
	    "userName":"anna.fields@corp.example","active":false}'
	style patch_no_path
	sop "$off"
	ok "scim patch_no_path: no path" is_has 400 invalidPath
	sop '{"op":"replace","value":{"active":false}}'
	ok "scim patch_no_path: without it" is_has 200 '"active":false'
	style put
	ctl POST /settings '{"scim_etag":true}'
	sc GET /ServiceProviderConfig
	ok "scim put: no PATCH" has '"patch":{"supported":false}'
	ok "scim put: ETags" has '"etag":{"supported":true}'
	sop "$off"
	ok "scim put: PATCH is 501" is 501
	sc PUT "/Users/$su" "$put"
	ok "scim put: If-Match is required" is 412
	smatch='W/"7"'
	sc PUT "/Users/$su" "$put"
	ok "scim put: the right one" is 412
	sc GET "/Users/$su"
	ok "scim put: the version" head_has '^etag: W/"1"$'
	smatch='W/"1"'
	sc PUT "/Users/$su" "$put"
	ok "scim put: replaced" is_has 200 '"active":false'
	ok "scim put: what was left out is gone" lacks '"emails"'
	ok "scim put: but not the groups" has '"g-0001"'
	smatch=
	style ignore
	sop "$off"
	ok "scim ignore: 204" is 204
	sc GET "/Users/$su"
	ok "scim ignore: and nothing" has '"active":true'
	style entra
	sc GET '/users?count=100'
	ok "scim entra: a cursor" has '"nextCursor":"cur_100","resources":'
	ok "scim entra: no total" lacks totalResults
	sc GET '/Users?count=100&cursor=cur_100'
	ok "scim entra: the last page" lacks nextCursor
	sop "$off"
	ok "scim entra: 204" is 204
	sc PUT "/Users/$su" "$put"
	ok "scim entra: no PUT" is 501
	style string_active
	sop "$off"
	ok "scim string_active" has '"active":"False"'
	style patch
	ctl POST /settings '{"scim_filter":"substring"}'
	sfind 'userName eq "anna.fields@corp.example"'
	ok "scim substring: Joanna first" has '"totalResults":2'
	ctl POST /settings '{"scim_filter":"ignored"}'
	sfind 'userName eq "anna.fields@corp.example"'
	ok "scim ignored: everybody" has '"totalResults":130'
	ctl POST /settings '{"scim_filter":"no_emails"}'
	sfind 'emails.value eq "x"'
	ok "scim no_emails" is_has 400 invalidFilter
	ctl POST /settings '{"scim_config":"absent"}'
	sc GET /ServiceProviderConfig
	ok "scim: without a configuration" is 404
	ctl POST /settings '{"scim_style":"free"}'
	ok "settings: no such style" is 422
}

scim_check_faults()
{
	style patch
	ctl POST /fault '{"system":"scim","kind":"unknown_word","times":1}'
	sc GET "/Users/$su"
	ok "fault unknown_word: active" has '"active":"maybe"'
	ctl POST /fault '{"system":"scim","kind":"rate","times":1,
	    "retry_after":9}'
	sc GET /Users
	ok "fault rate: scim's way" is_has 429 '"status":"429"'
	ok "fault rate: with Retry-After" head_has '^retry-after: 9$'
	ctl POST /fault '{"system":"scim","kind":"nothing","times":1}'
	sop '{"op":"replace","path":"active","value":false}'
	ok "fault nothing: inactive, it says" has '"active":false'
	sc GET "/Users/$su"
	ok "fault nothing: but is not" has '"active":true'
	ctl POST /fault '{"system":"scim","kind":"stale","times":1,"ms":300}'
	sop '{"op":"replace","path":"active","value":false}'
	sc GET "/Users/$su"
	ok "fault stale: not yet" has '"active":true'
	sleep 0.4
	sc GET "/Users/$su"
	ok "fault stale: now" has '"active":false'
}
