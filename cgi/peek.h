/* Reading JSON that was made elsewhere: absent and wrong types are "". */
#ifndef PEEK_H
#define PEEK_H

#include <stdint.h>

#include <json-c/json.h>

/* A text member, "" when there is none. Belongs to the object. */
const char *peek_text(struct json_object *, const char *);
/* An array member, NULL when there is none. */
struct json_object *peek_list(struct json_object *, const char *);
/* The number of its elements; 0 for NULL. */
size_t	 peek_size(struct json_object *);
int	 peek_true(struct json_object *, const char *);

#endif
