/* offboard keys, epoch, host: the fleet's identity and its machines. */
#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/buf.h"
#include "../linux/publisher.h"
#include "../base/sign.h"
#include "../linux/trust.h"
#include "../record/wake.h"
#include "cmd.h"

static int
make_folder(struct cmd *c, const char *name, mode_t mode, struct err *e)
{
	char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", c->set.data_dir, name);
	if (mkdir(path, mode) == -1 && errno != EEXIST)
		return err_set(e, "%s: %s", path, strerror(errno));
	return 0;
}

/* The publisher's key: made once, kept for good. Caller frees. */
static struct sign_key *
publisher_key(struct cmd *c, int *made, struct err *e)
{
	struct sign_key *key;
	char path[512];

	*made = 0;
	(void)snprintf(path, sizeof(path), "%s/keys/publisher.key",
	    c->set.data_dir);
	if (access(path, F_OK) == 0)
		return sign_load(path, e);
	key = sign_generate(e);
	if (key != NULL && sign_save(key, path, e) == -1) {
		sign_free(key);
		return NULL;
	}
	*made = 1;
	return key;
}

static int
fleet_make(struct cmd *c, struct head *h, struct err *e)
{
	uint8_t fleet[16], salt[16];
	int rc;

	if (sign_random(fleet, sizeof(fleet)) == -1 ||
	    sign_random(salt, sizeof(salt)) == -1)
		return err_set(e, "no random bytes");
	memset(h, 0, sizeof(*h));
	sign_hex(fleet, sizeof(fleet), h->fleet);
	sign_hex(salt, sizeof(salt), h->salt);
	h->epoch = 1;
	rc = head_init(c->store, h, e);
	if (rc == STORE_CONFLICT)
		rc = head_get(c->store, h, e);
	return rc == STORE_OK ? 0 : -1;
}

static int
trust_make(struct cmd *c, const struct head *h, const struct sign_key *key,
    struct err *e)
{
	struct trust t;
	char path[512];

	memset(&t, 0, sizeof(t));
	if (sign_unhex(h->fleet, t.fleet, sizeof(t.fleet)) == -1)
		return err_set(e, "the record's fleet is damaged");
	(void)text_copy(t.scope, sizeof(t.scope), "default");
	memcpy(t.public, sign_public(key), sizeof(t.public));
	(void)snprintf(path, sizeof(path), "%s/keys/trust", c->set.data_dir);
	return trust_write(path, &t, e);
}

int
cmd_keys(struct cmd *c, int argc, char **argv)
{
	struct sign_key *key = NULL;
	struct head h;
	struct err e;
	int made = 0, rc = -1;

	if (argc != 2 || strcmp(argv[1], "init") != 0)
		return cmd_usage("keys");
	if (make_folder(c, "keys", 0700, &e) == 0 &&
	    make_folder(c, "publication", 0755, &e) == 0 &&
	    make_folder(c, "publication/base", 0755, &e) == 0 &&
	    (key = publisher_key(c, &made, &e)) != NULL &&
	    fleet_make(c, &h, &e) == 0 && trust_make(c, &h, key, &e) == 0)
		rc = publisher_refresh(c->set.data_dir, c->store, &e);
	if (rc == 0)
		printf("%s publisher key %s of fleet %s.\n"
		    "Install %s/keys/trust as /etc/offboard/trust on every host.\n",
		    made ? "Made" : "Kept", sign_keyid(key), h.fleet,
		    c->set.data_dir);
	sign_free(key);
	return rc == 0 ? EXIT_DONE : cmd_fail(EXIT_REFUSED, "%s", e.text);
}

int
cmd_epoch(struct cmd *c, int argc, char **argv)
{
	int64_t epoch, serial;
	char text[32];
	struct head h;
	struct err e;
	int rc;

	if (argc != 2 || strcmp(argv[1], "raise") != 0)
		return cmd_usage("epoch");
	rc = head_get(c->store, &h, &e);
	if (rc == STORE_NONE)
		return cmd_fail(EXIT_REFUSED, "there is no fleet yet: run "
		    "\"offboard keys init\" first");
	if (rc != STORE_OK ||
	    publisher_current(c->set.data_dir, &epoch, &serial, &e) == -1)
		return cmd_fail(EXIT_REFUSED, "%s", e.text);
	if (epoch < h.epoch)
		epoch = h.epoch;
	(void)snprintf(text, sizeof(text), "%" PRId64, epoch + 1);
	if (meta_set(c->store, "epoch", text, &e) != STORE_OK ||
	    publisher_refresh(c->set.data_dir, c->store, &e) == -1)
		return cmd_fail(EXIT_REFUSED, "%s", e.text);
	wake_send(c->set.data_dir);
	printf("The epoch is %s now.\n", text);
	return EXIT_DONE;
}

