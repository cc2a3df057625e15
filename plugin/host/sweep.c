/* Ending the live sessions of listed accounts. Never touches real uid 0, an
 * exempt name's uid, itself or its ancestors. */
#include <sys/syscall.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/log.h"
#include "../../providers/base/when.h"
#include "host.h"

#define ANCESTORS 64
#define BATCH 256	/* processes ended together */
#define ROUNDS 4	/* a pass: whoever forked meanwhile is met again */
#define GRACE 150	/* ms a killed batch has to be gone */
#define QUICK 500	/* ms between passes at first */
#define SLOW 2000
#define QUICK_FOR 10000

struct process {
	pid_t	pid, parent;
	char	state;
	uid_t	uid[4];		/* real, effective, saved, filesystem */
};

/* What one pass knows. */
struct pass {
	struct host	*h;
	pid_t		 mine[ANCESTORS];
	size_t		 n_mine;
	uid_t		 uid[64];	/* answers of account_ends() */
	int		 ends[64];
	size_t		 n_uid;
	struct pollfd	 gone[BATCH];
	size_t		 n_gone;
	unsigned long	 found, left;
};

static const char *
field(const char *status, const char *name)
{
	const char *p = strstr(status, name);

	return p == NULL ? NULL : p + strlen(name);
}

static int
process_read(pid_t pid, struct process *p)
{
	char path[40], text[4096];
	const char *state, *parent, *uids;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* Line starts: a process may call itself "Uid:". */
	state = field(text, "\nState:\t");
	parent = field(text, "\nPPid:\t");
	uids = field(text, "\nUid:\t");
	if (state == NULL || parent == NULL || uids == NULL ||
	    sscanf(uids, "%u %u %u %u", &p->uid[0], &p->uid[1], &p->uid[2],
	    &p->uid[3]) != 4)
		return -1;
	p->pid = pid;
	p->state = *state;
	p->parent = (pid_t)strtol(parent, NULL, 10);
	return 0;
}

static void
pass_ancestors(struct pass *s)
{
	struct process p;
	pid_t pid = getpid();

	while (pid > 0 && s->n_mine < ANCESTORS) {
		s->mine[s->n_mine++] = pid;
		if (process_read(pid, &p) == -1)
			break;
		pid = p.parent;
	}
}

static int
uid_ends(struct pass *s, uid_t uid)
{
	size_t i;
	int ends;

	for (i = 0; i < s->n_uid; i++)
		if (s->uid[i] == uid)
			return s->ends[i];
	ends = account_ends(s->h, uid);
	if (s->n_uid < sizeof(s->uid) / sizeof(s->uid[0])) {
		s->uid[s->n_uid] = uid;
		s->ends[s->n_uid++] = ends;
	}
	return ends;
}

/*
 * A set-uid program that the person started runs with the person's real uid.
 * A root daemon that only puts on somebody's uid for a moment has real uid 0
 * and lives.
 */
static int
must_end(struct pass *s, const struct process *p)
{
	size_t i;

	if (p->pid == 1 || p->uid[0] == 0 || p->state == 'Z' ||
	    p->state == 'X')
		return 0;
	for (i = 0; i < s->n_mine; i++)
		if (s->mine[i] == p->pid)
			return 0;
	for (i = 0; i < 4; i++)
		if (uid_ends(s, p->uid[i]) != 0)
			return 1;
	return 0;
}

/* Looked at again through the descriptor: a number that was reused in
 * between belongs to somebody else, and then the signal reaches nobody. */
static void
end_process(struct pass *s, pid_t pid)
{
	struct process again;
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	if (fd == -1) {
		if (errno != ESRCH)
			s->left++;
		return;
	}
	if (process_read(pid, &again) == -1 || must_end(s, &again) == 0) {
		close(fd);
		return;
	}
	if (syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == -1) {
		if (errno != ESRCH)
			s->left++;
		close(fd);
		return;
	}
	s->gone[s->n_gone].fd = fd;
	s->gone[s->n_gone].events = POLLIN;
	s->n_gone++;
}

/* Counts who is gone within the grace. */
static void
wait_gone(struct pass *s)
{
	const int64_t end = when_mono() + GRACE;
	int64_t left;
	size_t i;

	for (i = 0; i < s->n_gone; i++) {
		left = end - when_mono();
		s->gone[i].revents = 0;
		if (poll(&s->gone[i], 1, left > 0 ? (int)left : 0) == 1)
			s->h->sweep.ended++;
		else
			s->left++;
		close(s->gone[i].fd);
	}
	s->n_gone = 0;
}

/* One walk over /proc. Returns how many were met; -1 when it is not there. */
static int
sweep_round(struct pass *s)
{
	struct dirent *entry;
	struct process p;
	DIR *d = opendir("/proc");
	int met = 0;

	if (d == NULL)
		return -1;
	s->left = 0;
	while (s->n_gone < BATCH && (entry = readdir(d)) != NULL) {
		if (isdigit((unsigned char)entry->d_name[0]) == 0 ||
		    process_read((pid_t)strtol(entry->d_name, NULL, 10),
		    &p) == -1 || must_end(s, &p) == 0)
			continue;
		met++;
		end_process(s, p.pid);
	}
	closedir(d);
	wait_gone(s);
	return met;
}

static void
sweep_pass(struct host *h)
{
	const unsigned long before = h->sweep.ended;
	struct pass s;
	char count[32];
	int round, met = 0;

	memset(&s, 0, sizeof(s));
	s.h = h;
	pass_ancestors(&s);
	for (round = 0; round < ROUNDS; round++) {
		met = sweep_round(&s);
		if (met <= 0)
			break;
		s.found += (unsigned long)met;
	}
	h->sweep.left = met == -1 ? 1 : met == 0 ? 0 : s.left;
	h->sweep.clean = s.found == 0 && met == 0 ? h->sweep.clean + 1 : 0;
	if (h->sweep.ended != before) {
		(void)snprintf(count, sizeof(count), "%lu",
		    h->sweep.ended - before);
		log_event(LOG_NOTICE, "sessions_ended", "processes", count,
		    NULL);
	}
	if (met == -1)
		log_event(LOG_ERR, "sweep_failed", "detail", "/proc cannot be "
		    "read", NULL);
}

void
sweep_begin(struct host *h)
{
	memset(&h->sweep, 0, sizeof(h->sweep));
	h->sweep.started = h->sweep.next = when_mono();
}

int
sweep_step(struct host *h)
{
	struct sweep *w = &h->sweep;
	int64_t now = when_mono(), since;

	if (h->conf.sweep == 0 || h->now.bytes == NULL || now < w->next)
		return 0;
	sweep_pass(h);
	now = when_mono();
	since = now - w->started;
	/* Logins that passed the account phase before the denial become
	 * visible only when their grace time is over: hence sweep_for. */
	if (since < QUICK_FOR || w->clean < 2)
		w->next = now + QUICK;
	else if (since < h->conf.sweep_for)
		w->next = now + SLOW;
	else
		w->next = now + h->conf.poll;
	if (w->clean > 0 && w->told == 0) {
		w->told = 1;
		return 1;
	}
	return 0;
}
