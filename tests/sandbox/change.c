/*
 * change.c: somebody else edits accounts behind the client's back; it must
 * not leave a trace that the client could take for its own work.
 */
#include "fastio.h"
#include "staff.h"

#include <string.h>
#include <strings.h>

/* Is this the address the change is about? "*" is everybody's. */
static bool
change_is(struct ctx *c, const char *email)
{
	const char *want = js_str(c->in, "email");

	return strcmp(want, "*") == 0 || strcasecmp(want, email) == 0;
}

static void
change_set(struct ctx *c, json_object *row)
{
	json_object *set = js_get(c->in, "set");
	struct json_object_iter it;

	if (!json_object_is_type(set, json_type_object))
		return;
	json_object_object_foreachC(set, it)
		js_set(row, it.key, js_copy(it.val));
}

/* The rows of one table with this address, in any case of letters. */
static int
change_rows(struct ctx *c, json_object *t, const char *table)
{
	json_object *all = js_arr(t, table);
	int n = 0;
	size_t i;

	for (i = 0; i < js_len(all); i++) {
		if (!change_is(c, js_str(js_at(all, i), "email")))
			continue;
		n++;
		if (js_has(c->in, "enabled"))
			js_set_bool(js_at(all, i), "enabled",
			    js_bool(c->in, "enabled", true));
		change_set(c, js_at(all, i));
	}
	return n;
}

/* Makes the user this in every place of a list in the request. */
static void
change_join(struct ctx *c, json_object *t, json_object *u, const char *list)
{
	json_object *names = js_get(c->in, list);
	const char *role = strcmp(list, "owns") == 0 ? "owner" : "member";
	json_object *place;
	size_t i;

	for (i = 0; js_all(names, json_type_string) && i < js_len(names);
	    i++) {
		place = files_place(t, json_object_get_string(js_at(names,
		    i)), c->now);
		if (strcmp(list, "invites") == 0)
			(void)invites_add(t, place, js_str(u, "email"), role,
			    c->now);
		else
			(void)members_row(place, js_str(u, "id"), role,
			    c->now);
	}
}

static int
change_fastio(struct ctx *c, json_object *t)
{
	struct json_object_iter it;
	int n = 0;

	json_object_object_foreachC(js_obj(t, "users"), it) {
		if (!change_is(c, js_str(it.val, "email")))
			continue;
		n++;
		if (js_has(c->in, "enabled"))
			js_set_str(it.val, "_status",
			    js_bool(c->in, "enabled", true) ? "active" :
			    "suspended");
		change_join(c, t, it.val, "member");
		change_join(c, t, it.val, "owns");
		change_join(c, t, it.val, "invites");
		change_set(c, it.val);
	}
	return n;
}

/* The one way in which somebody becomes a former employee. */
static void
change_employment(struct ctx *c, json_object *p)
{
	json_object *o = js_obj(p, "employment");
	json_object *sum = js_obj(p, "tasksSummary");
	const char *s = js_str(c->in, "employment");

	js_set_str(o, "status", s);
	js_set(o, "endDate", NULL);
	if (strcmp(s, "FORMER") == 0)
		clock_set(o, "endDate", c->now);
	js_set_str(sum, "status", strcmp(s, "FORMER") == 0 ?
	    "OFFBOARDING_DUE_SOON" : "COMPLETE");
	js_set(sum, "completionDate", NULL);
}

static void
change_list(struct ctx *c, json_object *p, const char *from, const char *to)
{
	if (js_all(js_get(c->in, from), json_type_string))
		js_set(p, to, js_copy(js_get(c->in, from)));
}

static int
change_vanta(struct ctx *c, json_object *t)
{
	struct json_object_iter it;
	int n = 0;

	json_object_object_foreachC(js_obj(t, "people"), it) {
		if (!change_is(c, js_str(it.val, "emailAddress")))
			continue;
		n++;
		if (js_str(c->in, "employment")[0] != '\0')
			change_employment(c, it.val);
		change_list(c, it.val, "accounts", "_accounts");
		change_list(c, it.val, "tasks_open", "_tasks_open");
		change_list(c, it.val, "tasks_done", "_tasks_done");
		change_set(c, it.val);
	}
	return n;
}

static bool
change_is_user(struct ctx *c, json_object *u)
{
	json_object *mails = js_get(u, "emails");
	size_t i;

	if (change_is(c, js_str(u, "userName")))
		return true;
	for (i = 0; i < js_len(mails); i++)
		if (change_is(c, js_str(js_at(mails, i), "value")))
			return true;
	return false;
}

static int
change_scim(struct ctx *c, json_object *t)
{
	struct json_object_iter it;
	int n = 0;

	json_object_object_foreachC(js_obj(t, "users"), it) {
		if (!change_is_user(c, it.val))
			continue;
		n++;
		if (js_has(c->in, "enabled"))
			js_set_bool(it.val, "active",
			    js_bool(c->in, "enabled", true));
		change_set(c, it.val);
		js_set_int(it.val, "_version",
		    js_int(it.val, "_version", 1) + 1);
		clock_set(js_obj(it.val, "meta"), "lastModified", c->now);
	}
	return n;
}

static int
change_doorflow(struct ctx *c, json_object *t)
{
	int n = change_rows(c, t, "people");

	if (n > 0)
		doorflow_touch(t);
	return n;
}

static int
change_acceldata(struct ctx *c, json_object *t)
{
	return change_rows(c, t, "users");
}

/* POST /change: without a system, in the first two. */
void
change_post(struct ctx *c)
{
	static int (*const edit[])(struct ctx *, json_object *) = {
		[SYS_DOORFLOW] = change_doorflow,
		[SYS_ACCELDATA] = change_acceldata,
		[SYS_FASTIO] = change_fastio,
		[SYS_VANTA] = change_vanta,
		[SYS_SCIM] = change_scim,
	};
	const char *name = js_str(c->in, "system");
	int sys = server_sys(name), i, n = 0;
	json_object *o;

	if (sys < -1 || sys > SYS_SCIM) {
		control_refuse(c, 422, "no such system");
		return;
	}
	for (i = 0; i <= SYS_SCIM; i++)
		if (sys == i || (sys < 0 &&
		    (name[0] != '\0' || i <= SYS_ACCELDATA)))
			n += edit[i](c, js_get(c->root,
			    server_name((enum sys)i)));
	o = json_object_new_object();
	js_set_int(o, "changed", n);
	reply_json(c, n > 0 ? 200 : 404, o);
}
