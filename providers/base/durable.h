/*
 * Replacing a file so that a reader, a crash or a power cut sees the old one
 * or the new one and nothing between: temporary file in the same folder,
 * fsync, rename, fsync of the folder.
 */
#ifndef DURABLE_H
#define DURABLE_H

#include <sys/types.h>

#include <stddef.h>

#include "err.h"

#define DURABLE_PATH 1024

struct durable {
	char	path[DURABLE_PATH];
	char	temporary[DURABLE_PATH + 32];
	int	fd;		/* write here; -1 when not open */
};

/* Starts a new content for PATH with these mode bits. 0 or -1. Ends with
 * durable_commit() or durable_abandon(). */
int	durable_begin(struct durable *, const char *, mode_t, struct err *)
	    __attribute__((warn_unused_result));
/* Writes all of it. 0 or -1. */
int	durable_put(struct durable *, const void *, size_t, struct err *)
	    __attribute__((warn_unused_result));
/* Makes it the file. 0 or -1; the temporary file is gone either way. */
int	durable_commit(struct durable *, struct err *)
	    __attribute__((warn_unused_result));
/* Removes the temporary file, if any. */
void	durable_abandon(struct durable *);

/* A file to write at once. */
struct durable_new {
	const char	*path;
	mode_t		 mode;
	const void	*data;
	size_t		 size;
};

/* All of it at once. 0 or -1. */
int	durable_write(const struct durable_new *, struct err *)
	    __attribute__((warn_unused_result));

/* Makes a rename, link or removal of PATH durable. 0 or -1. */
int	durable_sync(const char *, struct err *)
	    __attribute__((warn_unused_result));

/* Removes the temporary files that killed writers left in a folder. Only for
 * who holds the folder's lock. */
void	durable_tidy(const char *);

/* The content of a file. */
struct durable_data {
	size_t	 max;	/* bytes: set by the caller */
	char	*data;	/* NUL behind it; the caller frees with free() */
	size_t	 size;
};

/*
 * Reads a whole regular file of at most max bytes; never follows a symbolic
 * link, never waits for a FIFO. 0, or -1 with errno kept, no memory and the
 * sentence.
 */
int	durable_read(const char *, struct durable_data *, struct err *)
	    __attribute__((warn_unused_result));

#endif
