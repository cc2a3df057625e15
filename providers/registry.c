/* The kinds of systems: one row each. To add a kind, write its file in
 * systems/ and add its row here. */
#include "provider.h"

#include <string.h>

extern const struct provider provider_acceldata;
extern const struct provider provider_command;
extern const struct provider provider_doorflow;
extern const struct provider provider_fastio;
extern const struct provider provider_linux;
extern const struct provider provider_scim;
extern const struct provider provider_vanta;

static const struct provider *const kinds[] = {
	&provider_acceldata,
	&provider_command,
	&provider_doorflow,
	&provider_fastio,
	&provider_linux,
	&provider_scim,
	&provider_vanta,
};

const struct provider *
registry_find(const char *kind)
{
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i]->kind, kind) == 0)
			return kinds[i];
	return NULL;
}

const char *
registry_kinds(void)
{
	return "acceldata, command, doorflow, fastio, linux, scim, vanta";
}

int
registry_check(const struct settings *set, struct err *e)
{
	const struct settings_system *sys;
	const struct provider *p;
	unsigned i;

	for (i = 0; i < set->nsystems; i++) {
		sys = &set->systems[i];
		p = registry_find(sys->kind);
		if (p == NULL)
			return conf_fail(set->conf, sys->section, "kind", e,
			    "kind = %s: this version knows %s", sys->kind,
			    registry_kinds());
		if (conf_check(set->conf, sys->section, p->keys, e) == -1)
			return -1;
	}
	return 0;
}

int
registry_has(const struct system *sys, enum phase phase)
{
	const struct provider *p = sys->provider;

	if (p->phases[phase] == NULL)
		return 0;
	return p->makes == NULL || p->makes(sys, phase);
}
