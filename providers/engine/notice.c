/* Who is told what: letters to security, HR, facilities and the heir, and the
 * call to the HR system. Words only; queued, never sent from here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/buf.h"
#include "../record/case.h"
#include "../visit.h"
#include "inside.h"
#include "plan.h"

#define BODY_MAX 150000		/* of a letter, far above what is put in */
#define LINES_MAX 100		/* of one list in a letter */

/* ---- queueing ---- */

/* One letter to each address of the list: one that bounces stops no other. */
static int
letter(struct engine *en, struct message *m, const char *list, struct err *e)
{
	char one[EMAIL_MAX];
	int rc = STORE_OK;
	size_t n;

	if (en->set->notify.smtp_url == NULL || list == NULL)
		return STORE_OK;
	(void)text_copy(m->kind, sizeof(m->kind), "mail");
	for (; *list != '\0' && rc == STORE_OK; list += n) {
		list += strspn(list, ", \t");
		n = strcspn(list, ", \t");
		if (n == 0 || n >= sizeof(one))
			continue;
		memcpy(one, list, n);
		one[n] = '\0';
		m->recipient = one;
		rc = message_add(en->store, m, e);
	}
	m->recipient = NULL;
	return rc;
}

static const char *
called(const struct offboarding *o)
{
	return o->name[0] != '\0' ? o->name : o->email;
}

static void
body_foot(struct engine *en, const struct offboarding *o, struct buf *b)
{
	char ob[OB_TEXT];

	ob_text(o->id, ob);
	buf_fmt(b, "\n%s", ob);
	if (en->set->public_url != NULL)
		buf_fmt(b, "  %s/offboardings/%s",
		    en->set->public_url, ob);
	buf_str(b, "\nThis message was written by offboard.\n");
}

struct words {
	const char	*topic, *to;
	const char	*subject;	/* with one %s: the person */
};

/* BODY is cleared. */
static int
letter_send(struct engine *en, const struct offboarding *o,
    const struct words *w, struct buf *body, struct err *e)
{
	struct message m;
	char subject[400];
	int rc;

	memset(&m, 0, sizeof(m));
	/* Words must never keep what was done from being recorded. */
	if (body->failed != 0) {
		buf_reset(body);
		buf_str(body, "There is more to say than fits a letter: see "
		    "the offboarding.\n");
	}
	body_foot(en, o, body);
	(void)snprintf(subject, sizeof(subject), "%s: %s", w->subject,
	    called(o));
	m.offboarding = o->id;
	(void)text_copy(m.topic, sizeof(m.topic), w->topic);
	m.subject = subject;
	m.body = body->s;
	rc = body->failed != 0 ? STORE_OK : letter(en, &m, w->to, e);
	buf_clear(body);
	return rc;
}

/* In the leaver's zone, and to the millisecond: the same words for another
 * time are another letter. */
static void
put_time(struct buf *b, const char *word, int64_t at, const char *zone)
{
	char local[160], utc[WHEN_TEXT];

	when_local(at, zone, local, sizeof(local));
	when_text(at, utc);
	buf_fmt(b, "%s%s, %s\n", word, local, utc);
}

/* ---- when it begins ---- */

int
notice_opened(struct engine *en, const struct offboarding *o, struct err *e)
{
	struct words card = { "card", en->set->notify.facilities,
	    "Please collect the card" };
	struct words now = { "emergency", en->set->notify.security,
	    "Emergency, access is being ended" };
	char at[160];
	struct buf b;
	int rc;

	when_local(o->effective_at, o->zone, at, sizeof(at));
	buf_init(&b, BODY_MAX);
	buf_fmt(&b, "%s (%s) is leaving. Their access ends on\n%s.\n\n"
	    "Please collect the access card, keys and badge before they go.\n"
	    "A card that stays out may still be shown at a door.\n",
	    called(o), o->email, at);
	rc = letter_send(en, o, &card, &b, e);
	if (rc != STORE_OK || o->emergency == 0)
		return rc;
	buf_init(&b, BODY_MAX);
	buf_fmt(&b, "%s asked for all access of %s (%s)\nto be ended at once. "
	    "It has begun.\n", o->requested_by, called(o), o->email);
	return letter_send(en, o, &now, &b, e);
}

/* ---- what came of it ---- */

static const struct step *
step_of(const struct view *v, const char *system, enum phase phase)
{
	unsigned i;

	for (i = 0; i < v->plan.nsteps; i++)
		if (v->steps[i].phase == phase &&
		    strcmp(v->steps[i].system, system) == 0)
			return &v->steps[i];
	return NULL;
}

