/*
 * What a program has said: its outcome in the words of offboard.conf(5), and
 * what an end without one means. Takes its word and no more.
 */
#include "command.h"

#include <sys/wait.h>

#include <stdio.h>
#include <string.h>

#define WAIT_S		10	/* between looks, where it does not say */
#define WAIT_MAX_S	3600

static const struct {
	const char	*word;
	enum outcome	 outcome;
	int		 bad;	/* may go with an exit that is not 0 */
} words[] = {
	{ "verified", OUT_VERIFIED, 0 },
	{ "done", OUT_DONE, 0 },
	{ "manual", OUT_MANUAL, 0 },
	{ "absent", OUT_ABSENT, 0 },
	{ "failed", OUT_FAILED, 1 },
	{ "open", OUT_OPEN, 1 },
	{ "unclear", OUT_UNCLEAR, 1 },
	{ "retry", OUT_RETRY, 1 },
	{ "wait", OUT_WAIT, 1 },
	{ "ambiguous", OUT_AMBIGUOUS, 1 },
};

/* Index into words[], or -1. */
static int
word_of(struct json_object *said)
{
	const char *text = visit_text(said, "outcome");
	int i;

	for (i = 0; i < (int)(sizeof(words) / sizeof(words[0])); i++)
		if (strcmp(text, words[i].word) == 0)
			return i;
	return -1;
}

static void
take_image(struct visit *v, struct json_object *image,
    void (*put)(struct visit *, const char *, struct json_object *))
{
	struct json_object_iterator at, end;

	if (image == NULL)
		return;
	at = json_object_iter_begin(image);
	end = json_object_iter_end(image);
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		put(v, json_object_iter_peek_name(&at), json_object_get(
		    json_object_iter_peek_value(&at)));
}

static const char *
row_text(struct json_object *list, size_t i)
{
	struct json_object *row = json_object_array_get_idx(list, i);

	return row != NULL && json_object_is_type(row, json_type_string) ?
	    json_object_get_string(row) : "";
}

static void
take_lists(struct visit *v, struct json_object *said)
{
	struct json_object *list = visit_member(said, "holds",
	    json_type_array);
	size_t i;

	for (i = 0; i < visit_length(list); i++)
		if (row_text(list, i)[0] != '\0')
			visit_holds(v, "%s", row_text(list, i));
	list = visit_member(said, "tasks", json_type_array);
	for (i = 0; i < visit_length(list); i++)
		if (row_text(list, i)[0] != '\0')
			visit_task(v, "%s", row_text(list, i));
	take_image(v, visit_member(said, "before", json_type_object),
	    visit_before);
	take_image(v, visit_member(said, "after", json_type_object),
	    visit_after);
}

static int64_t
wait_said(struct json_object *said, int64_t otherwise)
{
	struct json_object *m = visit_member(said, "wait", json_type_int);
	int64_t s = m == NULL ? otherwise : json_object_get_int64(m);

	return (s < 0 ? 0 : s > WAIT_MAX_S ? WAIT_MAX_S : s) * 1000;
}

/* Its outcome with its sentence. Bad news names the system. */
static enum outcome
take_word(struct visit *v, struct json_object *said, int word,
    const char *phase)
{
	const char *detail = visit_text(said, "detail");
	enum outcome out = words[word].outcome;
	char account[WORD_MAX];

	/* Whom the document phase found, the later ones are about. */
	visit_id(said, "account", account);
	if (account[0] != '\0' && (v->account[0] == '\0' || strcmp(phase,
	    phase_word(PHASE_DOCUMENT)) == 0))
		(void)text_copy(v->account, sizeof(v->account), account);
	take_lists(v, said);
	if (out == OUT_WAIT)
		v->wait = wait_said(said, WAIT_S);
	if (out == OUT_RETRY)
		v->wait = wait_said(said, 0);
	/* What no machine has proven, a person must. */
	if ((out == OUT_DONE || out == OUT_MANUAL) && v->ntasks == 0)
		visit_task(v, "See to it in %s that the %s of %s is done: %s",
		    v->sys->name, phase, v->who->email, detail[0] != '\0' ?
		    detail : "its program cannot prove it");
	if (detail[0] == '\0')
		return visit_end(v, out, "the program of %s says \"%s\"",
		    v->sys->name, words[word].word);
	if (words[word].bad && strstr(detail, v->sys->name) == NULL)
		return visit_end(v, out, "%s: %s", v->sys->name, detail);
	return visit_end(v, out, "%s", detail);
}

/* What an end without a usable outcome means. */
static enum outcome
run_failed(struct visit *v, const struct command_run *r, int word)
{
	const char *sys = v->sys->name, *colon = r->last[0] != '\0' ? ": " :
	    "";
	int code = WIFEXITED(r->status) ? WEXITSTATUS(r->status) : 0;

	if (WIFSIGNALED(r->status))
		return visit_end(v, OUT_RETRY, "the program of %s was ended "
		    "by signal %d in its %s%s%s", sys, WTERMSIG(r->status),
		    r->phase, colon, r->last);
	if (code != 0 && word != -1)
		return visit_end(v, OUT_UNCLEAR, "the program of %s says "
		    "\"%s\" of its %s, but ended with %d%s%s", sys,
		    words[word].word, r->phase, code, colon, r->last);
	/* EX_TEMPFAIL of sysexits(3). */
	if (code != 0)
		return visit_end(v, code == 75 ? OUT_RETRY : OUT_FAILED,
		    "the program of %s ended its %s with %d%s%s", sys,
		    r->phase, code, colon, r->last);
	return visit_end(v, OUT_GARBLED, "the program of %s printed no "
	    "outcome as JSON for its %s%s%s", sys, r->phase, colon, r->last);
}

static enum outcome
run_judge(struct visit *v, const struct command_run *r)
{
	struct json_object *said = command_json(&r->out);
	int word = word_of(said), fine;
	enum outcome out;

	fine = WIFEXITED(r->status) && (WEXITSTATUS(r->status) == 0 ||
	    (word != -1 && words[word].bad));
	if (fine && word != -1)
		out = take_word(v, said, word, r->phase);
	else if (fine && visit_member(said, "outcome", json_type_string) !=
	    NULL)
		out = visit_end(v, OUT_UNCLEAR, "the program of %s calls the "
		    "outcome of its %s \"%.40s\", which is no word of "
		    "offboard.conf(5)", v->sys->name, r->phase,
		    visit_text(said, "outcome"));
	else
		out = run_failed(v, r, word);
	json_object_put(said);
	return out;
}

enum outcome
command_outcome(struct visit *v, const struct command_run *r,
    enum command_end end, const char *why)
{
	const char *sys = v->sys->name;

	switch (end) {
	case COMMAND_LATE:
		return visit_end(v, OUT_RETRY, "the program of %s did not end "
		    "its %s within %lld s and was killed", sys, r->phase,
		    (long long)r->timeout / 1000);
	case COMMAND_LOUD:
		return visit_end(v, OUT_GARBLED, "the program of %s printed "
		    "more than %u bytes for its %s", sys, COMMAND_OUT_MAX,
		    r->phase);
	case COMMAND_STOPPED:
		return visit_end(v, OUT_RETRY, "the program of %s was stopped "
		    "in its %s, because the worker ends", sys, r->phase);
	case COMMAND_NOT_RUN:
		return visit_end(v, OUT_FAILED, "%s: %s", sys, why);
	default:
		return run_judge(v, r);
	}
}
