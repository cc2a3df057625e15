/*
 * HTML: the only escaper. Text and values of double-quoted attributes go
 * through html_fmt() or html_text(), pieces of a URL through html_url().
 */
#ifndef HTML_H
#define HTML_H

#include "../providers/base/buf.h"

/* Escapes for text and for double-quoted attribute values alike. */
void	html_text(struct buf *, const char *);

/* A whole number, at least WIDTH digits long. */
void	html_number(struct buf *, long long, int);

/* Percent-encodes one piece of a path or a query; safe in an attribute. */
void	html_url(struct buf *, const char *);

/* The format is markup of ours; %s is escaped, %d %u %lld are numbers. No
 * other conversion, no flags and no widths. */
void	html_fmt(struct buf *, const char *, ...)
	    __attribute__((format(printf, 2, 3)));

#endif
