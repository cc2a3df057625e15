/* Reading the denylist. Loaded into sshd: libc only; no allocation, no mmap,
 * no static mutable data. Damage is an answer of its own, never "not
 * listed". */
#include "denylist.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "denylist_page.h"
#include "siphash.h"

static enum denylist_result
unusable(struct denylist *d, const char *reason)
{
	d->reason = reason;
	d->error = 0;
	return DENYLIST_UNUSABLE;
}

/* A failed call: lack of resources is the machine's fault, the rest the
 * file's. */
static enum denylist_result
failed(struct denylist *d, const char *reason, int error)
{
	d->reason = reason;
	d->error = error;
	switch (error) {
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
	case EIO:
	case EAGAIN:
		return DENYLIST_SYSTEM;
	default:
		return DENYLIST_UNUSABLE;
	}
}

enum denylist_result
denylist_page(struct denylist *d, uint32_t number, uint8_t *page)
{
	const off_t at = (off_t)number * PAGE_SIZE;
	size_t have = 0;
	ssize_t n;

	while (have < PAGE_SIZE) {
		n = pread(d->fd, page + have, PAGE_SIZE - have,
		    at + (off_t)have);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return failed(d, "cannot be read", errno);
		if (n == 0)
			return unusable(d, "is shorter than it says");
		have += (size_t)n;
	}
	if (page_u32(page + PAGE_CRC) != page_sum(page, number))
		return unusable(d, "is damaged: a page has a wrong checksum");
	return DENYLIST_USABLE;
}

static int
owner_ok(const struct denylist_where *w, uid_t uid)
{
	return uid == w->owner || uid == w->owner2;
}

/* Only the folder of the file is checked here, by its descriptor; those
 * above it are the concern of `offboard check`. */
static enum denylist_result
open_folder(struct denylist *d, const struct denylist_where *w, int *folder)
{
	char name[DENYLIST_PATH_MAX];
	const char *slash = strrchr(w->path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - w->path);
	struct stat st;

	if (strlen(w->path) >= sizeof(name))
		return unusable(d, "has a path that is too long");
	if (slash == NULL)
		memcpy(name, ".", 2);
	else if (n == 0)
		memcpy(name, "/", 2);
	else {
		memcpy(name, w->path, n);
		name[n] = '\0';
	}
	*folder = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*folder == -1)
		return failed(d, "lies in a folder that cannot be opened",
		    errno);
	if (fstat(*folder, &st) == -1)
		return failed(d, "lies in a folder that cannot be read",
		    errno);
	if (owner_ok(w, st.st_uid) == 0 && st.st_uid != 0)
		return unusable(d, "lies in a folder of the wrong owner");
	if ((st.st_mode & 022) != 0 &&
	    !(w->sticky_ok != 0 && (st.st_mode & S_ISVTX) != 0))
		return unusable(d, "lies in a folder that others can change");
	return DENYLIST_USABLE;
}

static enum denylist_result
open_file(struct denylist *d, const struct denylist_where *w, int folder,
    off_t *size)
{
	const char *slash = strrchr(w->path, '/');
	const char *name = slash == NULL ? w->path : slash + 1;
	struct stat st;

	/* Not blocking: a FIFO in its place must not hang a login. */
	d->fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW |
	    O_NOCTTY | O_NONBLOCK);
	if (d->fd == -1)
		return failed(d, errno == ELOOP ? "is a symbolic link" :
		    "cannot be opened", errno);
	if (fstat(d->fd, &st) == -1)
		return failed(d, "cannot be read", errno);
	if (!S_ISREG(st.st_mode))
		return unusable(d, "is not a file");
	if (owner_ok(w, st.st_uid) == 0)
		return unusable(d, "has the wrong owner");
	if ((st.st_mode & 022) != 0)
		return unusable(d, "can be changed by others");
	if (st.st_size == 0)
		return unusable(d, "is empty");
	*size = st.st_size;
	return DENYLIST_USABLE;
}

