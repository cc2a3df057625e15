/* offboardd: the worker as a service. The same as `offboard run`, in the
 * foreground, without a terminal. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <sqlite3.h>

#include "../base/log.h"
#include "../engine/engine.h"
#include "../provider.h"

static void
on_signal(int sig)
{
	(void)sig;
	engine_stop();
}

int
main(int argc, char **argv)
{
	struct engine *en = NULL;
	const char *path = NULL;
	struct sigaction sa;
	struct settings set;
	struct err e;
	int rc;

	if (argc == 3 && strcmp(argv[1], "-c") == 0)
		path = argv[2];
	else if (argc != 1) {
		fprintf(stderr, "usage: offboardd [-c FILE]\n");
		return 64;
	}
	if (settings_load(&set, path, &e) == -1 ||
	    registry_check(&set, &e) == -1) {
		fprintf(stderr, "offboardd: %s\n", e.text);
		settings_clear(&set);
		return CONF_BAD_EXIT;
	}
	log_open("offboardd", set.syslog);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	rc = engine_open(&en, &set, &e);
	if (rc != STORE_OK) {
		log_event(LOG_ERR, "start", "error", e.text, NULL);
		settings_clear(&set);
		return rc == STORE_CONFLICT ? 75 : 1;
	}
	log_event(LOG_INFO, "started", "version", VERSION, "sqlite",
	    sqlite3_libversion(), NULL);
	rc = engine_run(en, ENGINE_FOREVER, 0, &e);
	engine_close(en);
	settings_clear(&set);
	log_event(LOG_INFO, "stopped", NULL);
	return rc == 0 ? 0 : 1;
}
