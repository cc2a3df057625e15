/* Structured log lines: PROGRAM: level=info event=NAME key="value" ... */
#ifndef LOG_H
#define LOG_H

/* Where lines go from now on. PROGRAM must outlive the process. */
void	log_open(const char *, int);

/* Lines above this level of syslog(3) are left out; all are written at
 * first. */
void	log_limit(int);

/* LEVEL as in syslog(3); then key and value pairs, ended by NULL. Values are
 * cut at 400 bytes and cleaned of control bytes. Never pass a secret. */
void	log_event(int, const char *, ...) __attribute__((sentinel));

#endif
