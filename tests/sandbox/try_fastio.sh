# try_fastio.sh: the file service in both dialects; sourced by try.sh.

org=9412870056310027841
ext=9412870056310027842
anna=98217364509182736002
joanna=98217364509182736001
heir=98217364509182736009
admin=98217364509182736010
ftoken=demo-fastio-token

# fa METHOD PATH [FORM], fj METHOD PATH [JSON]
fa()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -H "Authorization: Bearer $ftoken" -d "$3" \
		    "http://127.0.0.1:$fastio/current$2"
	else
		req -X "$1" -H "Authorization: Bearer $ftoken" \
		    "http://127.0.0.1:$fastio/current$2"
	fi
}

fj()
{
	if [ $# -gt 2 ]; then
		req -X "$1" -H "Authorization: Bearer $ftoken" \
		    -H 'Content-Type: application/json' -d "$3" \
		    "http://127.0.0.1:$fastio$2"
	else
		req -X "$1" -H "Authorization: Bearer $ftoken" \
		    "http://127.0.0.1:$fastio$2"
	fi
}

# The id of the place with this name in the last answer.
place()
{
	grep -o "\"id\":\"[0-9]*\",\"name\":\"$1\"" "$dir/body" |
	    cut -d'"' -f4
}

refused()
{
	is "$1" && has '"result":"no"' && has "$2"
}

fastio_check_found()
{
	start
	fa GET /user/auth/check/
	ok "fastio: whose token it is" has "\"user_id\":\"$admin\""
	ftoken=wrong
	fa GET /user/auth/check/
	ok "fastio: a wrong token is 401" refused 401 '"code":10011'
	ftoken=demo-fastio-readonly
	fa DELETE "/org/$org/members/$anna/"
	ok "fastio: a token that only reads" refused 403 '"code":10754'
	fa GET /auth/scopes/
	ok "fastio: scopes" has "\"org:$org:r\""
	ftoken=demo-fastio-token
	fa GET /orgs/list
	ok "fastio: without the last slash there is nothing" is 404
	fa GET /orgs/list/
	ok "fastio: envelope" has '{"result":"yes","response":{"orgs":[{"id":"94'
	fa GET /orgs/list/external/
	ok "fastio: the foreign organization" has '"member":false'
	fa GET "/org/$ext/members/list/"
	ok "fastio: does not show its members" refused 403 '"code":1670'
	fa GET "/org/$org/members/list/"
	ok "fastio: a hundred a page" count '"permissions"' 100
	ok "fastio: and more" has '"has_more":true'
	fa GET "/org/$org/members/list/?limit=500"
	ok "fastio: 130 in one page" has '"total":130,"limit":500,'
	ok "fastio: ids beyond 64 bits that differ in the last digit" \
	    has "\"$anna\",\"email\":\"anna.fields@corp.example\""
	ok "fastio: Joanna is another" has "\"$joanna\",\"email\":\"joanna"
	ok "fastio: upper case" has '"Dave.Hill@CORP.example"'
	ok "fastio: twins" count '"erin.twin@corp.example"' 2
	ok "fastio: frank is not there" lacks frank.idp
	ctl POST /settings '{"fastio_email_address":true}'
	fa GET "/org/$org/member/$anna/details/"
	ok "fastio: the address under its other name" \
	    has '"email_address":"anna.fields@corp.example"'
	ctl POST /settings '{"fastio_email_address":false,"fastio_page_max":50}'
	fa GET "/org/$org/members/list/?limit=500&offset=100"
	ok "fastio: three pages by the setting" \
	    has '"total":130,"limit":50,"offset":100,"has_more":false'
	ctl POST /settings '{"fastio_page_max":500,"fastio_flat":true}'
	fa GET /orgs/list/
	ok "fastio: the flat envelope" has '"result":true'
	ctl POST /settings '{"fastio_flat":false}'
	fastio_check_places
	fastio_check_leaving
	fastio_check_rates
	stop
}

fastio_check_places()
{
	fa GET "/org/$org/list/workspaces/"
	ok "fastio: seven workspaces" count '"org_id"' 7
	campaign=$(place Campaign)
	launch=$(place 'Launch plan')
	brand=$(place 'Brand assets')
	fa GET "/org/$ext/list/workspaces/"
	portal=$(place 'Partner portal')
	fa GET "/workspace/$portal/members/list/"
	ok "fastio: Anna is in a foreign workspace" has "\"id\":\"$anna\""
	fa GET /shares/all/
	kit=$(place 'Press kit')
	fa GET "/share/$kit/members/list/"
	ok "fastio: Anna owns a share" \
	    grep -q "\"$anna\"[^{]*\"permissions\":\"owner\"" "$dir/body"
	fa GET "/workspace/$launch/members/list/"
	ok "fastio: invited" has '"status":"pending"'
	invite=$(sed -n 's/.*"invite":{"id":"\([0-9]*\)".*/\1/p' "$dir/body")
	fa GET "/workspace/$launch/members/invitations/list/pending/"
	ok "fastio: the invitation" has "\"id\":\"$invite\",\"email\":\"anna"
	fa POST "/workspace/$campaign/member/$heir/transfer_ownership/"
	ok "fastio: no heir who is not a member" refused 200 member_not_found
	fj POST "/current/workspace/$campaign/members/$heir/" \
	    '{"permissions":"member"}'
	ok "fastio: JSON is refused" refused 200 '"code":1605'
	fa POST "/workspace/$campaign/members/$heir/" permissions=emperor
	ok "fastio: no such role" refused 400 '"code":1605'
	fa POST "/workspace/$campaign/members/heir%40corp.example/" \
	    permissions=member
	ok "fastio: added by address" has '"result":"yes"'
	fa POST "/workspace/$campaign/members/new%40else.example/" \
	    permissions=member
	ok "fastio: a stranger is only invited" has '"invite":{"id":"6112'
	fa POST "/workspace/$campaign/member/$heir/transfer_ownership/"
	ok "fastio: transferred" has '"result":"yes"'
	fa GET "/workspace/$campaign/members/list/"
	ok "fastio: the old owner is an administrator" \
	    grep -q "\"$anna\"[^{]*\"permissions\":\"admin\"" "$dir/body"
	ok "fastio: the heir owns it" \
	    grep -q "\"$heir\"[^{]*\"permissions\":\"owner\"" "$dir/body"
}

fastio_check_leaving()
{
	fa DELETE "/workspace/$brand/members/$anna/"
	ok "fastio: an owner stays" refused 200 'The owner'
	fa DELETE "/org/$org/members/$anna/"
	ok "fastio: who owns something stays" refused 200 owns
	fa POST "/workspace/$brand/member/$heir/transfer_ownership/"
	fa POST "/share/$kit/member/$heir/transfer_ownership/"
	fa POST "/org/$org/member/$anna/update/" \
	    'expires=2026-01-01+10%3A00%3A00'
	ok "fastio: limited in time" has '"result":"yes"'
	fa POST "/org/$org/member/$anna/update/" expires=soon
	ok "fastio: but not so" refused 400 '"code":1605'
	fa GET "/org/$org/member/$anna/details/"
	ok "fastio: reads back" has '"expires":"2026-01-01 10:00:00"'
	fa DELETE "/org/$org/members/$anna/"
	ok "fastio: removed from the organization" has '"result":"yes"'
	fa DELETE "/org/$org/members/$anna/"
	ok "fastio: twice is refused" refused 200 member_not_found
	fa GET "/workspace/$brand/members/list/"
	ok "fastio: stays in the workspaces as a guest" \
	    grep -q "\"$anna\"[^{]*\"permissions\":\"guest\"" "$dir/body"
	fa DELETE "/workspace/$portal/members/$anna/"
	ok "fastio: removed from a foreign workspace" has '"result":"yes"'
	fa DELETE "/workspace/$launch/members/$anna/"
	ok "fastio: an invitation is no membership" \
	    refused 200 member_not_found
	ctl POST /accept '{"email":"Anna.Fields@corp.example"}'
	ok "fastio: it can still be taken up" has '"accepted":1'
	fa GET "/workspace/$launch/members/list/"
	ok "fastio: and lets Anna in again" \
	    grep -q "\"$anna\"[^{]*\"status\":\"active\"" "$dir/body"
	ctl POST /change '{"system":"fastio","email":"anna.fields@corp.example",
	    "invites":["org"]}'
	fa GET "/org/$org/members/list/?limit=500"
	invite=$(sed -n 's/.*"invite":{"id":"\([0-9]*\)".*/\1/p' "$dir/body")
	fa DELETE "/org/$org/members/invitation/$invite/"
	ok "fastio: invitation cancelled" has '"result":"yes"'
	ctl POST /accept '{"email":"anna.fields@corp.example"}'
	ok "fastio: nothing left to accept" is 404
	fa GET "/org/$org/member/$anna/details/"
	ok "fastio: not a member" refused 200 member_not_found
	fa GET "/workspace/1/members/list/"
	ok "fastio: an unknown place is 404" refused 404 '"code":1609'
}

