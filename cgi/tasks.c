/* Tasks for people: the list of open ones, and closing one with a note. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../providers/record/wake.h"
#include "clock.h"
#include "field.h"
#include "page.h"
#include "post.h"
#include "routes.h"
#include "casefile.h"

#define TASKS_MAX 200

static const struct form_field task_fields[] = {
	{ "csrf", 128, FORM_LINE }, { "note", 500, FORM_LINES },
	{ NULL, 0, FORM_LINE },
};

static void
task_closed(struct web *w, const struct task *t)
{
	html_fmt(w->out, "<p><span class=\"tag off\">Closed</span> %s"
	    "<span class=\"by\">by %s, ", t->note, t->closed_by);
	clock_html(w->out, t->closed_at, "UTC", 0);
	buf_str(w->out, "</span></p>");
}

static void
task_form(struct web *w, const struct task *t)
{
	char form[48];
	unsigned long long id = (unsigned long long)t->id;

	(void)snprintf(form, sizeof(form), "task %llu", id);
	html_fmt(w->out, "<form method=\"post\" action=\"/tasks/%lld\" "
	    "class=\"noprint\">\n", (long long)t->id);
	page_csrf(w, form);
	html_fmt(w->out, "<div class=\"field\"><label for=\"note-%lld\">What "
	    "was done or seen</label><textarea id=\"note-%lld\" name=\"note\" "
	    "rows=\"2\"></textarea></div><button class=\"btn plain\" "
	    "type=\"submit\">Close this task</button></form>\n",
	    (long long)t->id, (long long)t->id);
}

void
task_show(struct web *w, const struct task *t, int with_case)
{
	char ob[OB_TEXT];

	ob_text(t->offboarding, ob);
	html_fmt(w->out, "<li class=\"card\" id=\"t-%lld\"><p>",
	    (long long)t->id);
	if (with_case != 0)
		html_fmt(w->out, "<a href=\"/offboardings/%s\">%s</a> ", ob,
		    ob);
	html_fmt(w->out, "<strong>%s</strong>", t->text);
	buf_str(w->out, "<span class=\"by\">");
	if (t->system[0] != '\0')
		html_fmt(w->out, "%s, ", t->system);
	buf_str(w->out, "opened on ");
	clock_html(w->out, t->opened_at, "UTC", 0);
	buf_str(w->out, "</span></p>\n");
	if (t->open == 0)
		task_closed(w, t);
	else if ((w->roles & ROLE_OPERATOR) != 0)
		task_form(w, t);
	buf_str(w->out, "</li>\n");
}

int
tasks_get(struct web *w, struct err *e)
{
	const struct page p = { .title = "Tasks", .nav = NAV_TASKS };
	struct task *rows = calloc(TASKS_MAX, sizeof(*rows));
	unsigned i, n = 0;

	if (rows == NULL)
		return err_set(e, "out of memory");
	if (task_list(w->store, 0, rows, TASKS_MAX, &n, e) != STORE_OK) {
		free(rows);
		return -1;
	}
	page_begin(w, &p);
	buf_str(w->out, "<h1>Open tasks</h1>\n");
	if (n == 0)
		buf_str(w->out, "<p class=\"empty\">No task is open.</p>\n");
	else
		html_fmt(w->out, "<p>%u open %s%s</p>\n", n, n == 1 ? "task" :
		    "tasks", n == TASKS_MAX ? ", or more" : "");
	buf_str(w->out, "<ul class=\"tasks\">\n");
	for (i = 0; i < n; i++)
		task_show(w, &rows[i], 1);
	buf_str(w->out, "</ul>\n");
	page_end(w);
	free(rows);
	return 0;
}

/* The form on a page of its own, with what was typed. */
static int
task_again(struct web *w, const struct task *t, const char *note,
    const char *problem)
{
	const struct page p = { .title = "Close a task", .nav = NAV_TASKS,
	    .error = 1 };
	struct problems ps = { .n = 0 };
	char form[48];

	if (problem != NULL)
		problem_add(&ps, "note", "%s", problem);
	page_begin(w, &p);
	problem_box(w->out, &ps);
	if (problem == NULL)
		page_expired(w);
	html_fmt(w->out, "<h1>Close a task</h1>\n<p><strong>%s</strong></p>\n"
	    "<form method=\"post\" action=\"/tasks/%lld\">\n", t->text,
	    (long long)t->id);
	(void)snprintf(form, sizeof(form), "task %llu",
	    (unsigned long long)t->id);
	page_csrf(w, form);
	field_area(w->out, &(struct field){ "note", "What was done or seen",
	    NULL, note, NULL, NULL, NULL, 0 }, &ps);
	buf_str(w->out, "<div class=\"actions\"><button class=\"btn\" "
	    "type=\"submit\">Close this task</button><a href=\"/tasks\">Back"
	    "</a></div></form>\n");
	page_end(w);
	return 0;
}

static int
note_is_blank(const char *note)
{
	return note[strspn(note, " \t\n")] == '\0';
}

static int
task_close_one(struct web *w, const struct task *t, const char *note,
    struct err *e)
{
	char ob[OB_TEXT];

	switch (task_close(w->store, t->id, w->user, note, e)) {
	case STORE_OK:
		wake_send(w->site->settings->data_dir);
		ob_text(t->offboarding, ob);
		return web_redirect(w, "/offboardings/%s#tasks", ob);
	case STORE_CONFLICT:
		return page_say(w, 409, "This task is closed already",
		    "Somebody closed it meanwhile. Nothing was changed.");
	case STORE_NONE:
		return page_say(w, 404, "Not found", "There is no such task.");
	default:
		return -1;
	}
}

static int
task_answer(struct web *w, const struct task *t, const struct form *f,
    struct err *e)
{
	const char *note = form_get(f, "note");
	char form[48];

	(void)snprintf(form, sizeof(form), "task %llu",
	    (unsigned long long)t->id);
	switch (page_csrf_check(w, form, form_get(f, "csrf"))) {
	case CSRF_BAD:
		return page_say(w, 403, "This form is not from one of our "
		    "pages", "Nothing was changed. Open the page again and "
		    "press the button there.");
	case CSRF_EXPIRED:
		w->status = 403;
		return task_again(w, t, note, NULL);
	case CSRF_OK:
		break;
	}
	if (note_is_blank(note) || form_long(f) != NULL) {
		w->status = 400;
		return task_again(w, t, note, note_is_blank(note) ?
		    "Write what was done or seen" :
		    "The note may have 500 characters");
	}
	return task_close_one(w, t, note, e);
}

int
tasks_post(struct web *w, struct err *e)
{
	struct task t;
	struct form f;
	int rc;

	if (post_form(w, task_fields, &f) != 0)
		return 0;
	rc = task_get(w->store, w->id, &t, e);
	if (rc == STORE_OK)
		rc = task_answer(w, &t, &f, e);
	else if (rc == STORE_NONE)
		rc = page_say(w, 404, "Not found", "There is no such task.");
	form_clear(&f);
	return rc;
}
