/*
 * Fastio, the guide's profile: "Verify via Audit Logs", the look again later,
 * and the undo as far as the guide has one. The log is one more witness: that
 * it shows nothing is said, and is no failure.
 */
#include "fastio.h"

#include <stdio.h>
#include <string.h>

#define API "api", "v1"
#define LOG_WAIT_MS 60000

/* ---- the log ---- */

struct entry {
	const char	*account;
	char		 id[WORD_MAX];
};

static enum outcome
entry_each(struct visit *v, struct json_object *row, void *arg)
{
	struct entry *e = arg;
	char user[WORD_MAX];
	const char *event = visit_text(row, "event");

	(void)v;
	fastio_id(row, "user_id", user);
	if (user[0] == '\0')
		fastio_id(row, "target_id", user);
	if (strcmp(event, "user.deleted") != 0 ||
	    strcmp(user, e->account) != 0 || e->id[0] != '\0')
		return OUT_OK;
	fastio_id(row, "id", e->id);
	if (e->id[0] == '\0')
		(void)text_copy(e->id, sizeof(e->id), "without a number");
	return OUT_OK;
}

static enum outcome
log_words(struct visit *v, char *words, size_t size)
{
	struct entry e = { v->account, "" };
	struct fastio_pages p;
	struct buf path;
	enum outcome out;

	memset(&p, 0, sizeof(p));
	buf_init(&path, 512);
	http_path(&path, API, "audit-logs", NULL);
	p.path = buf_cstr(&path);
	p.query[0] = "user_id";
	p.query[1] = v->account;
	p.query[2] = "event";
	p.query[3] = "user.deleted";
	p.list = "logs";
	p.what = "read the audit log";
	p.each = entry_each;
	p.arg = &e;
	out = fastio_pages(v, &p);
	buf_clear(&path);
	/* Asked once more after a while, it holds up nothing for good. */
	if (visit_is_over(out) && v->waited < LOG_WAIT_MS)
		return out;
	if (out != OUT_OK)
		(void)snprintf(words, size, "the audit log could not be read");
	else if (e.id[0] == '\0')
		(void)snprintf(words, size, "the audit log does not show "
		    "user.deleted");
	else {
		(void)snprintf(words, size, "the audit log shows user.deleted "
		    "(entry %.60s)", e.id);
		visit_after(v, "log_event", json_object_new_string(e.id));
	}
	return OUT_OK;
}

/* ---- verify ---- */

/* What is there, and what there is no list of. */
struct look {
	char	left[300];
	char	blind[80];
	int	gone;		/* the user itself is shown no more */
};

static void
left_add(struct look *l, const char *what, size_t n)
{
	char line[80];

	(void)snprintf(line, sizeof(line), "%zu %s", n, what);
	if (n > 0)
		fastio_add(l->left, sizeof(l->left), line);
}

/* Sessions and tokens; a user who is gone has none. */
static enum outcome
left_names(struct visit *v, const char *kind, struct look *l)
{
	struct json_object *list = NULL;
	enum outcome out = fastio_guide_names(v, kind, &list);

	if (out == OUT_GONE) {
		if (l->gone == 0)
			fastio_add(l->blind, sizeof(l->blind), kind);
		return OUT_OK;
	}
	if (out != OUT_OK)
		return out;
	left_add(l, strcmp(kind, "tokens") == 0 ? "token(s)" : "session(s)",
	    visit_length(list));
	visit_after(v, kind, list);
	return OUT_OK;
}

static enum outcome
left_lists(struct visit *v, struct look *l)
{
	struct json_object *list = NULL;
	size_t nobodys;
	enum outcome out = left_names(v, "sessions", l);

	if (out == OUT_OK)
		out = left_names(v, "tokens", l);
	if (out != OUT_OK)
		return out;
	out = fastio_guide_webhooks(v, &list, &nobodys);
	if (out == OUT_OK) {
		left_add(l, "webhook(s)", visit_length(list));
		visit_after(v, "webhooks", list);
	} else if (out == OUT_GONE)
		fastio_add(l->blind, sizeof(l->blind), "webhooks");
	else
		return out;
	out = fastio_guide_owned(v, &list);
	if (out == OUT_GONE && l->gone)
		return OUT_OK;
	if (out != OUT_OK)
		return out == OUT_GONE ? OUT_RETRY : out;
	/* With nobody to take over, the handover's own task speaks. */
	if (v->who->handover[0] != '\0' || fastio_removes(v))
		left_add(l, "workspace(s) owned", visit_length(list));
	visit_after(v, "owned", list);
	return OUT_OK;
}

/* Everything that is still there, in words; "" when it is over. */
static enum outcome
left_words(struct visit *v, struct look *l)
{
	char status[32] = "gone", line[80];
	enum outcome out = fastio_guide_status(v, status);
	int in = 0, known;

	memset(l, 0, sizeof(*l));
	if (out != OUT_OK && out != OUT_GONE)
		return out;
	l->gone = out == OUT_GONE;
	known = l->gone || strcmp(status, "suspended") == 0 ||
	    strcmp(status, "deleted") == 0 || strcmp(status, "removed") == 0;
	if (known == 0 && strcmp(status, "active") != 0)
		return visit_end(v, OUT_UNCLEAR, "%s calls user %s \"%.30s\", "
		    "which is no word of its guide: look there", v->sys->name,
		    v->account, status);
	visit_after(v, "status", json_object_new_string(status));
	(void)snprintf(line, sizeof(line), "a user who is %.30s", status);
	if (known == 0)
		fastio_add(l->left, sizeof(l->left), line);
	out = fastio_guide_in_org(v, &in);
	if (out != OUT_OK)
		return out;
	visit_after(v, "member", json_object_new_boolean(in));
	if (in && fastio_removes(v))
		fastio_add(l->left, sizeof(l->left),
		    "a membership of the organisation");
	return left_lists(v, l);
}

