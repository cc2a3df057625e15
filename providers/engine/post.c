/* The threads that send what is queued: one for letters, one for the HR
 * system, so that a slow one holds up nobody. Words come from notice.c; what
 * could not be sent is tried again, and becomes a task. */
#include <openssl/rand.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <syslog.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../base/log.h"
#include "../net/mail.h"
#include "../net/webhook.h"
#include "../record/case.h"
#include "inside.h"

#define POSTERS		2
#define SEND_MS		20000	/* for one message */
#define TASK_AFTER	2	/* tries that failed before a human is asked */

struct poster {
	struct engine	*engine;
	const char	*kind;
	pthread_t	 thread;
	int		 started;
	int		 busy;		/* a message is being sent */
	int		 failing;	/* the last one could not be sent */
	int		 quit;
	int		 stranger;	/* it goes to nobody we know */
	struct message	 message;
};

struct post {
	struct poster	 posters[POSTERS];
};

enum sent { SENT_OK, SENT_LATER, SENT_NEVER };

/* As in Standard Webhooks: soon, then ever more rarely, for three days. */
static int64_t
try_after(int64_t attempts, int64_t asked)
{
	static const int64_t seconds[] = { 5, 300, 1800, 7200, 18000, 36000,
	    50400, 72000, 86400 };
	uint32_t dice = 0;
	int64_t ms;

	if (attempts >= (int64_t)(sizeof(seconds) / sizeof(seconds[0])))
		return -1;
	(void)RAND_bytes((unsigned char *)&dice, sizeof(dice));
	ms = seconds[attempts] * 1000;
	ms += dice % (ms / 10);
	return ms < asked ? asked : ms;
}

/* The one line of a secret's file. Caller clears. */
static int
secret_read(const char *path, struct buf *b, struct err *e)
{
	buf_init(b, 1024);
	if (buf_file(b, path, e) == -1)
		return -1;
	while (b->len > 0 && strchr("\r\n", b->s[b->len - 1]) != NULL)
		b->s[--b->len] = '\0';
	return 0;
}

static int
list_has(const char *list, const char *address)
{
	return list != NULL && conf_list_has(list, address) != 0;
}

/* A row of the record alone sends nothing to anybody: only those whom the
 * configuration names are written to, and the one who takes over. */
static int
is_receiver(struct engine *en, const struct message *m)
{
	const struct settings_notify *n = &en->set->notify;
	struct offboarding o;
	struct err e;

	if (strcmp(m->kind, "mail") != 0 ||
	    list_has(n->security, m->recipient) ||
	    list_has(n->hr, m->recipient) ||
	    list_has(n->facilities, m->recipient))
		return 1;
	return case_get(en->store, m->offboarding, &o, &e) == STORE_OK &&
	    strcmp(m->topic, "handover") == 0 &&
	    strcasecmp(o.handover, m->recipient) == 0;
}

static enum sent
send_mail(const struct settings_notify *n, const struct message *m,
    const char *id, struct err *e)
{
	struct buf password;
	enum mail_result rc;
	struct mail mail;

	memset(&mail, 0, sizeof(mail));
	buf_init(&password, 1024);
	mail.url = n->smtp_url;
	mail.from = n->from;
	if (mail.url == NULL) {
		err_set(e, "no mail server is configured any more");
		return SENT_NEVER;
	}
	if (n->smtp_user != NULL) {
		if (secret_read(n->smtp_password_file, &password, e) == -1) {
			buf_clear(&password);
			return SENT_LATER;
		}
		mail.user = n->smtp_user;
		mail.password = buf_cstr(&password);
	}
	mail.to = m->recipient;
	mail.subject = m->subject;
	mail.body = m->body;
	mail.id = id;
	mail.at = m->created_at;
	mail.timeout = SEND_MS;
	rc = mail_send(&mail, e);
	buf_clear(&password);
	return rc == MAIL_SENT ? SENT_OK : rc == MAIL_LATER ? SENT_LATER :
	    SENT_NEVER;
}

