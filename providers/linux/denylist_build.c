/* Writing the denylist: pages in tag order, one pass, then read back. Never
 * changes a file in place. */
#include "denylist_build.h"

#include <sys/random.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "denylist_page.h"
#include "../base/durable.h"
#include "siphash.h"

#define FILL 128	/* mean entries a page: few pages overflow at 169 */
#define CHUNK 256	/* pages a write */

/* One of the two tables, walked page by page. */
struct table {
	const struct denylist_record *r;
	size_t		 n, at;
	uint32_t	 pages, first;
	enum page_kind	 kind;
	int		 extra_due;	/* the canary, not in r */
	uint32_t	 extra_bucket;
	struct denylist_record extra;
};

struct writer {
	const struct denylist_build *b;
	struct durable	 file;
	struct table	 names, uids;
	uint64_t	 build;
	uint32_t	 pages, next_overflow;
	uint8_t		*chunk;
	uint32_t	 number, held;	/* next page; pages in the chunk */
};

int
denylist_record_name(struct denylist_record *r, const uint8_t *salt,
    const char *name, uint32_t number)
{
	memset(r, 0, sizeof(*r));
	page_put32(r->b + DENYLIST_TAG, number);
	return denylist_name_tag(salt, name, r->b);
}

int
denylist_record_uid(struct denylist_record *r, const uint8_t *salt, uid_t uid,
    uint32_t number)
{
	memset(r, 0, sizeof(*r));
	page_put32(r->b + DENYLIST_TAG, number);
	return denylist_uid_tag(salt, uid, r->b);
}

/* By tag; of equal tags the highest number first. */
static int
record_compare(const void *left, const void *right)
{
	const uint8_t *a = left, *b = right;
	uint32_t x, y;
	int c = memcmp(a, b, DENYLIST_TAG);

	if (c != 0)
		return c;
	x = page_u32(a + DENYLIST_TAG);
	y = page_u32(b + DENYLIST_TAG);
	return x < y ? 1 : x > y ? -1 : 0;
}

/* Tags are evenly spread: drop them into 65,536 heaps, then sort each. */
int64_t
denylist_sort(struct denylist_record *r, size_t n)
{
	struct denylist_record *copy = NULL;
	size_t *start = NULL, i, kept = 0;
	int64_t rc = -1;

	if (n == 0)
		return 0;
	copy = malloc(n * sizeof(*copy));
	start = calloc(65537, sizeof(*start));
	if (copy == NULL || start == NULL)
		goto out;
	memcpy(copy, r, n * sizeof(*r));
	for (i = 0; i < n; i++)
		start[((size_t)r[i].b[0] << 8 | r[i].b[1]) + 1]++;
	for (i = 1; i <= 65536; i++)
		start[i] += start[i - 1];
	for (i = 0; i < n; i++)
		r[start[(size_t)copy[i].b[0] << 8 | copy[i].b[1]]++] = copy[i];
	/* Each start has moved to the end of its heap. */
	for (i = 0; i < 65536; i++) {
		size_t from = i == 0 ? 0 : start[i - 1];

		qsort(r + from, start[i] - from, sizeof(*r), record_compare);
	}
	for (i = 0; i < n; i++)
		if (i == 0 || memcmp(r[i].b, r[kept - 1].b,
		    DENYLIST_TAG) != 0)
			r[kept++] = r[i];
	rc = (int64_t)kept;
out:
	free(start);
	free(copy);
	return rc;
}

static void
table_start(struct table *t, uint32_t first)
{
	t->first = first;
	t->at = 0;
	if (t->kind == PAGE_NAME) {
		t->extra_due = 1;
		t->extra_bucket = page_bucket(t->extra.b, t->pages);
	}
}

/* How many entries the page BUCKET of the table takes, from t->at on. */
static size_t
table_count(const struct table *t, uint32_t bucket)
{
	size_t i = t->at;

	while (i < t->n && page_bucket(t->r[i].b, t->pages) == bucket)
		i++;
	return i - t->at +
	    (t->kind == PAGE_NAME && t->extra_bucket == bucket);
}

static uint32_t
overflow_of(size_t count)
{
	return count <= PAGE_RECORDS ? 0 :
	    (uint32_t)((count - 1) / PAGE_RECORDS);
}

