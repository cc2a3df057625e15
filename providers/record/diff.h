/* What is the difference between what somebody held before and after. */
#ifndef DIFF_H
#define DIFF_H

#include <json-c/json.h>

/*
 * By the keys of the before-image: lists become {"gone":[…],"left":[…]},
 * anything else {"from":…,"to":…} where it changed. A key that was not read
 * again is named under "not_read_again". Either may be NULL. Caller puts.
 */
struct json_object *diff_make(struct json_object *, struct json_object *);

#endif