static enum sent
send_hook(const struct settings_notify *n, const struct message *m,
    const char *id, int64_t *wait, struct err *e)
{
	enum webhook_result rc;
	struct webhook w;
	struct buf secret;

	memset(&w, 0, sizeof(w));
	w.url = n->webhook_url;
	if (w.url == NULL) {
		err_set(e, "no webhook is configured any more");
		return SENT_NEVER;
	}
	if (secret_read(n->webhook_secret_file, &secret, e) == -1) {
		buf_clear(&secret);
		return SENT_LATER;
	}
	w.secret = buf_cstr(&secret);
	w.id = id;
	w.body = m->body;
	w.timeout = SEND_MS;
	rc = webhook_send(&w, wait, e);
	buf_clear(&secret);
	return rc == WEBHOOK_SENT ? SENT_OK : rc == WEBHOOK_LATER ?
	    SENT_LATER : SENT_NEVER;
}

int
post_check(const struct settings_notify *n, struct err *e)
{
	struct webhook w = { NULL, "", "msg_check", "{}", 0 };
	char signature[WEBHOOK_SIGNATURE];
	struct buf secret;
	int rc = 0;

	buf_init(&secret, 1024);
	if (n->smtp_user != NULL)
		rc = secret_read(n->smtp_password_file, &secret, e);
	buf_clear(&secret);
	if (rc == 0 && n->webhook_url != NULL) {
		rc = secret_read(n->webhook_secret_file, &secret, e);
		w.secret = buf_cstr(&secret);
		if (rc == 0)
			rc = webhook_sign(&w, 1, signature, e);
		buf_clear(&secret);
	}
	return rc;
}

/* ---- what came of it; under the lock ---- */

static void
message_task(const struct message *m, struct task *t)
{
	memset(t, 0, sizeof(*t));
	t->offboarding = m->offboarding;
	(void)text_copy(t->phase, sizeof(t->phase), NOTICE_PHASE);
	if (strcmp(m->kind, "mail") == 0)
		(void)snprintf(t->text, sizeof(t->text), "Tell %.200s "
		    "yourself: the letter \"%.150s\" could not be sent. See "
		    "[notify] in the configuration.", m->recipient,
		    m->subject);
	else
		(void)snprintf(t->text, sizeof(t->text), "Tell the HR system "
		    "yourself: \"%.100s\" could not be sent to its webhook. "
		    "See [notify] in the configuration.", m->subject);
}

static int
keep_task(struct engine *en, const struct message *m, enum sent sent,
    struct err *e)
{
	struct task t;

	message_task(m, &t);
	if (sent == SENT_OK)
		return m->attempts < TASK_AFTER ? STORE_OK :
		    task_settled(en->store, &t, "it was sent since", e);
	if (sent == SENT_LATER && m->attempts + 1 < TASK_AFTER)
		return STORE_OK;
	return task_open(en->store, &t, "offboardd", e);
}

static int
keep(struct engine *en, struct message *m, enum sent sent, int64_t wait,
    struct err *e)
{
	int64_t again = try_after(m->attempts, wait);
	int rc;

	if (sent == SENT_LATER && again == -1)
		sent = SENT_NEVER;
	(void)text_copy(m->state, sizeof(m->state), sent == SENT_OK ? "sent" :
	    sent == SENT_NEVER ? "failed" : "queued");
	m->due_at = sent == SENT_LATER ? when_now() + again : 0;
	rc = store_begin(en->store, e);
	if (rc != STORE_OK)
		return rc;
	rc = message_end(en->store, m, e);
	if (rc == STORE_OK)
		rc = keep_task(en, m, sent, e);
	if (rc == STORE_OK)
		rc = view_settle(en, m->offboarding, e);
	if (rc == STORE_OK)
		return store_commit(en->store, e);
	store_rollback(en->store);
	return rc;
}

