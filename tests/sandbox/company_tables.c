/*
 * company_tables.c: the tables every company starts from, without a single
 * person; it must not hold anything but data.
 */
#include "sandbox.h"

#include <string.h>

static const char tables_first[] =
"{\"doorflow\":{"
"\"account\":{\"id\":\"acc_corp\",\"name\":\"Corp Example\","
"\"time_zone\":\"Europe/Berlin\",\"monitored\":false,"
"\"user\":{\"id\":9001,\"first_name\":\"Ivy\",\"last_name\":\"Admin\","
"\"email\":\"it.admin@corp.example\"},"
"\"passport\":{\"remote_unlock_enabled\":true,"
"\"hid_mobile_access\":true}},"
"\"oauth\":{\"client_id\":\"demo-client\","
"\"client_secret\":\"demo-client-secret\","
"\"refresh\":\"demo-refresh-1\",\"scopes\":[\"account.person\","
"\"account.group.readonly\",\"account.role.readonly\","
"\"account.credential_type.readonly\",\"account.sync\","
"\"account.channel.readonly\",\"account.event.access.readonly\","
"\"account.reservation\",\"account.group_reservation\","
"\"account.notification_rule\"]},"
"\"people\":[],\"credentials\":[],\"reservations\":[],"
"\"group_reservations\":[],\"notification_rules\":[],\"events\":[],"
"\"credential_types\":["
"{\"id\":5,\"label\":\"Card\",\"slug\":\"card_number\",\"code\":100},"
"{\"id\":6,\"label\":\"PIN\",\"slug\":\"pin\",\"code\":101},"
"{\"id\":7,\"label\":\"Mobile pass\",\"slug\":\"mobile_pass\","
"\"code\":110}],"
"\"groups\":["
"{\"id\":11,\"name\":\"All staff\",\"global_across_sites\":true},"
"{\"id\":12,\"name\":\"Server room\",\"global_across_sites\":false},"
"{\"id\":13,\"name\":\"Car park\",\"global_across_sites\":false},"
"{\"id\":14,\"name\":\"Warehouse\",\"global_across_sites\":false}],"
"\"roles\":["
"{\"id\":21,\"name\":\"Office hours\",\"shift_id\":10},"
"{\"id\":22,\"name\":\"Night shift\",\"shift_id\":11}],"
"\"channels\":["
"{\"id\":1340,\"name\":\"Main entrance\",\"status\":\"online\","
"\"mac_address\":\"00:00:5e:00:53:01\",\"unit\":1,\"site_id\":25,"
"\"mode\":{\"description\":\"normal\"}},"
"{\"id\":1341,\"name\":\"Server room\",\"status\":\"online\","
"\"mac_address\":\"00:00:5e:00:53:02\",\"unit\":1,\"site_id\":25,"
"\"mode\":{\"description\":\"normal\"}},"
"{\"id\":1342,\"name\":\"Car park gate\",\"status\":\"online\","
"\"mac_address\":\"00:00:5e:00:53:03\",\"unit\":1,\"site_id\":25,"
"\"mode\":{\"description\":\"normal\"}},"
"{\"id\":1343,\"name\":\"Loading dock\",\"status\":\"online\","
"\"mac_address\":\"00:00:5e:00:53:04\",\"unit\":1,\"site_id\":25,"
"\"mode\":{\"description\":\"normal\"}}]},"
"\"acceldata\":{\"client_id\":\"adoc-demo\",\"users\":[],"
"\"api_keys\":[],\"service_users\":[],\"pipelines\":[],"
"\"junk_pipelines\":[],"
"\"groups\":["
"{\"id\":\"grp-data-eng\",\"name\":\"Data engineers\","
"\"description\":\"Build pipelines\",\"roles\":[2],"
"\"scimManaged\":false},"
"{\"id\":\"grp-pipeline-owners\",\"name\":\"Pipeline owners\","
"\"description\":\"Run pipelines\",\"roles\":[4],"
"\"scimManaged\":false},"
"{\"id\":\"grp-prod-access\",\"name\":\"Production access\","
"\"description\":\"See production\",\"roles\":[5],"
"\"scimManaged\":false},"
"{\"id\":\"grp-analysts\",\"name\":\"Analysts\","
"\"description\":\"Read reports\",\"roles\":[1],"
"\"scimManaged\":false},"
"{\"id\":\"grp-idp\",\"name\":\"From the directory\","
"\"description\":\"Synchronised\",\"roles\":[1],"
"\"scimManaged\":true}],"
"\"roles\":["
"{\"id\":1,\"name\":\"viewer\",\"type\":\"FEATURE_ROLE\","
"\"description\":\"Reads\",\"_permissions\":[\"VIEW_ASSETS\"]},"
"{\"id\":2,\"name\":\"data-engineer\",\"type\":\"FEATURE_ROLE\","
"\"description\":\"Builds\",\"_permissions\":[\"VIEW_ASSETS\","
"\"MODIFY_PIPELINES\"]},"
"{\"id\":3,\"name\":\"admin\",\"type\":\"FEATURE_ROLE\","
"\"description\":\"Rules\",\"_permissions\":[\"VIEW_USERS\","
"\"MODIFY_USERS\",\"VIEW_API_KEYS\",\"MODIFY_API_KEYS\"]},"
"{\"id\":4,\"name\":\"pipeline-owner\",\"type\":\"RESOURCE_ROLE\","
"\"description\":\"Owns\",\"_permissions\":[\"RUN_PIPELINES\"]},"
"{\"id\":5,\"name\":\"production\",\"type\":\"RESOURCE_ROLE\","
"\"description\":\"Sees\",\"_permissions\":[\"VIEW_PRODUCTION\"]}]}}";

