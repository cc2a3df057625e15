/* JSON in the one form that is signed: RFC 8785 for what stands in it here
 * (texts, whole numbers, booleans, null): keys sorted, no white space. */
#ifndef CANON_H
#define CANON_H

#include <json-c/json.h>

#include "../base/buf.h"

void	canon_put(struct buf *, struct json_object *);
/* SHA-256 of that form, 64 hex digits. 0 or -1. */
int	canon_digest(struct json_object *, char [72])
	    __attribute__((warn_unused_result));

#endif
