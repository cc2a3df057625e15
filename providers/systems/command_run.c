/*
 * Running a program for one phase: without a shell, with nothing of ours but
 * what it is to read, in a process group of its own that is ended as a whole.
 * Knows nothing of what the program says.
 */
#include "command.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/when.h"

#define SLICE_MS 50		/* a stop is noticed within this */

/* Nobody but its owner may write; a sticky folder keeps the names in it. */
static int
is_kept(const struct stat *st)
{
	return (st->st_uid == 0 || st->st_uid == geteuid()) &&
	    ((st->st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
	    (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX) != 0));
}

int
command_is_safe(const char *path, struct err *e)
{
	char folder[PATH_MAX], real[PATH_MAX];
	struct stat st;

	/* What a link leads to is what runs, so its folder counts as well. */
	if (stat(path, &st) == -1 || realpath(path, real) == NULL)
		return err_set(e, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || access(path, X_OK) == -1)
		return err_set(e, "%s is no program that this user may run",
		    path);
	if (is_kept(&st) == 0)
		return err_set(e, "%s must belong to root or to the worker's "
		    "user, and nobody else may change it: chown root it, and "
		    "chmod go-w it", path);
	if (text_copy(folder, sizeof(folder), path) == -1 ||
	    stat(dirname(folder), &st) == -1 || is_kept(&st) == 0 ||
	    text_copy(folder, sizeof(folder), real) == -1 ||
	    stat(dirname(folder), &st) == -1 || is_kept(&st) == 0)
		return err_set(e, "%s: others can change its folder: only "
		    "root or the worker's user may", path);
	return 0;
}

/* ---- starting it ---- */

/* What it reads, in memory: nothing blocks, and nothing breaks when it does
 * not read. */
static int
input_open(const char *text)
{
	size_t n = strlen(text);
	int fd = memfd_create("offboard", MFD_CLOEXEC);

	if (fd == -1)
		return -1;
	if (write(fd, text, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
actions_make(posix_spawn_file_actions_t *a, const int fds[3])
{
	int rc = posix_spawn_file_actions_init(a), i;

	for (i = 0; i < 3 && rc == 0; i++)
		rc = posix_spawn_file_actions_adddup2(a, fds[i], i);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(a, 3);
	if (rc == 0)
		rc = posix_spawn_file_actions_addchdir_np(a, "/");
	return rc;
}

static int
attributes_make(posix_spawnattr_t *a)
{
	sigset_t none, all;
	int rc = posix_spawnattr_init(a);

	sigemptyset(&none);
	sigfillset(&all);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(a, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(a, &all);
	/* A session of its own is a process group of its own. */
	if (rc == 0)
		rc = posix_spawnattr_setflags(a, POSIX_SPAWN_SETSIGMASK |
		    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	return rc;
}

/* 0 or an error number. posix_spawn() because threads run beside us. */
static int
child_start(const struct command_run *r, const int fds[3], pid_t *pid)
{
	char path[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
	    "/sbin:/bin";
	char *env[] = { path, NULL }, *argv[3] = { NULL, NULL, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = actions_make(&actions, fds);

	if (rc != 0)
		return rc;
	rc = attributes_make(&attributes);
	argv[0] = strdup(r->program);
	argv[1] = strdup(r->phase);
	if (argv[0] == NULL || argv[1] == NULL)
		rc = ENOMEM;
	if (rc == 0)
		rc = posix_spawn(pid, r->program, &actions, &attributes, argv,
		    env);
	free(argv[0]);
	free(argv[1]);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* ---- reading what it says ---- */

/* Keeps the last line that has something on it. */
static void
last_line(char last[200], const char *s, size_t n, int *fresh)
{
	size_t i, used = strlen(last);

	for (i = 0; i < n; i++) {
		if (s[i] == '\n' || s[i] == '\0') {
			*fresh = 1;
			continue;
		}
		if (*fresh)
			used = 0;
		*fresh = 0;
		if (used < 199)
			last[used++] = s[i];
		last[used] = '\0';
	}
}

/* One helping from FD. 0: there may be more; -1: this was the end. */
static int
helping(struct command_run *r, int fd, int is_out, int *fresh)
{
	char s[4096];
	ssize_t n = read(fd, s, sizeof(s));

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	if (is_out)
		buf_put(&r->out, s, (size_t)n);
	else
		last_line(r->last, s, (size_t)n, fresh);
	return 0;
}

static int
has_ended(pid_t pid)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) ==
	    -1 || si.si_pid == pid;
}

/* Reads until the program has ended; it may leave others behind that hold
 * its ends of the pipes. */
static enum command_end
child_follow(struct command_run *r, pid_t pid, int out, int err)
{
	struct pollfd p[2] = { { out, POLLIN, 0 }, { err, POLLIN, 0 } };
	int64_t until = when_mono() + r->timeout, left;
	int fresh = 1, i, over = 0, n;

	for (;;) {
		left = until - when_mono();
		if (r->out.failed != 0)
			return COMMAND_LOUD;
		if (http_stopped())
			return COMMAND_STOPPED;
		if (left <= 0)
			return COMMAND_LATE;
		if (p[0].fd == -1 && p[1].fd == -1)
			left = 2;	/* to be waited for only */
		n = over ? poll(p, 2, 0) : poll(p, 2, (int)(left > SLICE_MS ?
		    SLICE_MS : left));
		/* Ended, and everything is read that it had written. */
		if (over && n <= 0)
			return COMMAND_ENDED;
		for (i = 0; i < 2 && n > 0; i++)
			if (p[i].revents != 0 && helping(r, p[i].fd, i == 0,
			    &fresh) == -1)
				p[i].fd = -1;
		if (over == 0)
			over = has_ended(pid);
	}
}

static int
pipes_open(int out[2], int err[2])
{
	out[0] = out[1] = err[0] = err[1] = -1;
	if (pipe2(out, O_CLOEXEC) == -1 || pipe2(err, O_CLOEXEC) == -1 ||
	    fcntl(out[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(err[0], F_SETFL, O_NONBLOCK) == -1)
		return -1;
	return 0;
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

enum command_end
command_run(struct command_run *r, struct err *e)
{
	enum command_end end = COMMAND_NOT_RUN;
	int in, out[2], err[2], fds[3], rc;
	pid_t pid;

	buf_init(&r->out, COMMAND_OUT_MAX);
	r->last[0] = '\0';
	in = input_open(r->in);
	if (pipes_open(out, err) == -1 || in == -1) {
		err_set(e, "cannot run %s: %s", r->program, strerror(errno));
		goto done;
	}
	fds[0] = in;
	fds[1] = out[1];
	fds[2] = err[1];
	rc = child_start(r, fds, &pid);
	if (rc != 0) {
		err_set(e, "%s cannot be run: %s", r->program, strerror(rc));
		goto done;
	}
	close_one(&out[1]);
	close_one(&err[1]);
	end = child_follow(r, pid, out[0], err[0]);
	/* Whatever it has started ends with it. Not yet waited for, its number
	 * is still its own. */
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &r->status, 0) == -1 && errno == EINTR)
		;
	text_clean(r->last);
done:
	close_one(&in);
	close_one(&out[0]);
	close_one(&out[1]);
	close_one(&err[0]);
	close_one(&err[1]);
	return end;
}
