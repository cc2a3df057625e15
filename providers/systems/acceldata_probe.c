/*
 * Acceldata: the doctor's look at what our key may read. Each list that an
 * offboarding needs is asked for one row; which right is missing is named.
 * What the key may change shows only when it does. Changes nothing.
 */
#include "acceldata.h"

#include <string.h>

static const struct probe {
	const char	*path;
	const char	*what;
	const char	*right;		/* as the vendor calls it */
	int		 pipelines;
} probes[] = {
	{ "/admin/api/users/api-keys/all?page=0&size=1", "list API keys",
	    "VIEW_API_KEYS", 0 },
	{ "/admin/api/groups?first=0&last=1", "list groups",
	    "VIEW_USER_GROUPS", 0 },
	{ "/authz/api/v1/roles", "list roles", "VIEW_ROLE", 0 },
	{ "/admin/api/v1/service-users/list?first=0&max=1",
	    "list service users", "VIEW_SERVICE_USERS", 0 },
	{ "/torch-pipeline/api/pipelines/summary?page=0&size=1",
	    "list pipelines", "the right to see pipelines", 1 },
};

static enum outcome
probe_one(struct visit *v, const struct probe *p)
{
	struct json_object *j = NULL;
	struct visit_call c;
	struct buf path;
	enum outcome out;

	buf_init(&path, 512);
	buf_str(&path, p->path);
	memset(&c, 0, sizeof(c));
	c.method = "GET";
	c.path = &path;
	c.what = p->what;
	c.out = &j;
	out = visit_call(v, &c);
	json_object_put(j);
	if (out == OUT_FAILED && v->status == 403)
		return visit_end(v, OUT_REFUSED, "%s lets us in, but not %s "
		    "(403): give the key's owner %s", v->sys->name, p->what,
		    p->right);
	/* Not every tenant has each of them. */
	return out == OUT_GONE ? OUT_OK : out;
}

enum outcome
acceldata_probe(struct visit *v)
{
	enum outcome out = OUT_OK;
	size_t i;

	for (i = 0; i < sizeof(probes) / sizeof(probes[0]) && out == OUT_OK;
	    i++)
		if (probes[i].pipelines == 0 || acceldata_own(v)->pipelines)
			out = probe_one(v, &probes[i]);
	return out;
}
