/* Reads compiled time zone files. The C library can only do this through the
 * process-wide TZ variable, which threads must not change. */
#include "zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

#define ZONE_FILE_MAX	(256 * 1024)
#define ZONE_TYPES	256

struct zone {
	size_t	 n;			/* transitions */
	int64_t	*at;
	unsigned char *type;
	int	 offset[ZONE_TYPES];
	size_t	 ntypes;
};

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int64_t
be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

static int
zone_name_ok(const char *name)
{
	size_t i, n = strlen(name);

	if (n == 0 || n > 60 || name[0] == '/' || strstr(name, "..") != NULL)
		return 0;
	for (i = 0; i < n; i++)
		if (!isalnum((unsigned char)name[i]) &&
		    strchr("_+-/", name[i]) == NULL)
			return 0;
	return 1;
}

/* The size of a data block with the counts of the header at P. */
static size_t
zone_block(const unsigned char *p, size_t width)
{
	size_t isut = be32(p + 20), isstd = be32(p + 24), leap = be32(p + 28);
	size_t time = be32(p + 32), type = be32(p + 36), chars = be32(p + 40);

	if (isut > 1000 || isstd > 1000 || leap > 1000 || time > 100000 ||
	    type > ZONE_TYPES || chars > 1000)
		return ZONE_FILE_MAX;
	return time * width + time + type * 6 + chars + leap * (width + 4) +
	    isstd + isut;
}

static struct zone *
zone_decode(const unsigned char *p, size_t len)
{
	struct zone *z = NULL;
	size_t i, skip, ntime, ntype;
	const unsigned char *data, *types;

	/* Version 1 data is 32-bit and only there to be stepped over. */
	if (len < 88 || memcmp(p, "TZif", 4) != 0 || p[4] < '2')
		return NULL;
	skip = 44 + zone_block(p, 4);
	if (skip + 44 > len || memcmp(p + skip, "TZif", 4) != 0)
		return NULL;
	p += skip;
	len -= skip;
	ntime = be32(p + 32);
	ntype = be32(p + 36);
	if (44 + zone_block(p, 8) > len || ntype == 0)
		return NULL;
	z = calloc(1, sizeof(*z));
	if (z == NULL)
		return NULL;
	z->n = ntime;
	z->ntypes = ntype;
	z->at = calloc(ntime + 1, sizeof(*z->at));
	z->type = calloc(ntime + 1, 1);
	if (z->at == NULL || z->type == NULL) {
		zone_free(z);
		return NULL;
	}
	data = p + 44;
	types = data + ntime * 9;
	for (i = 0; i < ntime; i++) {
		z->at[i] = be64(data + i * 8);
		z->type[i] = data[ntime * 8 + i];
		if (z->type[i] >= ntype) {
			zone_free(z);
			return NULL;
		}
	}
	for (i = 0; i < ntype; i++)
		z->offset[i] = (int)(int32_t)be32(types + i * 6);
	return z;
}

struct zone *
zone_load(const char *name)
{
	char path[128];
	struct zone *z = NULL;
	struct buf b;

	if (zone_name_ok(name) == 0)
		return NULL;
	(void)snprintf(path, sizeof(path), "/usr/share/zoneinfo/%s", name);
	buf_init(&b, ZONE_FILE_MAX);
	if (buf_file(&b, path, NULL) == 0)
		z = zone_decode((const unsigned char *)buf_cstr(&b), b.len);
	buf_clear(&b);
	return z;
}

void
zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	free(z->at);
	free(z->type);
	free(z);
}

int
zone_offset(const struct zone *z, int64_t t)
{
	size_t lo = 0, hi = z->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (z->at[mid] <= t)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo == 0 ? z->offset[0] : z->offset[z->type[lo - 1]];
}

int
zone_instants(const struct zone *z, int64_t local, int64_t out[2])
{
	size_t i;
	int n = 0;
	int64_t t;

	for (i = 0; i < z->ntypes && n < 2; i++) {
		t = local - z->offset[i];
		if (zone_offset(z, t) != z->offset[i])
			continue;
		if (n == 1 && out[0] == t)
			continue;
		out[n++] = t;
	}
	if (n == 2 && out[1] < out[0]) {
		t = out[0];
		out[0] = out[1];
		out[1] = t;
	}
	return n;
}