/* Strictly rising? And how many overflow pages? -1 when not to be built. */
static int64_t
table_overflow(struct table *t, struct err *e)
{
	int64_t sum = 0;
	uint32_t bucket;
	size_t i, count;

	for (i = 1; i < t->n; i++)
		if (memcmp(t->r[i - 1].b, t->r[i].b, DENYLIST_TAG) >= 0)
			return err_set(e, "the entries are not in order");
	for (bucket = 0; bucket < t->pages; bucket++) {
		count = table_count(t, bucket);
		t->at += count - (t->kind == PAGE_NAME &&
		    t->extra_bucket == bucket);
		if (overflow_of(count) > PAGE_HOPS)
			return err_set(e, "too many entries fall on one page: "
			    "choose another salt");
		sum += overflow_of(count);
	}
	return sum;
}

static int
writer_flush(struct writer *w, struct err *e)
{
	uint32_t held = w->held;

	w->held = 0;
	return durable_put(&w->file, w->chunk, (size_t)held * PAGE_SIZE, e);
}

static uint8_t *
writer_page(struct writer *w)
{
	uint8_t *page = w->chunk + (size_t)w->held * PAGE_SIZE;

	memset(page, 0, PAGE_SIZE);
	return page;
}

static int
writer_put(struct writer *w, uint8_t *page, struct err *e)
{
	page_put32(page + PAGE_CRC, page_sum(page, w->number));
	w->number++;
	if (++w->held == CHUNK)
		return writer_flush(w, e);
	return 0;
}

static int
write_first(struct writer *w, struct err *e)
{
	const struct denylist_build *b = w->b;
	uint8_t *page = writer_page(w);

	memcpy(page, PAGE_MAGIC, 8);
	page_put32(page + AT_VERSION, PAGE_VERSION);
	page_put32(page + AT_SIZE, PAGE_SIZE);
	page_put32(page + AT_PAGES, w->pages);
	page_put32(page + AT_NAME_PAGES, w->names.pages);
	page_put32(page + AT_UID_PAGES, w->uids.pages);
	page_put64(page + AT_NAMES, b->n_names);
	page_put64(page + AT_UIDS, b->n_uids);
	page_put64(page + AT_GENERATION, (uint64_t)b->epoch << 32 | b->serial);
	page_put64(page + AT_GENERATED, b->generated);
	page_put64(page + AT_ISSUED, b->issued);
	page_put32(page + AT_EPOCH, b->epoch);
	page_put32(page + AT_SERIAL, b->serial);
	page_put64(page + AT_BUILD, w->build);
	memcpy(page + AT_SALT, b->salt, DENYLIST_SALT);
	memcpy(page + AT_FLEET, b->fleet, DENYLIST_FLEET);
	memcpy(page + AT_SOURCE, b->source, DENYLIST_SOURCE);
	return writer_put(w, page, e);
}

/* Up to PAGE_RECORDS of the LEFT entries of the table onto a new page. */
static size_t
fill_page(struct table *t, uint8_t *page, uint32_t bucket, size_t left)
{
	size_t used = left < PAGE_RECORDS ? left : PAGE_RECORDS, i;
	uint8_t *to = page + PAGE_HEAD;

	for (i = 0; i < used; i++, to += DENYLIST_RECORD) {
		if (t->at < t->n &&
		    page_bucket(t->r[t->at].b, t->pages) == bucket)
			memcpy(to, t->r[t->at++].b, DENYLIST_RECORD);
		else
			memcpy(to, t->extra.b, DENYLIST_RECORD);
	}
	page_put32(page + AT_KIND, (uint32_t)t->kind);
	page_put32(page + AT_USED, (uint32_t)used);
	page_put32(page + AT_HOME, t->first + bucket);
	return left - used;
}