static int
is_trouble(const struct step *st)
{
	return st->state == STATE_FAILED || st->state == STATE_UNCLEAR;
}

/* The step that says best how it stands in this system. */
static const struct step *
telling_step(const struct view *v, const char *system, int restored)
{
	const struct step *st, *best = NULL;
	unsigned i;

	if (restored)
		return step_of(v, system, PHASE_RESTORE);
	for (i = 0; i < v->plan.nsteps; i++) {
		st = &v->steps[i];
		if (strcmp(st->system, system) == 0 && is_trouble(st))
			return st;
	}
	for (i = PHASE_DOCUMENT; i <= PHASE_VERIFY; i++) {
		st = step_of(v, system, (enum phase)i);
		if (st != NULL)
			best = st;
	}
	return best;
}

static void
body_systems(const struct view *v, struct buf *b)
{
	int restored = v->who.restore_at > 0;
	const struct step *st;
	unsigned i;

	for (i = 0; i < v->plan.naccounts; i++) {
		st = telling_step(v, v->accounts[i].system, restored);
		if (st != NULL)
			buf_fmt(b, "- %s: %s. %s\n", v->accounts[i].system,
			    state_word(st->state), st->detail);
	}
}

static unsigned
body_tasks(const struct view *v, struct buf *b)
{
	unsigned i, n = 0;

	for (i = 0; i < v->plan.ntasks; i++) {
		if (v->tasks[i].open == 0)
			continue;
		if (n++ == 0)
			buf_str(b, "\nStill to be done by somebody:\n");
		if (n <= LINES_MAX)
			buf_fmt(b, "- %s\n", v->tasks[i].text);
	}
	if (n > LINES_MAX)
		buf_fmt(b, "- and %u more\n", n - LINES_MAX);
	return n;
}

static int
letters_result(struct engine *en, const struct view *v, const char *topic,
    struct err *e)
{
	const char *const lists[] = { en->set->notify.security,
	    en->set->notify.hr };
	const struct offboarding *o = &v->who;
	struct words w;
	struct buf b;
	int rc = STORE_OK;
	unsigned i;

	w.topic = topic;
	w.subject = strcmp(topic, "complete") == 0 ? "All access has ended" :
	    strcmp(topic, "restored") == 0 ? "Access was put back" :
	    strcmp(topic, "cancelled") == 0 ? "The offboarding was cancelled" :
	    "Not all access has ended, somebody is needed";
	for (i = 0; i < 2 && rc == STORE_OK; i++) {
		w.to = lists[i];
		buf_init(&b, BODY_MAX);
		buf_fmt(&b, "%s: %s (%s)\n", w.subject, called(o), o->email);
		/* Told once for each time that it has come to its end. */
		if (o->status != STATUS_ATTENTION)
			put_time(&b, "", o->status == STATUS_COMPLETE ?
			    o->completed_at : o->status == STATUS_CANCELLED ?
			    o->cancelled_at : o->restore_at, o->zone);
		buf_char(&b, '\n');
		body_systems(v, &b);
		(void)body_tasks(v, &b);
		rc = letter_send(en, o, &w, &b, e);
	}
	return rc;
}

/* ---- the heir ---- */

/* The lines that the providers kept under KEY. */
static unsigned
image_lines(const struct view *v, const char *key, struct buf *b)
{
	struct json_object *image, *list;
	unsigned i, n = 0;
	size_t k;

	for (i = 0; i < v->plan.naccounts; i++) {
		image = json_tokener_parse(v->accounts[i].after);
		list = visit_member(image, key, json_type_array);
		for (k = 0; k < visit_length(list); k++)
			if (n++ < LINES_MAX)
				buf_fmt(b, "- %s: %s\n",
				    v->accounts[i].system,
				    json_object_get_string(
				    json_object_array_get_idx(list, k)));
		json_object_put(image);
	}
	if (n > LINES_MAX)
		buf_fmt(b, "- and %u more\n", n - LINES_MAX);
	return n;
}