static void
post_one(struct poster *p)
{
	const struct settings_notify *n = &p->engine->set->notify;
	struct engine *en = p->engine;
	struct message *m = &p->message;
	struct err e;
	char id[80];
	enum sent sent;
	int64_t wait = 0;
	int rc;

	e.text[0] = '\0';
	(void)snprintf(id, sizeof(id), "msg_%lld_%lld_%lld",
	    (long long)m->offboarding, (long long)m->id,
	    (long long)m->created_at);
	if (p->stranger) {
		err_set(&e, "%.200s is nobody whom [notify] names",
		    m->recipient);
		sent = SENT_NEVER;
	} else
		sent = strcmp(m->kind, "mail") == 0 ?
		    send_mail(n, m, id, &e) :
		    send_hook(n, m, id, &wait, &e);
	(void)text_copy(m->last_error, sizeof(m->last_error),
	    sent == SENT_OK ? "" : e.text);
	if (sent != SENT_OK)
		log_event(LOG_WARNING, "message", "kind", m->kind, "topic",
		    m->topic, "error", e.text, NULL);
	pthread_mutex_lock(&en->lock);
	/* Stopped in the middle: it is sent again, under the same id. */
	rc = http_stopped() && sent != SENT_OK ? STORE_OK :
	    keep(en, m, sent, wait, &e);
	while (rc != STORE_OK && !http_stopped()) {
		pthread_mutex_unlock(&en->lock);
		log_event(LOG_ERR, "record", "error", e.text, NULL);
		http_pause(1000);
		pthread_mutex_lock(&en->lock);
		rc = keep(en, m, sent, wait, &e);
	}
	pthread_mutex_unlock(&en->lock);
}

/* ---- the threads ---- */

static void *
post_main(void *arg)
{
	struct poster *p = arg;
	struct engine *en = p->engine;
	uint64_t one = 1;

	for (;;) {
		pthread_mutex_lock(&en->lock);
		while (p->busy == 0 && p->quit == 0)
			pthread_cond_wait(&en->cond, &en->lock);
		pthread_mutex_unlock(&en->lock);
		if (p->quit != 0)
			break;
		post_one(p);
		pthread_mutex_lock(&en->lock);
		p->failing = p->message.last_error[0] != '\0';
		message_clear(&p->message);
		p->busy = 0;
		pthread_mutex_unlock(&en->lock);
		(void)!write(en->done_fd, &one, sizeof(one));
	}
	return NULL;
}

int
post_start(struct engine *en, struct err *e)
{
	static const char *const kinds[POSTERS] = { "mail", "webhook" };
	struct poster *p;
	int i;

	en->post = calloc(1, sizeof(*en->post));
	if (en->post == NULL)
		return err_set(e, "out of memory");
	for (i = 0; i < POSTERS; i++) {
		p = &en->post->posters[i];
		p->engine = en;
		p->kind = kinds[i];
		if (pthread_create(&p->thread, NULL, post_main, p) != 0)
			return err_set(e, "cannot start a thread");
		p->started = 1;
	}
	return 0;
}

void
post_end(struct engine *en)
{
	int i;

	if (en->post == NULL)
		return;
	pthread_mutex_lock(&en->lock);
	for (i = 0; i < POSTERS; i++)
		en->post->posters[i].quit = 1;
	pthread_cond_broadcast(&en->cond);
	pthread_mutex_unlock(&en->lock);
	for (i = 0; i < POSTERS; i++) {
		if (en->post->posters[i].started != 0)
			pthread_join(en->post->posters[i].thread, NULL);
		message_clear(&en->post->posters[i].message);
	}
	free(en->post);
	en->post = NULL;
}

int
post_feed(struct engine *en, struct err *e)
{
	struct poster *p;
	int i, rc;

	for (i = 0; i < POSTERS && !en->only_request; i++) {
		p = &en->post->posters[i];
		if (p->busy != 0)
			continue;
		rc = message_next(en->store, p->kind, &p->message, e);
		if (rc == STORE_FAIL)
			return rc;
		if (rc == STORE_OK) {
			p->stranger = is_receiver(en, &p->message) == 0;
			p->busy = 1;
			pthread_cond_broadcast(&en->cond);
		}
	}
	return STORE_OK;
}

int
post_is_busy(struct engine *en)
{
	struct poster *p;
	struct err e;
	int64_t at;
	int i;

	for (i = 0; i < POSTERS; i++) {
		p = &en->post->posters[i];
		/* What cannot be reached now is no reason to wait. */
		if (p->failing != 0)
			continue;
		if (p->busy != 0)
			return 1;
		if (message_next_at(en->store, p->kind, &at, &e) ==
		    STORE_OK && at > 0 && at <= when_now())
			return 1;
	}
	return 0;
}

int64_t
post_next_at(struct engine *en)
{
	int64_t at, first = 0;
	struct err e;
	int i;

	for (i = 0; i < POSTERS; i++)
		if (en->post->posters[i].busy == 0 &&
		    message_next_at(en->store, en->post->posters[i].kind, &at,
		    &e) == STORE_OK && at > 0 && (first == 0 || at < first))
			first = at;
	return first;
}
