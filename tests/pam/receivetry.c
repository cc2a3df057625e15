/* receivetry PUBLIC STATUS: takes host reports on a free port of 127.0.0.1.
 * Prints "port N", then for each report "good BODY" or "bad BODY" by its
 * signature, and answers with STATUS. For tests: one connection at a time. */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "../../providers/base/buf.h"
#include "../../providers/base/sign.h"

#define ROOM 65536

/* Reads a request; returns where its body starts, or NULL. */
static char *
receive(int fd, char *text)
{
	size_t have = 0;
	char *body = NULL, *length;
	ssize_t n;

	while (have < ROOM - 1) {
		n = read(fd, text + have, ROOM - 1 - have);
		if (n <= 0)
			return NULL;
		have += (size_t)n;
		text[have] = '\0';
		body = strstr(text, "\r\n\r\n");
		length = strcasestr(text, "\r\nContent-Length:");
		if (body == NULL || length == NULL)
			continue;
		body += 4;
		if (strlen(body) >= strtoul(length + 17, NULL, 10))
			return body;
	}
	return NULL;
}

static int
is_good(const char *text, const char *body, const uint8_t *public)
{
	const char *header = strcasestr(text, "\r\nX-Offboard-Signature: ");
	char keyid[SIGN_KEYID_TEXT], want[SIGN_KEYID_TEXT], sig[100];
	uint8_t signature[SIGN_SIZE];
	struct buf b;
	int rc;

	if (header == NULL || sscanf(header + 24, "%16s %99s", keyid,
	    sig) != 2 || sign_unbase64(sig, signature, SIGN_SIZE) == -1 ||
	    sign_keyid_of(public, want) == -1 || strcmp(keyid, want) != 0)
		return 0;
	buf_init(&b, ROOM);
	buf_str(&b, "offboard-report 1\n");
	buf_str(&b, body);
	rc = sign_check(public, b.s, b.len, signature);
	buf_clear(&b);
	return rc == 0;
}

int
main(int argc, char **argv)
{
	static char text[ROOM];
	struct sockaddr_in at;
	socklen_t size = sizeof(at);
	uint8_t public[SIGN_PUBLIC];
	char *body;
	int s, c;

	if (argc != 3 || sign_unbase64(argv[1], public, sizeof(public)) == -1)
		return 2;
	memset(&at, 0, sizeof(at));
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s == -1 || bind(s, (struct sockaddr *)&at, size) == -1 ||
	    listen(s, 8) == -1 ||
	    getsockname(s, (struct sockaddr *)&at, &size) == -1)
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	(void)printf("port %d\n", ntohs(at.sin_port));
	while ((c = accept(s, NULL, NULL)) != -1) {
		body = receive(c, text);
		if (body != NULL) {
			(void)printf("%s %s\n", is_good(text, body, public) ?
			    "good" : "bad", body);
			dprintf(c, "HTTP/1.1 %s x\r\nContent-Length: 0\r\n"
			    "Location: http://127.0.0.1:1/\r\n"
			    "Connection: close\r\n\r\n", argv[2]);
		}
		close(c);
	}
	return 0;
}