static int
letter_heir(struct engine *en, const struct view *v, struct err *e)
{
	struct words w = { "handover", v->who.handover,
	    "This is yours now, from" };
	struct buf b, list;
	unsigned n, m;

	if (v->who.handover[0] == '\0')
		return STORE_OK;
	buf_init(&b, BODY_MAX);
	buf_init(&list, BODY_MAX);
	buf_fmt(&b, "%s (%s) has left, and you were named to take over.\n",
	    called(&v->who), v->who.email);
	n = image_lines(v, "handed_over", &list);
	if (n > 0)
		buf_fmt(&b, "\nYours now:\n%s", buf_cstr(&list));
	buf_reset(&list);
	m = image_lines(v, "renew", &list);
	if (m > 0)
		buf_fmt(&b, "\nThese worked with credentials of theirs, which "
		    "are gone. Make new\nones where you still need them:\n%s",
		    buf_cstr(&list));
	buf_clear(&list);
	if (n + m == 0) {
		buf_clear(&b);
		return STORE_OK;
	}
	return letter_send(en, &v->who, &w, &b, e);
}

/* ---- the HR system ---- */

static void
put_text(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void
put_when(struct json_object *o, const char *key, int64_t at)
{
	char text[WHEN_TEXT];

	when_text(at, text);
	json_object_object_add(o, key, at == 0 ? NULL :
	    json_object_new_string(text));
}

static struct json_object *
hook_systems(const struct view *v)
{
	struct json_object *all = json_object_new_array(), *j, *steps;
	const struct step *st;
	char detail[200];
	unsigned i, p;

	for (i = 0; i < v->plan.naccounts; i++) {
		j = json_object_new_object();
		steps = json_object_new_object();
		put_text(j, "system", v->accounts[i].system);
		put_text(j, "kind", v->accounts[i].kind);
		put_text(j, "found", v->accounts[i].found);
		for (p = 0; p < PHASES; p++) {
			st = step_of(v, v->accounts[i].system, (enum phase)p);
			if (st == NULL)
				continue;
			put_text(steps, phase_word((enum phase)p),
			    state_word(st->state));
		}
		json_object_object_add(j, "steps", steps);
		st = telling_step(v, v->accounts[i].system,
		    v->who.restore_at > 0);
		(void)text_copy(detail, sizeof(detail),
		    st == NULL ? "" : st->detail);
		put_text(j, "detail", detail);
		json_object_array_add(all, j);
	}
	return all;
}

static struct json_object *
hook_data(struct engine *en, const struct view *v)
{
	struct json_object *j = json_object_new_object();
	struct json_object *p = json_object_new_object();
	const struct offboarding *o = &v->who;
	char ob[OB_TEXT], url[600];
	int open = 0;
	unsigned i;

	ob_text(o->id, ob);
	put_text(j, "id", ob);
	put_text(j, "status", status_word(o->status));
	put_text(p, "email", o->email);
	put_text(p, "name", o->name);
	put_text(p, "employee_id", o->employee_id);
	json_object_object_add(j, "person", p);
	put_when(j, "requested_at", o->requested_at);
	put_when(j, "effective_at", o->effective_at);
	put_when(j, "contained_at", o->contained_at);
	put_when(j, "completed_at", o->completed_at);
	json_object_object_add(j, "emergency",
	    json_object_new_boolean(o->emergency));
	json_object_object_add(j, "systems", hook_systems(v));
	for (i = 0; i < v->plan.ntasks; i++)
		open += v->tasks[i].open != 0;
	json_object_object_add(j, "open_tasks", json_object_new_int(open));
	if (en->set->public_url != NULL) {
		(void)snprintf(url, sizeof(url), "%s/offboardings/%s",
		    en->set->public_url, ob);
		put_text(j, "url", url);
	}
	return j;
}

static int
hook(struct engine *en, const struct view *v, const char *topic, int64_t at,
    struct err *e)
{
	struct json_object *j;
	struct message m;
	char type[64];
	int rc;

	if (en->set->notify.webhook_url == NULL)
		return STORE_OK;
	memset(&m, 0, sizeof(m));
	j = json_object_new_object();
	(void)snprintf(type, sizeof(type), "offboarding.%s", topic);
	put_text(j, "type", type);
	put_when(j, "timestamp", at);
	json_object_object_add(j, "data", hook_data(en, v));
	m.offboarding = v->who.id;
	(void)text_copy(m.kind, sizeof(m.kind), "webhook");
	(void)text_copy(m.topic, sizeof(m.topic), topic);
	m.recipient = "";
	m.subject = type;
	m.body = json_object_to_json_string_ext(j, JSON_C_TO_STRING_PLAIN |
	    JSON_C_TO_STRING_NOSLASHESCAPE);
	rc = message_add(en->store, &m, e);
	json_object_put(j);
	return rc;
}

/* ---- when to speak ---- */

/* When anything last moved, leaving aside our own trouble with telling. */
static int64_t
moved_at(const struct view *v)
{
	int64_t last = v->who.cancelled_at;
	unsigned i;

	/* Nothing more comes of it. */
	if (v->who.status == STATUS_CANCELLED)
		return last;
	/* That it still waits is no news. */
	for (i = 0; i < v->plan.nsteps; i++)
		if (v->steps[i].at > last && !state_is_open(v->steps[i].state))
			last = v->steps[i].at;
	for (i = 0; i < v->plan.ntasks; i++) {
		const struct task *t = &v->tasks[i];

		if (strcmp(t->phase, NOTICE_PHASE) == 0)
			continue;
		if (t->opened_at > last)
			last = t->opened_at;
		if (t->closed_at > last)
			last = t->closed_at;
	}
	return last;
}

static const char *
topic_of(enum status status)
{
	switch (status) {
	case STATUS_COMPLETE:
		return "complete";
	case STATUS_ATTENTION:
		return "attention";
	case STATUS_RESTORED:
		return "restored";
	case STATUS_CANCELLED:
		return "cancelled";
	default:
		return NULL;
	}
}

/* Is all that is left that somebody could not be told? That is on the task
 * page, and telling it would fail as well. */
static int
is_only_untold(const struct view *v)
{
	unsigned i;

	for (i = 0; i < v->plan.nsteps; i++)
		if (is_trouble(&v->steps[i]))
			return 0;
	for (i = 0; i < v->plan.ntasks; i++)
		if (v->tasks[i].open != 0 &&
		    strcmp(v->tasks[i].phase, NOTICE_PHASE) != 0)
			return 0;
	return !plan_found_nowhere(&v->plan);
}

int
notice_status(struct engine *en, const struct offboarding *o, struct err *e)
{
	const char *topic = topic_of(o->status), *words;
	struct view v;
	int64_t moved;
	int rc, told;

	if (topic == NULL || (en->set->notify.smtp_url == NULL &&
	    en->set->notify.webhook_url == NULL))
		return STORE_OK;
	rc = view_load(en, o->id, &v, e);
	if (rc != STORE_OK)
		return rc;
	v.who = *o;
	moved = moved_at(&v);
	/* What has ended has ended, for those who can be told. */
	words = o->status == STATUS_ATTENTION && is_only_untold(&v) ?
	    "complete" : topic;
	told = message_since(en->store, o->id, words, "mail", moved, e);
	if (told == 0)
		rc = letters_result(en, &v, words, e);
	if (told != -1 && rc == STORE_OK)
		told = message_since(en->store, o->id, topic, "webhook", moved,
		    e);
	if (told == 0 && rc == STORE_OK && (words == topic ||
	    message_since(en->store, o->id, "complete", "webhook", moved,
	    e) == 0))
		rc = hook(en, &v, topic, moved, e);
	if (told == -1)
		rc = STORE_FAIL;
	if (rc == STORE_OK && (o->status == STATUS_COMPLETE ||
	    o->status == STATUS_ATTENTION))
		rc = letter_heir(en, &v, e);
	view_clear(&v);
	return rc;
}

int
notice_back(struct engine *en, const struct step *st, struct err *e)
{
	struct words w = { "access_returned", en->set->notify.security,
	    "Access came back" };
	struct view v;
	struct buf b;
	unsigned i;
	int rc = view_load(en, st->offboarding, &v, e);

	if (rc != STORE_OK)
		return rc;
	/* As it will stand in the record with this transaction. */
	for (i = 0; i < v.plan.nsteps; i++)
		if (v.steps[i].id == st->id)
			v.steps[i] = *st;
	v.who.status = en->set->recheck_contain ? STATUS_RUNNING :
	    STATUS_ATTENTION;
	v.who.completed_at = 0;
	buf_init(&b, BODY_MAX);
	buf_fmt(&b, "Access of %s (%s) had ended, but it is back in %s:\n%s.\n",
	    called(&v.who), v.who.email, st->system, st->detail);
	put_time(&b, "Seen on ", when_now(), v.who.zone);
	buf_fmt(&b, "\n%s\n", en->set->recheck_contain ?
	    "It is being ended again." : "Retry that system to end it again, "
	    "or restore the offboarding if the\nperson is back.");
	rc = letter_send(en, &v.who, &w, &b, e);
	if (rc == STORE_OK)
		rc = hook(en, &v, "access_returned", when_now(), e);
	view_clear(&v);
	return rc;
}
