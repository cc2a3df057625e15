/*
 * company_default.c: the built-in company; it must not hold anything but
 * data.
 */
#include "sandbox.h"

#include <string.h>

/*
 * Joanna stands before Anna because "anna.fields@corp.example" is a part of
 * her address: who takes the first hit offboards the wrong person.
 */
static const char *const default_staff[] = {
"{\"email\":\"joanna.fields@corp.example\",\"first\":\"Joanna\","
"\"last\":\"Fields\",\"employee_id\":\"E-1000\",\"doorflow\":{"
"\"groups\":[\"All staff\"],\"roles\":1},\"acceldata\":{\"groups\":["
"\"Analysts\"],\"keys\":2},\"fastio\":{\"owns\":[\"Roadmap\"],"
"\"member\":[\"All hands\"],\"sessions\":1,\"tokens\":2,\"webhooks\":1}"
",\"vanta\":{\"groups\":1},\"scim\":{\"groups\":1}}",
"{\"email\":\"anna.fields@corp.example\",\"first\":\"Anna\",\"last\":"
"\"Fields\",\"employee_id\":\"E-1001\",\"doorflow\":{\"groups\":["
"\"All staff\",\"Server room\"],\"roles\":[\"Office hours\"],"
"\"reservations\":1,\"events\":1,\"department\":\"Data\","
"\"credentials\":[\"card\",\"pin\",\"mobile\"]},\"acceldata\":{"
"\"groups\":[\"Data engineers\",\"Pipeline owners\","
"\"Production access\"],\"roles\":[\"admin\"],\"keys\":60,"
"\"pipelines\":[\"orders-daily\",\"churn-model\"],\"service_users\":["
"\"svc-orders-loader\"],\"attributes\":{\"team\":[\"data\"]}},"
"\"fastio\":{\"owns\":[\"Campaign\",\"Brand assets\",\"share:"
"Press kit\"],\"member\":[\"All hands\",\"Roadmap\",\"ext:"
"Partner portal\"],\"invites\":[\"Launch plan\"],\"sessions\":3,"
"\"tokens\":60,\"webhooks\":2},\"vanta\":{\"groups\":2},\"scim\":{"
"\"groups\":2}}",
"{\"email\":\"anna.fields2@corp.example\",\"first\":\"Anna\",\"last\":"
"\"Fields\",\"employee_id\":\"E-1009\",\"doorflow\":{\"groups\":["
"\"All staff\"]},\"acceldata\":{\"groups\":[\"Analysts\"],\"keys\":1},"
"\"fastio\":{\"member\":[\"All hands\",\"Brand assets\"],\"sessions\":"
"1,\"tokens\":1},\"vanta\":{\"groups\":1},\"scim\":{\"groups\":1}}",
"{\"email\":\"bob.stone@corp.example\",\"first\":\"Bob\",\"last\":"
"\"Stone\",\"employee_id\":\"E-1002\",\"doorflow\":{\"groups\":["
"\"All staff\",\"Warehouse\"],\"group_reservations\":1},\"fastio\":{"
"\"member\":[\"Roadmap\"],\"sessions\":1},\"vanta\":{\"groups\":1,"
"\"employment\":\"FORMER\",\"tasks_done\":[\"Return the badge\"]},"
"\"scim\":{\"userName\":\"bstone\",\"externalId\":false,\"groups\":1}}",
"{\"email\":\"carol.reyes@corp.example\",\"first\":\"Carol\",\"last\":"
"\"Reyes\",\"employee_id\":\"E-1003\",\"acceldata\":{\"groups\":["
"\"Data engineers\"],\"keys\":3},\"fastio\":{\"owns\":[\"Pipelines\"],"
"\"member\":[\"All hands\"]},\"vanta\":{\"groups\":1,\"employment\":"
"\"FORMER\",\"tasks_done\":[\"Return the badge\"],\"tasks_open\":["
"\"Return the laptop\"]},\"scim\":{\"userName\":\"creyes\",\"emails\":["
"\"carol@private.example\"]}}",
"{\"email\":\"dave.hill@corp.example\",\"first\":\"Dave\",\"last\":"
"\"Hill\",\"employee_id\":\"E-1004\",\"doorflow\":{\"email\":"
"\"Dave.Hill@CORP.example\",\"groups\":[\"All staff\",\"Car park\"]},"
"\"acceldata\":{\"groups\":[\"Analysts\"],\"keys\":1},\"fastio\":{"
"\"email\":\"Dave.Hill@CORP.example\",\"member\":[\"All hands\"]},"
"\"vanta\":{\"email\":\"Dave.Hill@CORP.example\",\"groups\":1,"
"\"employment\":\"FORMER\",\"accounts\":[\"GitHub: dhill\"]},\"scim\":{"
"\"userName\":\"Dave.Hill@CORP.example\",\"email\":"
"\"Dave.Hill@CORP.example\",\"groups\":1}}",
"{\"email\":\"erin.twin@corp.example\",\"first\":\"Erin\",\"last\":"
"\"Twin\",\"employee_id\":\"E-1005\",\"doorflow\":{\"groups\":["
"\"All staff\"],\"copies\":2},\"acceldata\":{\"groups\":[\"Analysts\"],"
"\"keys\":1},\"fastio\":{\"copies\":2,\"member\":[\"All hands\"]},"
"\"vanta\":{\"copies\":2,\"employment\":\"FORMER\"},\"scim\":{"
"\"userName\":\"etwin\",\"copies\":2}}",
"{\"email\":\"frank.idp@corp.example\",\"first\":\"Frank\",\"last\":"
"\"Idp\",\"employee_id\":\"E-1006\",\"doorflow\":{\"groups\":["
"\"All staff\"]},\"acceldata\":{\"scim\":true,\"groups\":["
"\"From the directory\"],\"keys\":2},\"vanta\":{\"groups\":1},\"scim\":"
"{\"groups\":1}}",
"{\"email\":\"heir@corp.example\",\"first\":\"Hanna\",\"last\":"
"\"Heir\",\"employee_id\":\"E-1007\",\"doorflow\":{\"groups\":["
"\"All staff\"]},\"acceldata\":{\"groups\":[\"Data engineers\"],"
"\"pipelines\":[\"stock-hourly\"]},\"fastio\":{\"member\":["
"\"All hands\",\"Brand assets\",\"share:Press kit\"]},\"vanta\":{"
"\"groups\":1}}",
"{\"email\":\"it.admin@corp.example\",\"first\":\"Ivy\",\"last\":"
"\"Admin\",\"employee_id\":\"E-1008\",\"doorflow\":{\"groups\":["
"\"All staff\",\"Server room\"]},\"acceldata\":{\"operator\":true,"
"\"roles\":[\"admin\"],\"service_users\":[\"svc-monitor\"]},\"fastio\":"
"{\"operator\":true,\"sessions\":1},\"vanta\":{\"acknowledger\":true,"
"\"groups\":1},\"scim\":{\"groups\":1}}"
};

json_object *
company_default(void)
{
	static const char form[] = "{\"fillers\":120,"
	    "\"sync_limit_ms\":1000,\"sync_time_ms\":300}";
	json_object *o = js_parse(form, sizeof(form) - 1), *a;
	size_t i;

	a = js_arr(o, "staff");
	for (i = 0; i < sizeof(default_staff) / sizeof(default_staff[0]); i++)
		js_add(a, js_parse(default_staff[i],
		    strlen(default_staff[i])));
	return o;
}
