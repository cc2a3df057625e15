/* page.c: counts through a long list; it must not know what is in it. */
#include "sandbox.h"

#include <string.h>

void
page_open(struct page *p, long long limit, long long offset)
{
	memset(p, 0, sizeof(*p));
	p->limit = limit;
	p->offset = offset;
	p->rows = json_object_new_array();
}

/* One more row in the whole list: does it belong to this part? */
bool
page_takes(struct page *p)
{
	long long at = p->total++;

	return at >= p->offset && at - p->offset < p->limit;
}

bool
page_more(const struct page *p)
{
	return p->offset + p->limit < p->total;
}