static int
host_print_one(void *arg, const struct host *h)
{
	struct cmd *c = arg;
	struct json_object *j;
	char at[WHEN_TEXT];

	when_text(h->reported_at, at);
	if (c->json == 0) {
		printf("%-24s %-9s %s  epoch %lld serial %lld  %s\n", h->name,
		    h->retired_at != 0 ? "retired" : "enrolled", h->keyid,
		    (long long)h->epoch, (long long)h->serial,
		    at[0] != '\0' ? at : "never reported");
		return 0;
	}
	j = json_object_new_object();
	json_object_object_add(j, "host", json_object_new_string(h->name));
	json_object_object_add(j, "retired",
	    json_object_new_boolean(h->retired_at != 0));
	json_object_object_add(j, "epoch", json_object_new_int64(h->epoch));
	json_object_object_add(j, "serial", json_object_new_int64(h->serial));
	json_object_object_add(j, "reported_at", at[0] == '\0' ? NULL :
	    json_object_new_string(at));
	cmd_print_json(j);
	json_object_put(j);
	return 0;
}

static int
host_print(struct cmd *c)
{
	struct err e;

	if (host_each(c->store, 1, host_print_one, c, &e) != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	return EXIT_DONE;
}

static int
host_add(struct cmd *c, const char *name, const char *keyid, const char *key)
{
	uint8_t public[SIGN_PUBLIC];
	char should[SIGN_KEYID_TEXT];
	struct host h;
	struct err e;
	int rc;

	memset(&h, 0, sizeof(h));
	if (strlen(name) > 64 || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEF"
	    "GHIJKLMNOPQRSTUVWXYZ0123456789.-_") != strlen(name) ||
	    name[0] == '\0')
		return cmd_fail(EXIT_USAGE, "\"%.64s\" is no host name", name);
	if (sign_unbase64(key, public, sizeof(public)) == -1 ||
	    sign_keyid_of(public, should) == -1 || strcmp(should, keyid) != 0)
		return cmd_fail(EXIT_USAGE, "this is no host key: give the "
		    "three words that \"offboard-hostd --init\" printed");
	(void)text_copy(h.name, sizeof(h.name), name);
	(void)text_copy(h.scope, sizeof(h.scope), "default");
	(void)text_copy(h.keyid, sizeof(h.keyid), keyid);
	(void)text_copy(h.key, sizeof(h.key), key);
	rc = host_enroll(c->store, &h, c->actor, &e);
	if (rc == STORE_CONFLICT)
		return cmd_fail(EXIT_REFUSED, "a host of that name, or with "
		    "that key, is enrolled already: see \"offboard host "
		    "list\"");
	if (rc != STORE_OK)
		return cmd_fail(EXIT_LATER, "%s", e.text);
	printf("%s is enrolled\n", name);
	return EXIT_DONE;
}

int
cmd_host(struct cmd *c, int argc, char **argv)
{
	struct err e;
	int rc;

	if (argc == 3 && strcmp(argv[1], "list") == 0 &&
	    strcmp(argv[2], "--json") == 0)
		c->json = 1;
	else if (argc == 5 && strcmp(argv[1], "enroll") == 0)
		return host_add(c, argv[2], argv[3], argv[4]);
	else if (argc == 3 && strcmp(argv[1], "retire") == 0) {
		rc = host_retire(c->store, argv[2], c->actor, &e);
		if (rc == STORE_NONE)
			return cmd_fail(EXIT_REFUSED, "no host \"%.64s\" is "
			    "enrolled", argv[2]);
		if (rc != STORE_OK)
			return cmd_fail(EXIT_LATER, "%s", e.text);
		wake_send(c->set.data_dir);
		printf("%s is retired\n", argv[2]);
		return EXIT_DONE;
	} else if (argc != 2 || strcmp(argv[1], "list") != 0)
		return cmd_usage("host");
	return host_print(c);
}
