/*
 * A file with a token that changes at every use, so that the old one is worth
 * nothing once the new one was given out. Only the worker writes it.
 */
#ifndef TOKENFILE_H
#define TOKENFILE_H

#include "../base/buf.h"
#include "../base/err.h"

/* The token, without its line end. One that a crash left in FILE.next, newer
 * than the file, is put in its place first. 0, or -1 with the sentence. */
int	tokenfile_read(const char *, struct buf *, struct err *)
	    __attribute__((warn_unused_result));

/* Keeps a new token: durable before this returns. 0 or -1. */
int	tokenfile_save(const char *, const char *, struct err *)
	    __attribute__((warn_unused_result));

#endif
