/* Tests of what proves something: SSHSIG with OpenSSH itself, canonical JSON,
 * the difference of two images, the published vector of Standard Webhooks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../providers/base/sshsig.h"
#include "../../providers/net/webhook.h"
#include "../../providers/record/canon.h"
#include "../../providers/record/diff.h"

static struct err e;

static void
file_put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int
openssh_says(const char *dir)
{
	char cmd[400];

	(void)snprintf(cmd, sizeof(cmd), "ssh-keygen -Y verify -f %s/signers "
	    "-I offboard -n offboard -s %s/text.sig <%s/text >/dev/null 2>&1",
	    dir, dir, dir);
	return system(cmd);
}

static void
openssh_takes_the_signature(void **state)
{
	char dir[] = "/tmp/offboard-sshsig-XXXXXX", path[100], line[200];
	char key[SSHSIG_KEY_TEXT], cmd[100];
	const char *text = "{\"a\":1}\n";
	struct sign_key *k = sign_generate(&e);
	struct buf sig;

	(void)state;
	if (access("/usr/bin/ssh-keygen", X_OK) == -1) {
		sign_free(k);
		print_message("SKIP: there is no ssh-keygen\n");
		skip();
	}
	assert_non_null(k);
	assert_non_null(mkdtemp(dir));
	buf_init(&sig, 8192);
	assert_int_equal(sshsig_make(k, text, &sig, &e), 0);
	sshsig_key(sign_public(k), key);
	(void)snprintf(line, sizeof(line), "offboard namespaces=\"offboard\" "
	    "%s\n", key);
	(void)snprintf(path, sizeof(path), "%s/signers", dir);
	file_put(path, line);
	(void)snprintf(path, sizeof(path), "%s/text.sig", dir);
	file_put(path, buf_cstr(&sig));
	(void)snprintf(path, sizeof(path), "%s/text", dir);
	file_put(path, text);
	assert_int_equal(openssh_says(dir), 0);
	file_put(path, "{\"a\":2}\n");
	assert_int_not_equal(openssh_says(dir), 0);
	(void)snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	assert_int_equal(system(cmd), 0);
	buf_clear(&sig);
	sign_free(k);
}

static void
any_changed_byte_is_refused(void **state)
{
	struct sign_key *k = sign_generate(&e), *other = sign_generate(&e);
	char key[SSHSIG_KEY_TEXT], theirs[SSHSIG_KEY_TEXT];
	char text[] = "{\"person\":\"anna\"}\n";
	struct buf sig;
	size_t i;

	(void)state;
	buf_init(&sig, 8192);
	assert_int_equal(sshsig_make(k, text, &sig, &e), 0);
	sshsig_key(sign_public(k), key);
	sshsig_key(sign_public(other), theirs);
	assert_int_equal(sshsig_check(key, text, sig.s, &e), 0);
	assert_int_equal(sshsig_check(theirs, text, sig.s, &e), -1);
	assert_int_equal(sshsig_check("", text, sig.s, &e), -1);
	assert_int_equal(sshsig_check(key, text, "", &e), -1);
	for (i = 0; i < strlen(text); i++) {
		text[i] ^= 1;
		assert_int_equal(sshsig_check(key, text, sig.s, &e), -1);
		text[i] ^= 1;
	}
	for (i = 0; i < sig.len; i++) {
		/* Line ends inside the armour carry nothing. */
		if (sig.s[i] == '\n')
			continue;
		sig.s[i] ^= 1;
		assert_int_equal(sshsig_check(key, text, sig.s, &e), -1);
		sig.s[i] ^= 1;
	}
	assert_int_equal(sshsig_check(key, text, sig.s, &e), 0);
	buf_clear(&sig);
	sign_free(k);
	sign_free(other);
}

static void
canon_is(const char *json, const char *want)
{
	struct json_object *j = json_tokener_parse(json);
	struct buf b;

	buf_init(&b, 8192);
	canon_put(&b, j);
	assert_string_equal(buf_cstr(&b), want);
	buf_clear(&b);
	json_object_put(j);
}

static void
json_has_one_form(void **state)
{
	(void)state;
	canon_is(" { \"b\" : 1 , \"a\" : [ true , null , -2 ] } ",
	    "{\"a\":[true,null,-2],\"b\":1}");
	canon_is("{\"u\":\"/\\u00e9\\n\\\"\\\\\\u0001\"}",
	    "{\"u\":\"/\xc3\xa9\\n\\\"\\\\\\u0001\"}");
	canon_is("{\"a\":{},\"A\":[]}", "{\"A\":[],\"a\":{}}");
	canon_is("12345678901234567", "12345678901234567");
}

static void
difference_is(const char *before, const char *after, const char *want)
{
	struct json_object *a = json_tokener_parse(before);
	struct json_object *b = json_tokener_parse(after);
	struct json_object *d = diff_make(a, b);
	struct buf text;

	buf_init(&text, 8192);
	canon_put(&text, d);
	assert_string_equal(buf_cstr(&text), want);
	buf_clear(&text);
	json_object_put(a);
	json_object_put(b);
	json_object_put(d);
}

static void
difference_names_what_went(void **state)
{
	(void)state;
	difference_is("{\"enabled\":true,\"groups\":[1,2]}",
	    "{\"enabled\":false,\"groups\":[2]}",
	    "{\"enabled\":{\"from\":true,\"to\":false},"
	    "\"groups\":{\"gone\":[1],\"left\":[2]},\"not_read_again\":[]}");
	/* By id, even where one list has ids and the other whole entries. */
	difference_is("{\"g\":[{\"id\":\"7\",\"name\":\"x\"},{\"id\":\"8\"}]}",
	    "{\"g\":[{\"id\":\"7\",\"name\":\"y\"}]}",
	    "{\"g\":{\"gone\":[{\"id\":\"8\"}],"
	    "\"left\":[{\"id\":\"7\",\"name\":\"x\"}]},\"not_read_again\":[]}");
	difference_is("{\"g\":[{\"id\":\"7\"}]}", "{\"g\":[\"7\"]}",
	    "{\"g\":{\"gone\":[],\"left\":[{\"id\":\"7\"}]},"
	    "\"not_read_again\":[]}");
	/* What was not read again is not called gone. */
	difference_is("{\"keys\":[1]}", "{}", "{\"not_read_again\":[\"keys\"]}");
	difference_is("null", "{\"x\":1}", "{\"not_read_again\":[]}");
}

static void
webhook_fits_the_published_vector(void **state)
{
	struct webhook w = { NULL, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
	    "msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}", 0 };
	char sig[WEBHOOK_SIGNATURE];

	(void)state;
	assert_int_equal(webhook_sign(&w, 1614265330, sig, &e), 0);
	assert_string_equal(sig,
	    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	w.secret = "";
	assert_int_equal(webhook_sign(&w, 1, sig, &e), -1);
	w.secret = "whsec_";
	assert_int_equal(webhook_sign(&w, 1, sig, &e), -1);
	w.secret = "whsec_AAAA";
	assert_int_equal(webhook_sign(&w, 1, sig, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssh_takes_the_signature),
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(json_has_one_form),
		cmocka_unit_test(difference_names_what_went),
		cmocka_unit_test(webhook_fits_the_published_vector),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
