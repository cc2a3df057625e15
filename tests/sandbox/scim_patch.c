/*
 * scim_patch.c: changes parts of a user of the SCIM service, all the parts
 * of one request or none; it must not touch what is read-only.
 */
#include "scim.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Attributes that may be changed, as they are written; none else exists. */
static const char *const patch_attrs[] = {
	"active", "userName", "externalId", "displayName", "name", "title",
	"locale", "emails", "nickName", "userType", "timezone",
	"preferredLanguage", "phoneNumbers", "addresses", "roles",
	"entitlements", SCIM_MORE
};

struct patch {
	struct ctx *c;
	json_object *u;		/* a copy, kept only if all goes well */
	const char *type;	/* of the error */
	const char *text;
};

static int
patch_no(struct patch *p, const char *type, const char *text)
{
	p->type = type;
	p->text = text;
	return -1;
}

/* The attribute as it is written, with its length; NULL for none. */
static const char *
patch_attr(const char *path, size_t *n)
{
	size_t i;

	for (i = 0; i < sizeof(patch_attrs) / sizeof(patch_attrs[0]); i++) {
		*n = strlen(patch_attrs[i]);
		if (strncasecmp(patch_attrs[i], path, *n) == 0 &&
		    strchr(".:[", path[*n]) != NULL)
			return patch_attrs[i];
	}
	return NULL;
}

static bool
patch_fixed(const char *path)
{
	static const char *const fixed[] = { "id", "meta", "groups" };
	size_t i, n;

	for (i = 0; i < 3; i++) {
		n = strlen(fixed[i]);
		if (strncasecmp(fixed[i], path, n) == 0 &&
		    strchr(".[", path[n]) != NULL)
			return true;
	}
	return false;
}

static int
patch_store(json_object *o, const char *key, json_object *v)
{
	if (v == NULL)
		json_object_object_del(o, key);
	else
		js_set(o, key, js_copy(v));
	return 0;
}

/* Sets what the path names; v is NULL to remove it. */
static int
patch_path(struct patch *p, const char *path, json_object *v)
{
	static const char core[] = SCIM_CORE ":";
	const char *attr;
	size_t n;

	if (strncasecmp(path, core, sizeof(core) - 1) == 0)
		path += sizeof(core) - 1;
	if (patch_fixed(path))
		return patch_no(p, "mutability", "The attribute is read-only");
	if ((attr = patch_attr(path, &n)) == NULL)
		return patch_no(p, "invalidPath", "No such attribute");
	path += n;
	if (*path == '\0')
		return patch_store(p->u, attr, v);
	if (*path == '[')
		return patch_no(p, "invalidPath", "Not with a filter");
	if (strcmp(attr, "name") != 0 && strcmp(attr, SCIM_MORE) != 0)
		return patch_no(p, "invalidPath", "No such part");
	return patch_store(js_obj(p->u, attr), path + 1, v);
}

/* Without a path the value names the attributes. */
static int
patch_pathless(struct patch *p, json_object *v)
{
	struct json_object_iter it;

	if (!json_object_is_type(v, json_type_object))
		return patch_no(p, "invalidValue", "value is an object here");
	json_object_object_foreachC(v, it) {
		if (patch_path(p, it.key, it.val) != 0)
			return -1;
	}
	return 0;
}

static int
patch_op(struct patch *p, json_object *op)
{
	const char *word = js_str(op, "op");
	json_object *v = js_get(op, "value");
	bool remove = strcasecmp(word, "remove") == 0;

	if (!remove && strcasecmp(word, "add") != 0 &&
	    strcasecmp(word, "replace") != 0)
		return patch_no(p, "invalidSyntax", "No such operation");
	if (js_has(op, "path") && scim_style(p->c, "patch_no_path"))
		return patch_no(p, "invalidPath", "Leave out the path");
	if (remove && !js_has(op, "path"))
		return patch_no(p, "noTarget", "path is required");
	if (!remove && v == NULL)
		return patch_no(p, "invalidValue", "value is required");
	if (!js_has(op, "path"))
		return patch_pathless(p, v);
	return patch_path(p, js_str(op, "path"), remove ? NULL : v);
}

/* Carries out every operation on the copy, in order. */
static int
patch_all(struct patch *p)
{
	json_object *ops = js_get(p->c->in, "Operations");
	const char *bad;
	size_t i;

	if (!js_list_has_str(js_get(p->c->in, "schemas"),
	    SCIM_API "PatchOp") || js_len(ops) == 0 ||
	    !js_all(ops, json_type_object))
		return patch_no(p, "invalidSyntax", "This is no PatchOp");
	for (i = 0; i < js_len(ops); i++)
		if (patch_op(p, js_at(ops, i)) != 0)
			return -1;
	if ((bad = accounts_wrong(p->u)) != NULL)
		return patch_no(p, "invalidValue", bad);
	return 0;
}

static void
patch_answer(struct ctx *c, json_object *u)
{
	if (scim_style(c, "entra") || scim_style(c, "ignore"))
		reply_empty(c, 204);
	else
		accounts_answer(c, 200, u);
}

void
accounts_patch(struct ctx *c)
{
	json_object *u = accounts_want(c);
	struct patch p;

	if (u == NULL)
		return;
	if (scim_style(c, "put")) {
		scim_no(c, 501, NULL, "PATCH is not implemented");
		return;
	}
	if (!accounts_matches(c, u, false))
		return;
	memset(&p, 0, sizeof(p));
	p.c = c;
	p.u = js_copy(u);
	if (patch_all(&p) != 0)
		scim_no(c, 400, p.type, p.text);
	else if (accounts_taken(c, js_str(p.u, "userName"), u))
		scim_no(c, 409, "uniqueness", "userName is taken");
	else {
		if (!scim_style(c, "ignore")) {
			accounts_touch(c, p.u);
			js_set(js_get(c->t, "users"), c->arg[0],
			    js_ref(p.u));
		}
		patch_answer(c, p.u);
	}
	json_object_put(p.u);
}