fastio_check_rates()
{
	sleep 1
	fa GET "/events/search/?org_id=$org&event=removed_member_from_org"
	ok "fastio: the event" has "\"user_id\":\"$anna\""
	fa GET "/events/search/?event=removed_member_from_org"
	ok "fastio: events of something" is 400
	for i in 1 2 3 4; do
		fa GET "/events/search/?user_id=$anna"
	done
	ok "fastio: five searches in three seconds" is 429
	ok "fastio: says until when" head_has '^x-ve-limit-expires: [0-9]*$'
	ok "fastio: no Retry-After" sh -c \
	    "! grep -qi '^retry-after' '$dir/head'"
	ctl POST /fault '{"system":"fastio","kind":"rate","times":1}'
	fa GET /orgs/list/
	ok "fault rate: fastio's way" head_has '^x-ve-limit-avail: 0$'
	ctl POST /fault '{"system":"fastio","kind":"false","times":1}'
	fa GET /orgs/list/
	ok "fault false: fastio's way" refused 200 1670
	ctl POST /fault '{"system":"fastio","kind":"unknown_word","times":1}'
	fa GET "/org/$org/member/$heir/details/"
	ok "fault unknown_word: a member" has '"status":"quantum"'
	ctl POST /fault '{"system":"fastio","kind":"nothing","times":1}'
	fa DELETE "/org/$org/members/$heir/"
	fa DELETE "/workspace/$portal/members/$admin/"
	fa GET "/org/$org/member/$heir/details/"
	ok "fault nothing: still a member" has '"status":"active"'
	ctl DELETE /faults
	ctl DELETE /requests
	fa GET /user/auth/keys/
	ok "fastio: keys are one's own" has "\"user_id\":\"$admin\""
	fa POST /user/auth/invalidate-all/
	fa GET /user/auth/check/
	ok "fastio: invalidate-all ends the caller's token" is 401
	ctl GET /requests
	ok "fastio: and is on record" has /current/user/auth/invalidate-all/
}

