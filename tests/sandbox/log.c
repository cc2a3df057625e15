/* log.c: one line a request; it must never see a header. */
#include "sandbox.h"

#include <stdio.h>

static FILE *log_file;

/* NULL means stderr. Returns -1 when the file cannot be opened. */
int
log_open(const char *path)
{
	if (path == NULL)
		return 0;
	if ((log_file = fopen(path, "ae")) == NULL)
		return -1;
	return 0;
}

void
log_close(void)
{
	if (log_file != NULL)
		fclose(log_file);
	log_file = NULL;
}

void
log_line(const char *sys, const char *method, const char *uri,
    unsigned int status)
{
	FILE *f = log_file != NULL ? log_file : stderr;

	fprintf(f, "%s %s %s %u\n", sys, method, uri, status);
	fflush(f);
}