/* The first pages of the table, or (OVERFLOW) the pages behind them. */
static int
write_table(struct writer *w, struct table *t, int overflow, struct err *e)
{
	uint8_t scratch[PAGE_SIZE], *page;
	uint32_t bucket;
	size_t left;

	table_start(t, t->first);
	for (bucket = 0; bucket < t->pages; bucket++) {
		left = table_count(t, bucket);
		page = overflow ? scratch : writer_page(w);
		left = fill_page(t, page, bucket, left);
		if (overflow == 0) {
			page_put64(page + AT_PAGE_BUILD, w->build);
			if (left > 0) {
				page_put32(page + AT_NEXT, w->next_overflow);
				w->next_overflow +=
				    overflow_of(left + PAGE_RECORDS);
				left = fill_page(t, scratch, bucket, left);
			}
			if (writer_put(w, page, e) == -1)
				return -1;
		}
		while (left > 0) {
			page = overflow ? writer_page(w) : scratch;
			left = fill_page(t, page, bucket, left);
			if (overflow == 0)
				continue;
			page_put64(page + AT_PAGE_BUILD, w->build);
			if (left > 0)
				page_put32(page + AT_NEXT, w->number + 1);
			if (writer_put(w, page, e) == -1)
				return -1;
		}
	}
	return 0;
}

static int
writer_plan(struct writer *w, struct err *e)
{
	const struct denylist_build *b = w->b;
	int64_t over, more;

	if (b->n_names > (size_t)PAGE_MAX * 64 || b->n_uids > UINT32_MAX)
		return err_set(e, "the list is too long");
	w->names.r = b->names;
	w->names.n = b->n_names;
	w->names.kind = PAGE_NAME;
	w->names.pages = (uint32_t)(b->n_names / FILL + 1);
	siphash_tag(b->salt, PAGE_CANARY, sizeof(PAGE_CANARY) - 1,
	    w->names.extra.b);
	w->uids.r = b->uids;
	w->uids.n = b->n_uids;
	w->uids.kind = PAGE_UID;
	w->uids.pages = (uint32_t)(b->n_uids / FILL + 1);
	table_start(&w->names, 1);
	table_start(&w->uids, 1 + w->names.pages);
	w->next_overflow = 1 + w->names.pages + w->uids.pages;
	over = table_overflow(&w->names, e);
	more = over == -1 ? -1 : table_overflow(&w->uids, e);
	if (more == -1)
		return -1;
	if (w->next_overflow + (uint64_t)(over + more) > PAGE_MAX)
		return err_set(e, "the list is too long");
	w->pages = w->next_overflow + (uint32_t)(over + more);
	w->chunk = malloc((size_t)CHUNK * PAGE_SIZE);
	if (w->chunk == NULL ||
	    getrandom(&w->build, sizeof(w->build), 0) !=
	    (ssize_t)sizeof(w->build))
		return err_set(e, "cannot prepare: %s", strerror(errno));
	return 0;
}

static int
read_back(const struct denylist_build *b, struct err *e)
{
	const struct denylist_where w = { b->path, geteuid(), geteuid(), 1 };
	enum denylist_result rc;
	struct denylist d;

	rc = denylist_open(&d, &w);
	if (rc == DENYLIST_USABLE)
		rc = denylist_verify(&d);
	if (rc != DENYLIST_USABLE)
		err_set(e, "%s was written and %s%s%s", b->path, d.reason,
		    d.error != 0 ? ": " : "",
		    d.error != 0 ? strerror(d.error) : "");
	denylist_close(&d);
	return rc == DENYLIST_USABLE ? 0 : -1;
}

int
denylist_build(const struct denylist_build *b, struct err *e)
{
	struct writer w;
	int rc = -1;

	memset(&w, 0, sizeof(w));
	w.b = b;
	w.file.fd = -1;
	if (writer_plan(&w, e) == -1 ||
	    durable_begin(&w.file, b->path, 0644, e) == -1 ||
	    write_first(&w, e) == -1 ||
	    write_table(&w, &w.names, 0, e) == -1 ||
	    write_table(&w, &w.uids, 0, e) == -1 ||
	    write_table(&w, &w.names, 1, e) == -1 ||
	    write_table(&w, &w.uids, 1, e) == -1 ||
	    writer_flush(&w, e) == -1)
		goto out;
	if (durable_commit(&w.file, e) == -1)
		goto out;
	rc = read_back(b, e);
out:
	durable_abandon(&w.file);
	free(w.chunk);
	if (rc == -1)
		err_add(e, "denylist %s", b->path);
	return rc;
}
