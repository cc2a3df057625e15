/* Acceldata after the fact: remove (off by default, disabling keeps the
 * history), the independent look, and the undo. */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>

enum outcome
acceldata_remove(struct visit *v)
{
	struct json_object *j = NULL, *user = NULL;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	http_path(&path, "admin", "api", "users", v->account, "remove-user",
	    NULL);
	out = acceldata_put(v, "DELETE", &path, NULL, "remove the user");
	if (out != OUT_OK && out != OUT_GONE)
		return out;
	out = acceldata_user(v, &j, &user);
	json_object_put(j);
	if (out == OUT_GONE)
		return visit_end(v, OUT_VERIFIED, "the user is removed");
	return out == OUT_OK ? visit_end(v, OUT_RETRY, "%s still shows user %s "
	    "after the removal", v->sys->name, v->account) : out;
}

/* One part that is still there, added to the words. */
static void
left_add(char *left, size_t size, const char *what, size_t n)
{
	size_t used = strlen(left);

	if (n > 0)
		(void)snprintf(left + used, size - used, "%s%zu %s", used == 0 ?
		    "" : ", ", n, what);
}

static enum outcome
verify_lists(struct visit *v, char *left, size_t size)
{
	struct json_object *list = NULL;
	enum outcome out = acceldata_list_keys(v, &list);

	if (out != OUT_OK)
		return out;
	left_add(left, size, "API key(s)", visit_length(list));
	visit_after(v, "keys", acceldata_masked(list));
	json_object_put(list);
	out = acceldata_groups(v, &list);
	if (out != OUT_OK)
		return out;
	left_add(left, size, "group(s)", visit_length(list));
	visit_after(v, "groups", list);
	out = acceldata_direct_roles(v, &list);
	if (out != OUT_OK)
		return out;
	if (acceldata_own(v)->client_id != NULL || acceldata_own(v)->group_ids)
		left_add(left, size, "direct role(s)", visit_length(list));
	visit_after(v, "roles", list);
	if (acceldata_own(v)->pipelines == 0)
		return OUT_OK;
	out = acceldata_owned(v, v->who->email, &list);
	if (out != OUT_OK)
		return out;
	/* With nobody to take over, the handover's own task speaks. */
	if (v->who->handover[0] != '\0')
		left_add(left, size, "pipeline(s) owned", visit_length(list));
	visit_after(v, "pipelines", list);
	return OUT_OK;
}

enum outcome
acceldata_verify(struct visit *v)
{
	struct json_object *j = NULL, *user = NULL;
	char left[300] = "";
	enum outcome out = acceldata_user(v, &j, &user);
	int on;

	if (out == OUT_GONE) {
		if (conf_switch(v->sys->settings->conf, v->sys->section,
		    acceldata_keys, "remove"))
			return visit_end(v, OUT_VERIFIED, "the user is gone");
		return visit_end(v, OUT_FAILED, "%s no longer shows user %s: "
		    "somebody removed it; check it there", v->sys->name,
		    v->account);
	}
	if (out != OUT_OK)
		return out;
	on = acceldata_is_enabled(user);
	visit_after(v, "enabled", json_object_new_boolean(on));
	json_object_put(j);
	out = verify_lists(v, left, sizeof(left));
	if (out != OUT_OK)
		return out == OUT_GONE ? OUT_RETRY : out;
	if (on)
		return visit_end(v, OUT_FAILED, "the user is still enabled%s%s:"
		    " retry %s to take it away", left[0] != '\0' ? ", and "
		    "there are still " : "", left, v->sys->name);
	if (left[0] != '\0')
		return visit_end(v, OUT_FAILED, "there are still %s: retry %s "
		    "to take them away", left, v->sys->name);
	return visit_end(v, OUT_VERIFIED, "disabled, without keys or groups");
}

/* ---- and back ---- */

static void
restore_tasks(struct visit *v)
{
	if (visit_length(visit_was(v, "keys")) > 0)
		visit_task(v, "%zu API key(s) were deleted for good in %s: the "
		    "person makes new ones there.", visit_length(visit_was(v,
		    "keys")), v->sys->name);
	if (visit_length(visit_was(v, "roles")) > 0 &&
	    (acceldata_own(v)->client_id != NULL ||
	    acceldata_own(v)->group_ids))
		visit_task(v, "%zu role(s) given to the person directly were "
		    "taken away in %s: assign them again there.",
		    visit_length(visit_was(v, "roles")), v->sys->name);
}

enum outcome
acceldata_restore(struct visit *v)
{
	struct json_object *was = visit_was(v, "enabled");
	enum outcome out = OUT_OK;

	if (was == NULL)
		return visit_end(v, OUT_VERIFIED, "nothing was changed there");
	if (v->who->handover[0] != '\0' &&
	    visit_length(visit_was(v, "pipelines")) > 0)
		out = acceldata_give(v, visit_was(v, "pipelines"),
		    v->who->handover, v->who->email);
	if (out == OUT_OK)
		out = acceldata_regroup(v);
	if (out == OUT_OK && json_object_get_boolean(was))
		out = acceldata_set_enabled(v, 1);
	if (out == OUT_GONE)
		return visit_end(v, OUT_FAILED, "%s no longer has user %s: "
		    "make the account again by hand", v->sys->name,
		    v->account);
	if (out == OUT_MANUAL) {
		visit_task(v, "Enable %s in your identity provider: %s does "
		    "not let anybody change this account.", v->who->email,
		    v->sys->name);
		return visit_end(v, OUT_MANUAL, "managed upstream");
	}
	if (out != OUT_OK)
		return out;
	restore_tasks(v);
	return visit_end(v, OUT_VERIFIED, "enabled, with the groups and "
	    "pipelines of before");
}
