/* Who was told of an offboarding, and who could not be. Shows what the record
 * says of each message. */
#include <stdlib.h>
#include <string.h>

#include "casefile.h"
#include "clock.h"
#include "html.h"

#define TOLD_MAX 200

static const char *
told_topic(const char *topic)
{
	static const struct { const char *topic, *words; } all[] = {
		{ "card", "Please collect the card" },
		{ "emergency", "Emergency" },
		{ "complete", "All access has ended" },
		{ "attention", "Somebody is needed" },
		{ "restored", "Access was put back" },
		{ "cancelled", "Cancelled" },
		{ "handover", "What is theirs now" },
		{ "access_returned", "Access came back" },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(all[i].topic, topic) == 0)
			return all[i].words;
	return topic;
}

int
told_show(struct web *w, const struct casefile *v, struct err *e)
{
	struct message *rows = calloc(TOLD_MAX, sizeof(*rows)), *m;
	unsigned i, n = 0;
	int rc = rows == NULL ? err_set(e, "out of memory") :
	    message_list(w->store, v->o.id, rows, TOLD_MAX, &n, e);

	if (rc == STORE_OK && n > 0)
		buf_str(w->out, "<h2>Who was told</h2>\n<ul class=\"steps\">"
		    "\n");
	for (i = 0; i < n; i++) {
		m = &rows[i];
		html_fmt(w->out, "<li>%s: %s. %s",
		    strcmp(m->kind, "mail") == 0 ? m->recipient :
		    "The HR system", told_topic(m->topic),
		    strcmp(m->state, "sent") == 0 ? "Sent" :
		    strcmp(m->state, "failed") == 0 ? "Could not be sent" :
		    m->attempts > 0 ? "Not sent yet, it is tried again" :
		    "Being sent");
		if (m->last_error[0] != '\0')
			html_fmt(w->out, " <span class=\"why\">%s</span>",
			    m->last_error);
		buf_str(w->out, "<span class=\"by\">");
		clock_html(w->out, m->ended_at != 0 ? m->ended_at :
		    m->created_at, v->o.zone, 1);
		buf_str(w->out, "</span></li>\n");
		message_clear(m);
	}
	if (rc == STORE_OK && n > 0)
		buf_str(w->out, "</ul>\n");
	free(rows);
	return rc == STORE_OK ? 0 : -1;
}
