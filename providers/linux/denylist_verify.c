/* Reading a whole denylist: every page, every entry in its place, the counts
 * and the canary. For writers and commands; the module does not link it. */
#include <errno.h>
#include <string.h>

#include "denylist.h"
#include "denylist_page.h"

struct counts {
	uint64_t	names, uids;
};

static enum denylist_result
damage(struct denylist *d, const char *reason)
{
	d->reason = reason;
	d->error = 0;
	return DENYLIST_UNUSABLE;
}

static int
all_zero(const uint8_t *p, size_t n)
{
	while (n-- > 0)
		if (*p++ != 0)
			return 0;
	return 1;
}

/* The first page of the chain that an entry of this kind belongs to. */
static uint32_t
home_of(const struct denylist_facts *f, uint32_t kind, const uint8_t *tag)
{
	if (kind == PAGE_NAME)
		return 1 + page_bucket(tag, f->name_pages);
	return 1 + f->name_pages + page_bucket(tag, f->uid_pages);
}

static enum denylist_result
check_entries(struct denylist *d, uint32_t number, const uint8_t *page,
    struct counts *sum)
{
	const struct denylist_facts *f = &d->facts;
	const uint32_t kind = page_u32(page + AT_KIND);
	const uint32_t used = page_u32(page + AT_USED);
	const uint32_t home = page_u32(page + AT_HOME);
	const uint8_t *r = page + PAGE_HEAD;
	uint32_t i;

	if (kind != PAGE_NAME && kind != PAGE_UID)
		return damage(d, "is damaged: a page is of no known kind");
	if (number <= f->name_pages + f->uid_pages && (home != number ||
	    (kind == PAGE_NAME) != (number <= f->name_pages)))
		return damage(d, "is damaged: a page is at the wrong place");
	if (page_u64(page + AT_PAGE_ZERO) != 0)
		return damage(d, "is damaged: unused bytes are not zero");
	for (i = 0; i < used; i++, r += DENYLIST_RECORD) {
		if (home_of(f, kind, r) != home)
			return damage(d, "is damaged: an entry is at the "
			    "wrong place");
		if (page_u32(r + DENYLIST_TAG + 4) != 0)
			return damage(d, "is damaged: unused bytes are not "
			    "zero");
	}
	if (all_zero(r, (size_t)(page + PAGE_CRC - r)) == 0)
		return damage(d, "is damaged: unused bytes are not zero");
	if (kind == PAGE_NAME)
		sum->names += used;
	else
		sum->uids += used;
	return DENYLIST_USABLE;
}

/* Follows the chain from a full first page; how many pages it has behind it
 * is added to CHAINED, which tells overflow pages that nobody points to. */
static enum denylist_result
check_chain(struct denylist *d, uint32_t home, uint32_t next,
    uint32_t *chained)
{
	enum denylist_result rc;
	uint8_t page[PAGE_SIZE];
	int hops;

	for (hops = 0; next != 0; hops++) {
		if (hops >= PAGE_HOPS)
			return damage(d, "is damaged: a page chain is too "
			    "long");
		rc = denylist_page(d, next, page);
		if (rc == DENYLIST_USABLE)
			rc = denylist_page_check(d, next, page);
		if (rc != DENYLIST_USABLE)
			return rc;
		if (page_u32(page + AT_HOME) != home)
			return damage(d, "is damaged: a page chain is "
			    "broken");
		++*chained;
		next = page_u32(page + AT_NEXT);
	}
	return DENYLIST_USABLE;
}

static enum denylist_result
verify_pages(struct denylist *d)
{
	const struct denylist_facts *f = &d->facts;
	const uint32_t direct = 1 + f->name_pages + f->uid_pages;
	struct counts sum = { 0, 0 };
	enum denylist_result rc;
	uint32_t number, chained = 0;
	uint8_t page[PAGE_SIZE];

	rc = denylist_page(d, 0, page);
	if (rc != DENYLIST_USABLE)
		return rc;
	if (all_zero(page + AT_END, PAGE_CRC - AT_END) == 0)
		return damage(d, "is damaged: unused bytes are not zero");
	for (number = 1; number < f->pages; number++) {
		rc = denylist_page(d, number, page);
		if (rc == DENYLIST_USABLE)
			rc = denylist_page_check(d, number, page);
		if (rc == DENYLIST_USABLE)
			rc = check_entries(d, number, page, &sum);
		if (rc == DENYLIST_USABLE && number < direct)
			rc = check_chain(d, number, page_u32(page + AT_NEXT),
			    &chained);
		if (rc != DENYLIST_USABLE)
			return rc;
	}
	if (chained != f->pages - direct)
		return damage(d, "is damaged: a page belongs to no chain");
	if (sum.names != f->names + 1 || sum.uids != f->uids)
		return damage(d, "is damaged: it has not the number of "
		    "entries that it says");
	return DENYLIST_USABLE;
}

enum denylist_result
denylist_verify(struct denylist *d)
{
	const int saved = errno;
	enum denylist_result rc;

	if (d->fd == -1)
		return damage(d, "is not open");
	rc = verify_pages(d);
	if (rc == DENYLIST_USABLE) {
		rc = denylist_has_canary(d);
		if (rc == DENYLIST_LISTED)
			rc = DENYLIST_USABLE;
		else if (rc == DENYLIST_NOT_LISTED)
			rc = damage(d, "is damaged: its test entry is "
			    "missing");
	}
	errno = saved;
	return rc;
}
