/* Writing and strict reading of the base's bytes. No file, no signature. */
#include "base.h"

#include <stdlib.h>
#include <string.h>

#include "denylist_page.h"

#define BASE_MAGIC "\x89" "OBB\r\n\x1a\n"
#define BASE_VERSION 1

uint8_t *
base_write(const struct base *b, size_t *size)
{
	uint8_t *p;

	*size = BASE_HEAD + b->n * DENYLIST_RECORD;
	p = calloc(1, *size);
	if (p == NULL)
		return NULL;
	memcpy(p, BASE_MAGIC, 8);
	page_put32(p + 8, BASE_VERSION);
	page_put32(p + 12, b->epoch);
	page_put32(p + 16, b->serial);
	page_put64(p + 24, b->n);
	memcpy(p + 32, b->fleet, DENYLIST_FLEET);
	memcpy(p + 48, b->salt, DENYLIST_SALT);
	if (b->n > 0)
		memcpy(p + BASE_HEAD, b->records, b->n * DENYLIST_RECORD);
	return p;
}

int
base_parse(const uint8_t *p, size_t size, struct base *b, struct err *e)
{
	const struct denylist_record *r;
	size_t i;

	memset(b, 0, sizeof(*b));
	if (size < BASE_HEAD || memcmp(p, BASE_MAGIC, 8) != 0)
		return err_set(e, "the base is not one");
	if (page_u32(p + 8) != BASE_VERSION || page_u32(p + 20) != 0)
		return err_set(e, "the base has a version that this program "
		    "does not know");
	if (page_u64(p + 24) != (size - BASE_HEAD) / DENYLIST_RECORD ||
	    (size - BASE_HEAD) % DENYLIST_RECORD != 0)
		return err_set(e, "the base has not the size that it says");
	b->epoch = page_u32(p + 12);
	b->serial = page_u32(p + 16);
	memcpy(b->fleet, p + 32, DENYLIST_FLEET);
	memcpy(b->salt, p + 48, DENYLIST_SALT);
	b->n = (size - BASE_HEAD) / DENYLIST_RECORD;
	r = (const void *)(p + BASE_HEAD);
	for (i = 0; i < b->n; i++) {
		if (page_u32(r[i].b + DENYLIST_TAG + 4) != 0)
			return err_set(e, "entry %zu of the base has bytes "
			    "that must be zero", i);
		if (i > 0 && memcmp(r[i - 1].b, r[i].b, DENYLIST_TAG) >= 0)
			return err_set(e, "entry %zu of the base is not in "
			    "order", i);
	}
	b->records = r;
	return 0;
}

static int
tag_compare(const void *key, const void *record)
{
	return memcmp(key, record, DENYLIST_TAG);
}

int
base_has(const struct base *b, const char *login, uint32_t *number)
{
	const struct denylist_record *r;
	uint8_t tag[DENYLIST_TAG];

	*number = 0;
	if (b->n == 0 || denylist_name_tag(b->salt, login, tag) == -1)
		return 0;
	r = bsearch(tag, b->records, b->n, sizeof(*b->records), tag_compare);
	if (r == NULL)
		return 0;
	*number = page_u32(r->b + DENYLIST_TAG);
	return 1;
}
