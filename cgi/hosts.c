/* Linux hosts: what each has confirmed, and which have confirmed one
 * person's denial. A host counts only by its own signed report. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "page.h"
#include "peek.h"
#include "routes.h"
#include "casefile.h"

#define HOSTS_MAX 100000
#define SHOWN_MAX 1000
#define NAMED_MAX 20
#define SILENT_MS (5 * 60 * 1000)

/* All hosts; the caller gives them back with hosts_free(). */
struct hosts {
	struct host	*rows;
	unsigned	 n;
	struct head	 head;
	int		 has_head;
};

static void
hosts_free(struct hosts *h)
{
	unsigned i;

	for (i = 0; i < h->n; i++)
		host_clear(&h->rows[i]);
	free(h->rows);
}

/* As many rows as there are hosts: a first look at some, then at all. */
static int
hosts_load(struct web *w, int all, struct hosts *h, struct err *e)
{
	unsigned max = 256;
	int rc;

	memset(h, 0, sizeof(*h));
	for (;;) {
		h->rows = calloc(max, sizeof(*h->rows));
		if (h->rows == NULL)
			return err_set(e, "out of memory");
		if (host_list(w->store, all, h->rows, max, &h->n, e) !=
		    STORE_OK) {
			h->n = 0;
			return -1;
		}
		if (h->n < max || max >= HOSTS_MAX)
			break;
		hosts_free(h);
		max = max * 4 > HOSTS_MAX ? HOSTS_MAX : max * 4;
	}
	rc = head_get(w->store, &h->head, e);
	h->has_head = rc == STORE_OK;
	return rc == STORE_FAIL ? -1 : 0;
}

/* Does the report's list hold the login? */
static int
report_names(struct json_object *report, const char *key, const char *login)
{
	struct json_object *list = peek_list(report, key);
	size_t i;

	for (i = 0; i < peek_size(list); i++)
		if (strcasecmp(json_object_get_string(
		    json_object_array_get_idx(list, i)), login) == 0)
			return 1;
	return 0;
}

enum confirm { CONFIRM_NO, CONFIRM_YES, CONFIRM_EXEMPT };

static enum confirm
host_confirms(const struct host *h, const struct hosts *all,
    const struct denial *d)
{
	struct json_object *report;
	int exempt;

	if (h->reported_at == 0 || h->epoch != all->head.epoch ||
	    h->serial < d->serial)
		return CONFIRM_NO;
	report = json_tokener_parse(h->report);
	exempt = report_names(report, "exempt", d->login);
	json_object_put(report);
	return exempt != 0 ? CONFIRM_EXEMPT : CONFIRM_YES;
}

/* Is the host in the scope of one of the Linux systems? */
static int
host_in_scope(const struct settings *set, const struct host *h)
{
	const char *scope;
	unsigned i;

	for (i = 0; i < set->nsystems; i++) {
		if (strcmp(set->systems[i].kind, "linux") != 0)
			continue;
		scope = conf_get(set->conf, set->systems[i].section, "scope");
		if (strcmp(scope == NULL ? "default" : scope, h->scope) == 0)
			return 1;
	}
	return 0;
}

static void
confirmed_show(struct web *w, const struct hosts *h, const struct denial *d)
{
	unsigned i, scope = 0, yes = 0, named = 0;
	struct buf missing;
	enum confirm c;

	buf_init(&missing, 65536);
	for (i = 0; i < h->n; i++) {
		if (h->rows[i].retired_at != 0 ||
		    host_in_scope(w->site->settings, &h->rows[i]) == 0)
			continue;
		scope++;
		c = host_confirms(&h->rows[i], h, d);
		yes += c == CONFIRM_YES;
		if (c != CONFIRM_YES && named++ < NAMED_MAX)
			html_fmt(&missing, "<li>%s: %s</li>", h->rows[i].name,
			    c == CONFIRM_EXEMPT ?
			    "exempts this login, so it is not denied there" :
			    h->rows[i].reported_at == 0 ?
			    "has never reported" : "has not confirmed yet");
	}
	html_fmt(w->out, "<p><strong>%u of %u %s confirmed</strong> that the "
	    "login <span class=\"mono\">%s</span> is denied.</p>\n", yes,
	    scope, scope == 1 ? "host" : "hosts", d->login);
	if (named > 0) {
		buf_str(w->out, "<ul>");
		buf_put(w->out, buf_cstr(&missing), missing.len);
		if (named > NAMED_MAX)
			html_fmt(w->out, "<li>and %u more</li>",
			    named - NAMED_MAX);
		buf_str(w->out, "</ul>\n");
	}
	buf_clear(&missing);
}