static void
facts_read(struct denylist_facts *f, const uint8_t *page)
{
	f->pages = page_u32(page + AT_PAGES);
	f->name_pages = page_u32(page + AT_NAME_PAGES);
	f->uid_pages = page_u32(page + AT_UID_PAGES);
	f->names = page_u64(page + AT_NAMES);
	f->uids = page_u64(page + AT_UIDS);
	f->generation = page_u64(page + AT_GENERATION);
	f->generated = page_u64(page + AT_GENERATED);
	f->issued = page_u64(page + AT_ISSUED);
	f->epoch = page_u32(page + AT_EPOCH);
	f->serial = page_u32(page + AT_SERIAL);
	f->build = page_u64(page + AT_BUILD);
	memcpy(f->salt, page + AT_SALT, DENYLIST_SALT);
	memcpy(f->fleet, page + AT_FLEET, DENYLIST_FLEET);
	memcpy(f->source, page + AT_SOURCE, DENYLIST_SOURCE);
}

static enum denylist_result
first_page(struct denylist *d, off_t size)
{
	struct denylist_facts *f = &d->facts;
	enum denylist_result rc;
	uint8_t page[PAGE_SIZE] = { 0 };

	if (size < PAGE_SIZE)
		return unusable(d, "is shorter than it says");
	rc = denylist_page(d, 0, page);
	if (rc == DENYLIST_SYSTEM)
		return rc;
	/* Before the checksum: a foreign file should be called one. */
	if (memcmp(page, PAGE_MAGIC, 8) != 0)
		return unusable(d, "is not a denylist");
	if (rc != DENYLIST_USABLE)
		return rc;
	if (page_u32(page + AT_VERSION) != PAGE_VERSION ||
	    page_u32(page + AT_SIZE) != PAGE_SIZE ||
	    page_u32(page + AT_ZERO) != 0)
		return unusable(d, "has a format that this version does not "
		    "know");
	facts_read(f, page);
	if (f->pages > PAGE_MAX || f->pages < 3 || f->name_pages == 0 ||
	    f->uid_pages == 0 || f->name_pages >= f->pages ||
	    f->uid_pages > f->pages - 1 - f->name_pages ||
	    f->generation != ((uint64_t)f->epoch << 32 | f->serial))
		return unusable(d, "has a first page that contradicts itself");
	if (size != (off_t)f->pages * PAGE_SIZE)
		return unusable(d, "has not the size that it says");
	return DENYLIST_USABLE;
}

enum denylist_result
denylist_open(struct denylist *d, const struct denylist_where *w)
{
	const int saved = errno;
	enum denylist_result rc;
	off_t size = 0;
	int folder = -1;

	memset(d, 0, sizeof(*d));
	d->fd = -1;
	rc = open_folder(d, w, &folder);
	if (rc == DENYLIST_USABLE)
		rc = open_file(d, w, folder, &size);
	if (rc == DENYLIST_USABLE)
		rc = first_page(d, size);
	if (folder != -1)
		close(folder);
	if (rc != DENYLIST_USABLE)
		denylist_close(d);
	errno = saved;
	return rc;
}

void
denylist_close(struct denylist *d)
{
	const int saved = errno;

	if (d == NULL || d->fd == -1)
		return;
	close(d->fd);
	d->fd = -1;
	errno = saved;
}

enum denylist_result
denylist_page_check(struct denylist *d, uint32_t number, const uint8_t *page)
{
	const struct denylist_facts *f = &d->facts;
	const uint32_t first_overflow = 1 + f->name_pages + f->uid_pages;
	const uint32_t used = page_u32(page + AT_USED);
	const uint32_t next = page_u32(page + AT_NEXT);

	if (page_u64(page + AT_PAGE_BUILD) != f->build)
		return unusable(d, "is damaged: it mixes pages of two files");
	if (used > PAGE_RECORDS)
		return unusable(d, "is damaged: a page is overfull");
	/* Strictly rising, so that no chain can close into a ring. */
	if (next != 0 && (next <= number || next < first_overflow ||
	    next >= f->pages || used != PAGE_RECORDS))
		return unusable(d, "is damaged: a page chain is broken");
	return DENYLIST_USABLE;
}

/* Looks at every entry of the page, found or not, so that the time tells
 * nothing. */
