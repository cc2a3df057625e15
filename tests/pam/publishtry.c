/*
 * A small publisher for tests.
 *   publishtry init DIR                   key, trust file, publication
 *   publishtry [-o S] [-k KEY] [-t TRUST] state DIR EPOCH SERIAL LOGIN...
 *   publishtry [-o S] again DIR EPOCH SERIAL
 * -o shifts the issued time by S seconds; DIR/publication is written.
 */
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/linux/publish.h"
#include "../../providers/linux/trust.h"

#define ROOM 600

static int
fail(const char *text)
{
	(void)fprintf(stderr, "publishtry: %s\n", text);
	return 1;
}

static int
init(const char *dir)
{
	char path[ROOM];
	struct sign_key *k;
	struct trust t;
	struct err e;
	int rc = 1;

	memset(&t, 0, sizeof(t));
	k = sign_generate(&e);
	if (k == NULL || sign_random(t.fleet, sizeof(t.fleet)) == -1)
		return fail("no key");
	memcpy(t.public, sign_public(k), sizeof(t.public));
	(void)text_copy(t.scope, sizeof(t.scope), "default");
	(void)snprintf(path, sizeof(path), "%s/publication", dir);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof(path), "%s/publisher.key", dir);
	if (sign_save(k, path, &e) == -1) {
		fail(e.text);
		goto out;
	}
	(void)snprintf(path, sizeof(path), "%s/trust", dir);
	if (trust_write(path, &t, &e) == -1) {
		fail(e.text);
		goto out;
	}
	rc = 0;
out:
	sign_free(k);
	return rc;
}

struct arguments {
	const char	*key, *trust, *dir;
	long		 offset;
};

static int
publish(const struct arguments *a, int again, int argc, char **argv)
{
	char key[ROOM], trust[ROOM], folder[ROOM];
	struct publish_entry entries[4096];
	struct publish p;
	struct trust t;
	struct err e;
	int i, rc;

	(void)snprintf(key, sizeof(key), "%s/publisher.key", a->dir);
	(void)snprintf(trust, sizeof(trust), "%s/trust", a->dir);
	(void)snprintf(folder, sizeof(folder), "%s/publication", a->dir);
	memset(&p, 0, sizeof(p));
	if (trust_read(a->trust != NULL ? a->trust : trust, &t, &e) == -1)
		return fail(e.text);
	p.key = sign_load(a->key != NULL ? a->key : key, &e);
	if (p.key == NULL)
		return fail(e.text);
	p.folder = folder;
	memcpy(p.fleet, t.fleet, sizeof(p.fleet));
	memcpy(p.salt, t.fleet, sizeof(p.salt));
	p.scope = t.scope;
	p.epoch = (uint32_t)strtoul(argv[0], NULL, 10);
	p.serial = (uint32_t)strtoul(argv[1], NULL, 10);
	p.issued = time(NULL) + a->offset;
	for (i = 2; i < argc && i < 4096; i++) {
		entries[i - 2].login = argv[i];
		entries[i - 2].number = (uint32_t)(i - 1);
	}
	p.entries = entries;
	p.n = (size_t)(argc - 2);
	rc = again ? publish_again(&p, &e) : publish_state(&p, &e);
	sign_free((void *)(uintptr_t)p.key);
	return rc == 0 ? 0 : fail(e.text);
}

int
main(int argc, char **argv)
{
	struct arguments a = { NULL, NULL, NULL, 0 };
	int c;

	while ((c = getopt(argc, argv, "+o:k:t:")) != -1) {
		if (c == 'o')
			a.offset = strtol(optarg, NULL, 10);
		else if (c == 'k')
			a.key = optarg;
		else if (c == 't')
			a.trust = optarg;
		else
			return 2;
	}
	argc -= optind;
	argv += optind;
	if (argc == 2 && strcmp(argv[0], "init") == 0)
		return init(argv[1]);
	if (argc < 4)
		return fail("see the head of publishtry.c");
	a.dir = argv[1];
	return publish(&a, strcmp(argv[0], "again") == 0, argc - 2, argv + 2);
}
