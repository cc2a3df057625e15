/* The worker's bell: one datagram says "there is work in the record". */
#ifndef WAKE_H
#define WAKE_H

#include "../base/err.h"

/* Rings below DATA_DIR. A missing worker is no error: it reads the record
 * when it starts. */
void	wake_send(const char *);

/* The worker's end, DATA_DIR/record/worker.sock (0660), non-blocking.
 * Returns a descriptor, or -1. */
int	wake_open(const char *, struct err *);

#endif
