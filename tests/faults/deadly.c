/*
 * Preloaded into the worker: counts its durable writes (fsync, fdatasync,
 * rename, the removal of a file) and, at the one that DEADLY_AT names, ends
 * the process as kill -9 does: before the write ("before") or once it is
 * durable ("after"). DEADLY_COUNT is a file that gets the number at a good
 * end. Changes nothing else.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long count;
static long at;
static int after;

__attribute__((constructor)) static void
deadly_begin(void)
{
	const char *text = getenv("DEADLY_AT"), *when = getenv("DEADLY_WHEN");

	at = text == NULL ? 0 : strtol(text, NULL, 10);
	after = when != NULL && strcmp(when, "after") == 0;
}

__attribute__((destructor)) static void
deadly_end(void)
{
	const char *path = getenv("DEADLY_COUNT");
	FILE *f = path == NULL ? NULL : fopen(path, "w");

	if (f == NULL)
		return;
	(void)fprintf(f, "%ld\n", (long)count);
	(void)fclose(f);
}

static void
die(void)
{
	(void)kill(getpid(), SIGKILL);
	for (;;)
		(void)pause();
}

/* Counts one write and makes it; does not come back from the deadly one. */
#define DEADLY(call) do {					\
	long n = atomic_fetch_add(&count, 1) + 1;		\
	int rc;							\
	if (n == at && !after)					\
		die();						\
	rc = call;						\
	if (n == at && after)					\
		die();						\
	return rc;						\
} while (0)

static void *
next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

int
fsync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		*(void **)&real = next("fsync");
	DEADLY(real(fd));
}

int
fdatasync(int fd)
{
	static int (*real)(int);

	if (real == NULL)
		*(void **)&real = next("fdatasync");
	DEADLY(real(fd));
}

int
rename(const char *from, const char *to)
{
	static int (*real)(const char *, const char *);

	if (real == NULL)
		*(void **)&real = next("rename");
	DEADLY(real(from, to));
}

int
unlink(const char *path)
{
	static int (*real)(const char *);

	if (real == NULL)
		*(void **)&real = next("unlink");
	DEADLY(real(path));
}