static uint32_t
page_find(const uint8_t *page, const uint8_t *tag, uint32_t *number)
{
	const uint32_t used = page_u32(page + AT_USED);
	const uint8_t *r = page + PAGE_HEAD;
	uint64_t a, b, x, y;
	uint32_t i, hit, hits = 0;

	memcpy(&a, tag, 8);
	memcpy(&b, tag + 8, 8);
	for (i = 0; i < used; i++, r += DENYLIST_RECORD) {
		memcpy(&x, r, 8);
		memcpy(&y, r + 8, 8);
		hit = ((x ^ a) | (y ^ b)) == 0;
		hits += hit;
		*number |= page_u32(r + DENYLIST_TAG) & (0 - hit);
	}
	return hits;
}

static enum denylist_result
find_tag(struct denylist *d, enum page_kind kind, const uint8_t *tag)
{
	const struct denylist_facts *f = &d->facts;
	uint32_t home, at, hops = 0, number = 0;
	enum denylist_result rc;
	uint8_t page[PAGE_SIZE];

	if (kind == PAGE_NAME)
		home = 1 + page_bucket(tag, f->name_pages);
	else
		home = 1 + f->name_pages + page_bucket(tag, f->uid_pages);
	d->number = 0;
	for (at = home; at != 0; at = page_u32(page + AT_NEXT)) {
		if (hops++ > PAGE_HOPS)
			return unusable(d, "is damaged: a page chain is too "
			    "long");
		rc = denylist_page(d, at, page);
		if (rc == DENYLIST_USABLE)
			rc = denylist_page_check(d, at, page);
		if (rc != DENYLIST_USABLE)
			return rc;
		if (page_u32(page + AT_KIND) != (uint32_t)kind ||
		    page_u32(page + AT_HOME) != home)
			return unusable(d, "is damaged: a page is at the "
			    "wrong place");
		if (page_find(page, tag, &number) > 0) {
			d->number = number;
			return DENYLIST_LISTED;
		}
	}
	return DENYLIST_NOT_LISTED;
}

static enum denylist_result
find_kept(struct denylist *d, enum page_kind kind, const uint8_t *tag)
{
	const int saved = errno;
	enum denylist_result rc;

	if (d->fd == -1)
		return unusable(d, "is not open");
	rc = find_tag(d, kind, tag);
	errno = saved;
	return rc;
}

int
denylist_name_ok(const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (i >= DENYLIST_NAME_MAX || (unsigned char)name[i] < 0x20 ||
		    name[i] == 0x7f)
			return 0;
	return i > 0;
}

int
denylist_name_tag(const uint8_t *salt, const char *name, uint8_t *tag)
{
	char low[DENYLIST_NAME_MAX];
	size_t i;

	if (denylist_name_ok(name) == 0)
		return -1;
	for (i = 0; name[i] != '\0'; i++)
		low[i] = name[i] >= 'A' && name[i] <= 'Z' ?
		    (char)(name[i] + 'a' - 'A') : name[i];
	siphash_tag(salt, low, i, tag);
	return 0;
}

int
denylist_uid_tag(const uint8_t *salt, uid_t uid, uint8_t *tag)
{
	char text[16] = "uid:", digits[12];
	size_t n = 0, at = 4;

	if (uid == 0 || uid == (uid_t)-1)
		return -1;
	for (; uid > 0; uid /= 10)
		digits[n++] = (char)('0' + uid % 10);
	while (n > 0)
		text[at++] = digits[--n];
	siphash_tag(salt, text, at, tag);
	return 0;
}

enum denylist_result
denylist_has_name(struct denylist *d, const char *name)
{
	uint8_t tag[DENYLIST_TAG];

	d->number = 0;
	if (denylist_name_tag(d->facts.salt, name, tag) == -1)
		return DENYLIST_NOT_LISTED;
	return find_kept(d, PAGE_NAME, tag);
}

enum denylist_result
denylist_has_uid(struct denylist *d, uid_t uid)
{
	uint8_t tag[DENYLIST_TAG];

	d->number = 0;
	if (denylist_uid_tag(d->facts.salt, uid, tag) == -1)
		return DENYLIST_NOT_LISTED;
	return find_kept(d, PAGE_UID, tag);
}

enum denylist_result
denylist_has_canary(struct denylist *d)
{
	uint8_t tag[DENYLIST_TAG];

	siphash_tag(d->facts.salt, PAGE_CANARY, sizeof(PAGE_CANARY) - 1, tag);
	return find_kept(d, PAGE_NAME, tag);
}
