/* Who must not be offboarded, and when a second person is asked. Makes no
 * call and changes nothing. */
#include "guard.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../base/buf.h"

/* What useradd takes, and what may stand in a denylist. */
static int
login_ok(const char *s)
{
	size_t n = strlen(s);

	if (n == 0 || n > 64 || strchr("-.0123456789", s[0]) != NULL)
		return 0;
	return strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") == n;
}

static int
field_bad(char field[32], const char *name, struct err *e, const char *text)
{
	(void)text_copy(field, 32, name);
	return err_set(e, "%s", text);
}

static int
fields_plain(const struct offboarding *o, char field[32], struct err *e)
{
	const struct { const char *name, *value; } all[] = {
		{ "name", o->name }, { "employee_id", o->employee_id },
		{ "reason", o->reason }, { "login", o->login },
	};
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (text_is_plain(all[i].value) == 0)
			return field_bad(field, all[i].name, e,
			    "this holds control characters or hidden marks: "
			    "type it again without them");
	return 0;
}

int
guard_fields(const struct settings *set, struct offboarding *o,
    char field[32], struct err *e)
{
	char local[EMAIL_MAX];

	field[0] = '\0';
	text_lower(o->email);
	text_lower(o->handover);
	text_lower(o->login);
	if (text_is_email(o->email) == 0)
		return field_bad(field, "email", e,
		    "this is not an e-mail address: write it as "
		    "name@company.example");
	if (o->handover[0] != '\0' && text_is_email(o->handover) == 0)
		return field_bad(field, "handover", e,
		    "the person to hand over to is not an e-mail address: "
		    "write it as name@company.example");
	if (strcmp(o->handover, o->email) == 0)
		return field_bad(field, "handover", e,
		    "a person cannot be their own successor: name somebody "
		    "else, or nobody");
	if (fields_plain(o, field, e) == -1)
		return -1;
	if (o->login[0] != '\0') {
		o->login_given = 1;
		if (login_ok(o->login) == 0)
			return field_bad(field, "login", e,
			    "this is no Unix login: it takes a-z, 0-9, dot, "
			    "underscore and hyphen");
		return 0;
	}
	o->login_given = 0;
	if (set->login_derived != 0) {
		(void)text_copy(local, sizeof(local), o->email);
		local[strcspn(local, "@")] = '\0';
		/* One that is not valid stays empty: the Linux systems then
		 * ask for it with a task instead of denying a guess. */
		if (login_ok(local) != 0)
			(void)text_copy(o->login, sizeof(o->login), local);
	}
	return 0;
}

static int
names_person(const struct offboarding *o, const char *name)
{
	size_t n = strlen(name);

	if (n == 0)
		return 0;
	if (strcasecmp(o->email, name) == 0 || strcasecmp(o->login, name) == 0)
		return 1;
	return strncasecmp(o->email, name, n) == 0 && o->email[n] == '@';
}

int
guard_person(const struct settings *set, const struct offboarding *o,
    const char *actor, struct err *e)
{
	if (conf_list_has(set->protect, o->email) != 0)
		return err_set(e, "%s is on the protect list of %s and is not "
		    "offboarded: take the name off that list first", o->email,
		    conf_path(set->conf));
	if (o->login[0] != '\0' && conf_list_has(set->protect, o->login) != 0)
		return err_set(e, "the login %s is on the protect list of %s "
		    "and is not offboarded: name another login, or take it "
		    "off that list first", o->login, conf_path(set->conf));
	if (names_person(o, actor) != 0)
		return err_set(e, "nobody starts their own offboarding: ask a colleague "
		    "to start the offboarding of %s", o->email);
	return 0;
}

int
guard_approved(const struct settings *set, const struct offboarding *o)
{
	unsigned roles;

	if (o->approved_by[0] == '\0' ||
	    strcmp(o->approved_by, o->requested_by) == 0)
		return 0;
	roles = settings_roles(set, o->approved_by);
	return (roles & ROLE_APPROVER) != 0 || ((roles & ROLE_OPERATOR) != 0 &&
	    strncmp(o->hold, "brake:", 6) == 0);
}

int
guard_hold(const struct settings *set, struct store *s, struct offboarding *o,
    struct err *e)
{
	return guard_hold_after(set, s, o, 0, e);
}

int
guard_hold_after(const struct settings *set, struct store *s,
    struct offboarding *o, int64_t more, struct err *e)
{
	int64_t recent = 0;

	o->hold[0] = '\0';
	if (case_count_recent(s, o, &recent, e) != STORE_OK)
		return STORE_FAIL;
	/* The brake counts before approval is looked at: emergencies skip
	 * approval, never the brake. */
	recent += more;
	if (recent >= set->brake)
		(void)snprintf(o->hold, sizeof(o->hold), "brake: %lld other "
		    "people were offboarded by way of the %s within an hour "
		    "(brake = %lld)", (long long)recent, o->source,
		    set->brake);
	else if (o->emergency == 0 && set->approval == APPROVAL_ALL)
		(void)text_copy(o->hold, sizeof(o->hold),
		    "all: every offboarding needs a second person");
	else if (o->emergency == 0 && set->approval == APPROVAL_IRREVERSIBLE)
		(void)text_copy(o->hold, sizeof(o->hold), "irreversible: "
		    "what follows the containment needs a second person");
	return STORE_OK;
}