/* What cannot be listed is not known to be over. */
static enum outcome
verify_blind(struct visit *v, const struct look *l)
{
	visit_task(v, "Look in %s that %s has no %s left: there is no list of "
	    "them that could be read.", v->sys->name, v->who->email,
	    l->blind);
	return visit_end(v, OUT_DONE, "%s; but %s cannot be listed",
	    fastio_removes(v) ? "no member and not active" : "suspended",
	    l->blind);
}

enum outcome
fastio_guide_verify(struct visit *v)
{
	char words[160] = "";
	struct look l;
	enum outcome out = left_words(v, &l);

	if (out != OUT_OK)
		return out;
	if (l.left[0] != '\0')
		return visit_end(v, OUT_FAILED, "there is still: %s. Retry %s "
		    "to take that away", l.left, v->sys->name);
	if (l.blind[0] != '\0')
		return verify_blind(v, &l);
	if (fastio_removes(v) == 0)
		return visit_end(v, OUT_VERIFIED, "suspended, without "
		    "sessions, tokens or webhooks (remove = off)");
	out = log_words(v, words, sizeof(words));
	return out != OUT_OK ? out : visit_end(v, OUT_VERIFIED, "no member, "
	    "not active, without sessions, tokens, webhooks or workspaces; "
	    "%s", words);
}

enum outcome
fastio_guide_recheck(struct visit *v)
{
	struct look l;
	enum outcome out = left_words(v, &l);

	if (out != OUT_OK)
		return out;
	return l.left[0] != '\0' ? visit_end(v, OUT_OPEN, "there is again: "
	    "%s, in %s", l.left, v->sys->name) : visit_end(v, OUT_VERIFIED,
	    "still no member and not active");
}

/* ---- and back ---- */

/* How many of them are no longer there; a user who is gone has none. */
static enum outcome
restore_lost(struct visit *v, size_t *tokens, size_t *hooks)
{
	struct json_object *list = NULL;
	size_t nobodys, left;
	enum outcome out = fastio_guide_names(v, "tokens", &list);

	left = visit_length(list);
	*tokens = visit_length(visit_was(v, "tokens"));
	*tokens -= left < *tokens ? left : *tokens;
	json_object_put(list);
	if (out != OUT_OK && out != OUT_GONE)
		return out;
	out = fastio_guide_webhooks(v, &list, &nobodys);
	left = out == OUT_OK ? visit_length(list) : 0;
	*hooks = visit_length(visit_was(v, "webhooks"));
	*hooks -= left < *hooks ? left : *hooks;
	if (out == OUT_OK)
		json_object_put(list);
	return out == OUT_GONE ? OUT_OK : out;
}

static enum outcome
restore_tasks(struct visit *v, int removed)
{
	size_t tokens = 0, hooks = 0;
	enum outcome out = restore_lost(v, &tokens, &hooks);

	if (out != OUT_OK)
		return out;
	if (removed)
		visit_task(v, "Invite %s into the organisation in %s again: "
		    "its API has no way back for a member who was removed.",
		    v->who->email, v->sys->name);
	if (tokens + hooks > 0)
		visit_task(v, "%zu token(s) and %zu webhook(s) of %s were "
		    "deleted for good in %s: the person makes new ones there.",
		    tokens, hooks, v->who->email, v->sys->name);
	return OUT_OK;
}

static enum outcome
restore_owned(struct visit *v, int removed)
{
	struct json_object *was = visit_was(v, "owned");

	if (v->who->handover[0] == '\0' || visit_length(was) == 0)
		return OUT_OK;
	if (removed) {
		visit_task(v, "Transfer %zu workspace(s) back from %s to %s in "
		    "%s, once that is a member again.", visit_length(was),
		    v->who->handover, v->who->email, v->sys->name);
		return OUT_OK;
	}
	return fastio_guide_give_back(v, was);
}

enum outcome
fastio_guide_restore(struct visit *v)
{
	const char *was = json_object_get_string(visit_was(v, "status"));
	char status[32];
	enum outcome out;
	int in = 0, removed;

	if (was == NULL)
		return visit_end(v, OUT_VERIFIED, "nothing was changed there");
	out = fastio_guide_status(v, status);
	removed = out == OUT_GONE;
	if (out == OUT_OK && strcmp(status, was) != 0)
		out = fastio_guide_set_status(v, was);
	if (out == OUT_OK || out == OUT_GONE)
		out = fastio_guide_in_org(v, &in);
	if (in == 0)
		removed = 1;
	if (out == OUT_OK)
		out = restore_owned(v, removed);
	if (out == OUT_OK)
		out = restore_tasks(v, removed);
	if (out != OUT_OK)
		return out == OUT_GONE ? OUT_RETRY : out;
	if (removed)
		return visit_end(v, OUT_MANUAL, "was removed, and can only be "
		    "invited again by hand");
	return visit_end(v, OUT_VERIFIED, "the user is %s again, with the "
	    "workspaces of before", was);
}
