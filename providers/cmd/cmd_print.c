/* Results on standard output: JSON lines, or text for people. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"

const char *
cmd_text(struct json_object *o, const char *key)
{
	struct json_object *m;

	if (o == NULL || !json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &m) || m == NULL ||
	    !json_object_is_type(m, json_type_string))
		return "";
	return json_object_get_string(m);
}

static struct json_object *
list_of(struct json_object *o, const char *key)
{
	struct json_object *m;

	if (o == NULL || !json_object_object_get_ex(o, key, &m) ||
	    !json_object_is_type(m, json_type_array))
		return NULL;
	return m;
}

static size_t
length(struct json_object *list)
{
	return list == NULL ? 0 : json_object_array_length(list);
}

void
cmd_print_json(struct json_object *j)
{
	printf("%s\n", json_object_to_json_string_ext(j,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void
print_steps(struct json_object *sys)
{
	struct json_object *steps = list_of(sys, "steps"), *st;
	size_t i;

	for (i = 0; i < length(steps); i++) {
		st = json_object_array_get_idx(steps, i);
		printf("    %-9s %-9s %s\n", cmd_text(st, "phase"),
		    cmd_text(st, "state"), cmd_text(st, "detail"));
	}
}

void
cmd_print_case(struct json_object *j)
{
	struct json_object *person, *systems = list_of(j, "systems"), *o;
	struct json_object *tasks = list_of(j, "tasks");
	size_t i;

	json_object_object_get_ex(j, "person", &person);
	printf("%s  %s\n", cmd_text(j, "id"), cmd_text(j, "status"));
	printf("  person     %s <%s>%s%s\n", cmd_text(person, "name"),
	    cmd_text(person, "email"), cmd_text(person, "login")[0] != '\0' ?
	    ", login " : "", cmd_text(person, "login"));
	printf("  effective  %s\n", cmd_text(j, "effective_at"));
	if (cmd_text(j, "hold")[0] != '\0')
		printf("  held       %s\n", cmd_text(j, "hold"));
	printf("  contained  %s\n  completed  %s\n",
	    cmd_text(j, "contained_at")[0] != '\0' ?
	    cmd_text(j, "contained_at") : "not yet",
	    cmd_text(j, "completed_at")[0] != '\0' ?
	    cmd_text(j, "completed_at") : "not yet");
	for (i = 0; i < length(systems); i++) {
		o = json_object_array_get_idx(systems, i);
		printf("  %s (%s): %s\n", cmd_text(o, "system"),
		    cmd_text(o, "kind"), cmd_text(o, "account")[0] != '\0' ?
		    cmd_text(o, "account") : cmd_text(o, "found"));
		print_steps(o);
	}
	for (i = 0; i < length(tasks); i++) {
		o = json_object_array_get_idx(tasks, i);
		printf("  task %lld (%s): %s\n", (long long)
		    json_object_get_int64(json_object_object_get(o, "id")),
		    cmd_text(o, "state"), cmd_text(o, "text"));
	}
}

int
cmd_all_answered(struct json_object *plan)
{
	struct json_object *systems = list_of(plan, "systems");
	size_t i;

	for (i = 0; i < length(systems); i++)
		if (!json_object_get_boolean(json_object_object_get(
		    json_object_array_get_idx(systems, i), "answered")))
			return 0;
	return 1;
}

int
cmd_print_plan(struct json_object *j)
{
	struct json_object *systems = list_of(j, "systems"), *person, *sys;
	struct json_object *holds;
	size_t i, k;
	int nowhere = 1;

	json_object_object_get_ex(j, "person", &person);
	printf("Plan for %s <%s>. Nothing has been changed.\n",
	    cmd_text(person, "name"), cmd_text(person, "email"));
	for (i = 0; i < length(systems); i++) {
		sys = json_object_array_get_idx(systems, i);
		printf("  %s (%s): %s\n", cmd_text(sys, "system"),
		    cmd_text(sys, "kind"), cmd_text(sys, "account")[0] !=
		    '\0' ? cmd_text(sys, "account") : cmd_text(sys, "detail"));
		if (strcmp(cmd_text(sys, "found"), "found") == 0 ||
		    strcmp(cmd_text(sys, "found"), "ambiguous") == 0 ||
		    (strcmp(cmd_text(sys, "found"), "unknown") == 0 &&
		    strcmp(cmd_text(sys, "kind"), "linux") != 0))
			nowhere = 0;
		holds = list_of(sys, "holds");
		for (k = 0; k < length(holds); k++)
			printf("    has: %s\n", json_object_get_string(
			    json_object_array_get_idx(holds, k)));
		print_steps(sys);
	}
	if (nowhere)
		printf("Found in no system: check the address for a typing "
		    "error.\n");
	return nowhere;
}
