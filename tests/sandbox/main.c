/*
 * main.c: options, the ports file and the signals of the simulated company;
 * it must not listen anywhere but on loopback.
 */
#include "sandbox.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option main_options[] = {
	{ "doorflow", required_argument, NULL, 'd' },
	{ "acceldata", required_argument, NULL, 'a' },
	{ "fastio", required_argument, NULL, 'i' },
	{ "vanta", required_argument, NULL, 'v' },
	{ "scim", required_argument, NULL, 's' },
	{ "hook", required_argument, NULL, 'h' },
	{ "smtp", required_argument, NULL, 'm' },
	{ "control", required_argument, NULL, 'c' },
	{ "ports-file", required_argument, NULL, 'p' },
	{ "company", required_argument, NULL, 'f' },
	{ "latency", required_argument, NULL, 'l' },
	{ "log", required_argument, NULL, 'o' },
	{ "dialect", required_argument, NULL, 'x' },
	{ NULL, 0, NULL, 0 }
};

static int
main_usage(void)
{
	fputs("usage: sandbox [--doorflow PORT] [--acceldata PORT] "
	    "[--fastio PORT]\n"
	    "    [--vanta PORT] [--scim PORT] [--hook PORT] [--smtp PORT] "
	    "[--control PORT]\n"
	    "    [--ports-file FILE] [--company FILE.json] [--latency MS]\n"
	    "    [--log FILE] [--dialect found|guide]\n", stderr);
	return 2;
}

static int
main_number(const char *s, long max, long *out)
{
	char *end;

	*out = strtol(s, &end, 10);
	if (*s == '\0' || *end != '\0' || *out < 0 || *out > max)
		return -1;
	return 0;
}

static int
main_option(struct options *opt, int ch, const char *arg)
{
	static const char ports[] = "daivshmc";	/* as in enum sys */
	const char *p = strchr(ports, ch);
	long n = 0;

	if (ch != '\0' && p != NULL) {
		if (main_number(arg, 65535, &n) != 0)
			return -1;
		opt->port[p - ports] = (int)n;
		return 0;
	}
	switch (ch) {
	case 'p':
		opt->ports_file = arg;
		return 0;
	case 'f':
		opt->company = arg;
		return 0;
	case 'l':
		if (main_number(arg, 600000, &n) != 0)
			return -1;
		opt->latency = n;
		return 0;
	case 'o':
		return log_open(arg);
	case 'x':
		opt->dialect = arg;
		return strcmp(arg, "found") == 0 ||
		    strcmp(arg, "guide") == 0 ? 0 : -1;
	default:
		return -1;
	}
}

/* Written beside and renamed: a reader sees all the lines or no file. */
static int
main_ports(const char *path, const int port[SYS_COUNT])
{
	char tmp[4096];
	FILE *f;
	int i, n;

	n = snprintf(tmp, sizeof(tmp), "%s.tmp.%ld", path, (long)getpid());
	if (n < 0 || (size_t)n >= sizeof(tmp) ||
	    (f = fopen(tmp, "we")) == NULL)
		return -1;
	for (i = 0; i < SYS_COUNT; i++)
		fprintf(f, "%s=%d\n", server_name((enum sys)i), port[i]);
	if (fclose(f) != 0 || rename(tmp, path) != 0) {
		(void)unlink(tmp);
		return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options opt;
	sigset_t set;
	int port[SYS_COUNT];
	int ch, sig, rc = 1;

	memset(&opt, 0, sizeof(opt));
	while ((ch = getopt_long(argc, argv, "", main_options, NULL)) != -1)
		if (main_option(&opt, ch, optarg) != 0)
			return main_usage();
	if (optind != argc)
		return main_usage();
	/* Blocked before the threads start, so that only sigwait sees them. */
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (server_start(&opt, port) == 0) {
		if (opt.ports_file != NULL &&
		    main_ports(opt.ports_file, port) != 0)
			perror("sandbox: ports file");
		else {
			sigwait(&set, &sig);
			rc = 0;
		}
	}
	server_stop();
	log_close();
	return rc;
}
