/* A bare FastCGI answer through the product's own seam: the floor against
 * which its list page is measured. bare SOCKET */
#include <stdio.h>
#include <stdlib.h>

#include "../../cgi/fcgi.h"

static void *
begin(void *arg, struct err *e)
{
	(void)e;
	return arg;
}

static void
end(void *state)
{
	(void)state;
}

static void
answer(void *state, const struct fcgi_in *in, struct buf *out)
{
	(void)state;
	(void)in;
	buf_str(out, "Content-Type: text/plain\r\n\r\nok\n");
}

int
main(int argc, char **argv)
{
	static int one = 1;
	const struct fcgi_app app = { &one, 4, begin, end, answer };
	struct err e = { "" };
	int fd, own;

	if (argc != 2)
		return 64;
	fd = fcgi_listen(argv[1], &own, &e);
	if (fd == -1 || fcgi_serve(fd, own, &app, &e) == -1) {
		fprintf(stderr, "bare: %s\n", e.text);
		return 1;
	}
	return 0;
}
