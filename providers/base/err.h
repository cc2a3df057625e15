/* One sentence that names the thing and the cause of a run-time failure. */
#ifndef ERR_H
#define ERR_H

#define ERR_MAX 512

struct err {
	char	text[ERR_MAX];
};

/* Sets the sentence (cut at ERR_MAX). Returns -1, so that it can be
 * returned at once. E may be NULL. */
int	err_set(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

/* Puts "context: " before the sentence that is there. Returns -1. */
int	err_add(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
