/* Acceldata after the fact: remove (off by default, disabling keeps the
 * history), the independent look, and the undo. */
#include "acceldata.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* Groups and roles of somebody whom the identity provider manages are not
 * ours to take away; an account that is disabled makes nothing of them. */
static enum outcome
look_lists(struct visit *v, int upstream, char *left, size_t size)
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
	if (upstream == 0)
		left_add(left, size, "group(s)", visit_length(list));
	visit_after(v, "groups", list);
	out = acceldata_direct_roles(v, &list);
	if (out != OUT_OK)
		return out;
	if (upstream == 0 && (acceldata_own(v)->client_id != NULL ||
	    acceldata_own(v)->group_ids))
		left_add(left, size, "direct role(s)", visit_length(list));
	visit_after(v, "roles", list);
	out = acceldata_permissions(v, &list);
	if (out == OUT_OK && list != NULL)
		visit_after(v, "permissions", list);
	return out;
}

static enum outcome
look_pipelines(struct visit *v, char *left, size_t size)
{
	struct json_object *list = NULL;
	enum outcome out;

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

/* What is left as words; *ON: the account works; *UPSTREAM: not ours. */
struct look {
	char	 email[EMAIL_MAX];
	int	 on, upstream;
	char	 left[300];
};

static enum outcome
look(struct visit *v, struct look *l)
{
	struct json_object *j = NULL, *user = NULL;
	enum outcome out = acceldata_user(v, &j, &user);

	memset(l, 0, sizeof(*l));
	if (out != OUT_OK)
		return out;
	l->on = acceldata_is_enabled(user);
	l->upstream = acceldata_is_upstream(v, user);
	(void)text_copy(l->email, sizeof(l->email), visit_text(user, "email"));
	visit_after(v, "enabled", json_object_new_boolean(l->on));
	json_object_put(j);
	out = look_lists(v, l->upstream, l->left, sizeof(l->left));
	if (out == OUT_OK && v->phase != PHASE_RECHECK)
		out = look_pipelines(v, l->left, sizeof(l->left));
	return out == OUT_GONE ? OUT_RETRY : out;
}

static enum outcome
look_end(struct visit *v, const struct look *l)
{
	struct json_object *may = visit_member(v->after, "permissions",
	    json_type_array), *list;
	size_t kept = 0;

	if (v->phase == PHASE_RECHECK && (l->on || l->left[0] != '\0'))
		return visit_end(v, OUT_OPEN, "there again in %s: %s%s%s",
		    v->sys->name, l->on ? "the user is enabled" : "",
		    l->on && l->left[0] != '\0' ? ", " : "", l->left);
	if (l->on)
		return visit_end(v, OUT_OPEN, "the user is enabled in %s%s%s: "
		    "%s", v->sys->name, l->left[0] != '\0' ? ", and there are "
		    : "", l->left, l->upstream ? "disable it in your identity "
		    "provider, then retry" : "retry to take that away");
	if (l->left[0] != '\0')
		return visit_end(v, OUT_OPEN, "there are %s: retry %s to take "
		    "them away", l->left, v->sys->name);
	if (l->upstream) {
		list = visit_member(v->after, "groups", json_type_array);
		kept = visit_length(list);
	}
	if (kept > 0)
		return visit_end(v, OUT_VERIFIED, "disabled, without keys; %zu"
		    " group(s) of the identity provider stay", kept);
	/* "Empty or minimal", as the vendor's guide has it. */
	if (visit_length(may) > 0)
		return visit_end(v, OUT_VERIFIED, "disabled, without keys or "
		    "groups; %zu permission(s) are still shown for the "
		    "disabled account", visit_length(may));
	return visit_end(v, OUT_VERIFIED, "disabled, without keys or groups%s",
	    may != NULL ? " or permissions" : "");
}

enum outcome
acceldata_verify(struct visit *v)
{
	enum outcome out;
	struct look l;

	out = look(v, &l);
	if (out == OUT_GONE) {
		if (conf_switch(v->sys->settings->conf, v->sys->section,
		    acceldata_keys, "remove"))
			return visit_end(v, OUT_VERIFIED, "the user is gone");
		return visit_end(v, OUT_FAILED, "%s no longer shows user %s: "
		    "somebody removed it; check it there", v->sys->name,
		    v->account);
	}
	return out == OUT_OK ? look_end(v, &l) : out;
}

enum outcome
acceldata_recheck(struct visit *v)
{
	char words[TEXT_MAX];
	enum outcome out;
	struct look l;

	out = look(v, &l);
	if (out == OUT_GONE)
		return visit_end(v, OUT_ABSENT, "%s no longer has user %s",
		    v->sys->name, v->account);
	if (out == OUT_OK)
		out = look_end(v, &l);
	if (out != OUT_OPEN || l.email[0] == '\0' ||
	    strcasecmp(l.email, v->who->email) == 0)
		return out;
	(void)text_copy(words, sizeof(words), v->detail);
	return visit_end(v, out, "%.300s; account %.60s carries the address "
	    "%.100s now: see whose it is", words, v->account, l.email);
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
