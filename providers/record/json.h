/* An offboarding as the JSON that the commands print (stable keys). */
#ifndef CASE_JSON_H
#define CASE_JSON_H

#include <json-c/json.h>

#include "store.h"

/* The whole case. Caller puts it with json_object_put(). NULL with the
 * sentence; RC (may be NULL) gets STORE_NONE or STORE_FAIL. */
struct json_object *json_case(struct store *, int64_t, int *, struct err *);

#endif