fastio_check_guide()
{
	fj GET '/api/v1/users?email=anna.fields@corp.example'
	ok "guide: Joanna is the first hit" \
	    has "{\"users\":[{\"id\":\"$joanna\""
	fj GET /current/orgs/list/
	ok "guide: the other API is not there" is 404
	fj GET "/api/v1/users/$anna/tokens?limit=100&offset=50"
	ok "guide: 60 tokens on three pages" count SECRET-TOKEN-anna 10
	fj GET "/api/v1/users/$anna/sessions"
	ok "guide: three sessions" count '"ses-anna' 3
	ctl POST /settings '{"bare_lists":true}'
	fj GET "/api/v1/users/$anna/sessions"
	ok "guide: a bare list" has '[{"id":"ses-anna'
	ctl POST /settings '{"bare_lists":false}'
	ftoken=demo-fastio-readonly
	fj PUT "/api/v1/users/$anna/status" '{"status":"suspended"}'
	ok "guide: the other token may not" is 403
	ftoken=demo-fastio-token
	fj POST "/api/v1/users/$anna/sessions/revoke-all"
	fj GET "/api/v1/users/$anna/sessions"
	ok "guide: who is not suspended logs in again" has 'back again'
	fj PUT "/api/v1/users/$anna/status" '{"status":"frozen"}'
	ok "guide: no such status" is 422
	fj PUT "/api/v1/users/$anna/status" '{"status":"suspended"}'
	ok "guide: suspended" has '"status":"suspended"'
	fj POST "/api/v1/users/$anna/sessions/revoke-all"
	fj GET "/api/v1/users/$anna/sessions"
	ok "guide: no sessions" has '{"sessions":[]}'
	fj DELETE "/api/v1/users/$anna/tokens"
	ok "guide: tokens deleted" is 204
	fj GET "/api/v1/users/$anna/workspaces"
	ok "guide: all workspaces, not only the owned" count '"owner_id"' 5
	ok "guide: two are Anna's" count "\"owner_id\":\"$anna\"" 2
	w=$(place Campaign)
	fj POST "/api/v1/workspaces/$w/transfer" "{\"new_owner_id\":\"1\"}"
	ok "guide: no such heir" is 422
	fj POST "/api/v1/workspaces/$w/transfer" \
	    "{\"new_owner_id\":\"$heir\"}"
	ok "guide: transferred" has "\"owner_id\":\"$heir\""
	w=$(fj GET "/api/v1/users/$anna/workspaces"; place 'Brand assets')
	fj GET "/api/v1/webhooks?user_id=$anna"
	ok "guide: two webhooks" count SECRET-HOOK-anna 2
	ctl POST /settings '{"webhooks_ignore_filter":true}'
	fj GET "/api/v1/webhooks?user_id=$anna"
	ok "guide: and another's, if the filter is ignored" has hook-joanna
	fj DELETE /api/v1/webhooks/hook-anna.fields-1
	ok "guide: webhook deleted" is 204
	fj DELETE "/api/v1/orgs/$org/members/$anna"
	ok "guide: removed" is 204
	fj GET "/api/v1/workspaces/$w"
	ok "guide: what was not transferred is orphaned" has '"owner_id":null'
	fj GET "/api/v1/users/$anna"
	ok "guide: gone" is 404
	fj GET "/api/v1/audit-logs?user_id=$anna&event=user.deleted"
	ok "guide: on the record" count '"event":"user.deleted"' 1
}