static const char tables_second[] =
"{\"fastio\":{\"tokens\":[],\"keys\":[],\"workspaces\":[],"
"\"shares\":[],\"invites\":[],\"events\":[],\"sessions\":[],"
"\"api_tokens\":[],\"webhooks\":[],\"logs\":[],"
"\"users\":{\"98217364509182735001\":{"
"\"id\":\"98217364509182735001\","
"\"email\":\"pat.partner@partner.example\","
"\"first_name\":\"Pat\",\"last_name\":\"Partner\"}},"
"\"orgs\":["
"{\"id\":\"9412870056310027841\",\"name\":\"Corp Example\","
"\"domain\":\"corp-example\",\"_kind\":\"org\",\"_members\":{}},"
"{\"id\":\"9412870056310027842\",\"name\":\"Partner Example\","
"\"domain\":\"partner-example\",\"_kind\":\"org\",\"_members\":{"
"\"98217364509182735001\":{\"permissions\":\"owner\"}}}]},"
"\"vanta\":{\"people\":{},"
"\"oauth\":{\"client_id\":\"demo-vanta\","
"\"client_secret\":\"demo-vanta-secret\",\"scopes\":["
"\"vanta-api.all:read\",\"vanta-api.all:write\"]},"
"\"groups\":["
"{\"id\":\"6042d90831b0ef1977131cf5\",\"name\":\"Default group\","
"\"creationDate\":\"2024-03-07T18:46:05.944Z\"},"
"{\"id\":\"654e4e99e527d4a47f7a5111\",\"name\":\"Engineers\","
"\"creationDate\":\"2024-03-08T18:46:05.944Z\"}]},"
"\"scim\":{\"users\":{},"
"\"groups\":["
"{\"id\":\"g-0001\",\"displayName\":\"Everybody\","
"\"name\":\"Everybody\"},"
"{\"id\":\"g-0002\",\"displayName\":\"Designers\","
"\"name\":\"Designers\"}]},"
"\"hook\":{\"hooks\":[],"
"\"secret\":\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"},"
"\"smtp\":{\"mails\":[]}}";

static void
tables_merge(json_object *root, const char *text, size_t len)
{
	json_object *o = js_parse(text, len);
	struct json_object_iter it;

	json_object_object_foreachC(o, it)
		js_set(root, it.key, js_ref(it.val));
	json_object_put(o);
}

/* All systems without a single person. */
json_object *
company_tables(void)
{
	json_object *root = json_object_new_object();

	tables_merge(root, tables_first, sizeof(tables_first) - 1);
	tables_merge(root, tables_second, sizeof(tables_second) - 1);
	return root;
}