int
hosts_confirmed(struct web *w, const struct casefile *v, struct err *e)
{
	struct denial d;
	struct hosts h;
	int rc;

	if (v->o.login[0] == '\0')
		return 0;
	rc = denial_get(w->store, v->o.login, v->o.id, &d, e);
	if (rc != STORE_OK)
		return rc == STORE_NONE ? 0 : -1;
	buf_str(w->out, "<h2>Linux hosts</h2>\n");
	if (d.lifted_serial != 0) {
		html_fmt(w->out, "<p>The login <span class=\"mono\">%s</span> "
		    "is no longer listed as denied by this offboarding.</p>\n",
		    d.login);
		return 0;
	}
	rc = hosts_load(w, 0, &h, e);
	if (rc == 0)
		confirmed_show(w, &h, &d);
	hosts_free(&h);
	return rc;
}

static void
host_show(struct web *w, const struct hosts *all, const struct host *h)
{
	html_fmt(w->out, "<tr><th scope=\"row\">%s</th><td data-th=\"Group\">"
	    "%s</td><td data-th=\"State\">", h->name, h->scope);
	if (h->retired_at != 0)
		buf_str(w->out, "<span class=\"tag off\">Retired</span>");
	else if (h->reported_at == 0)
		buf_str(w->out, "<span class=\"tag warn\">Never reported"
		    "</span>");
	else if (w->now - h->reported_at > SILENT_MS)
		buf_str(w->out, "<span class=\"tag bad\">Silent</span>");
	else if (all->has_head == 0 || h->epoch != all->head.epoch ||
	    h->serial < all->head.serial)
		buf_str(w->out, "<span class=\"tag warn\">Behind</span>");
	else
		buf_str(w->out, "<span class=\"tag ok\">Up to date</span>");
	buf_str(w->out, "</td><td data-th=\"Last report\">");
	clock_html(w->out, h->reported_at, "UTC", 1);
	buf_str(w->out, "</td><td data-th=\"List applied\">");
	if (h->reported_at == 0)
		buf_str(w->out, "–");
	else
		html_fmt(w->out, "%lld.%lld", (long long)h->epoch,
		    (long long)h->serial);
	buf_str(w->out, "</td></tr>\n");
}

static void
hosts_show(struct web *w, const struct hosts *h)
{
	unsigned i;

	if (h->has_head != 0)
		html_fmt(w->out, "<p>The list in force is <strong>%lld.%lld"
		    "</strong>. A host is silent when it has not reported for "
		    "five minutes.</p>\n", (long long)h->head.epoch,
		    (long long)h->head.serial);
	if (h->n == 0) {
		buf_str(w->out, "<p class=\"empty\">No Linux host is enrolled."
		    "</p>\n");
		return;
	}
	html_fmt(w->out, "<table class=\"stack\"><caption>%u %s</caption>"
	    "<thead><tr><th scope=\"col\">Host</th><th scope=\"col\">Group"
	    "</th><th scope=\"col\">State</th><th scope=\"col\">Last report"
	    "</th><th scope=\"col\">List applied</th></tr></thead><tbody>\n",
	    h->n, h->n == 1 ? "host" : "hosts");
	for (i = 0; i < h->n && i < SHOWN_MAX; i++)
		host_show(w, h, &h->rows[i]);
	buf_str(w->out, "</tbody></table>\n");
	if (h->n > SHOWN_MAX)
		html_fmt(w->out, "<p>The first %d are shown. The command "
		    "\"offboard host list\" shows all of them.</p>\n",
		    SHOWN_MAX);
}

int
hosts_get(struct web *w, struct err *e)
{
	const struct page p = { .title = "Linux hosts", .nav = NAV_HOSTS };
	struct hosts h;
	int rc = hosts_load(w, 1, &h, e);

	if (rc == 0) {
		page_begin(w, &p);
		buf_str(w->out, "<h1>Linux hosts</h1>\n");
		hosts_show(w, &h);
		page_end(w);
	}
	hosts_free(&h);
	return rc;
}
