/* pamtry [-r RUSER] CONFDIR SERVICE LOGIN: asks the account phase of a PAM
 * stack in a private folder. Exit 0 accepted, 1 refused, 2 usage. */
#include <security/pam_appl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Shows what modules say, answers nothing. */
static int
converse(int n, const struct pam_message **m, struct pam_response **out,
    void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < n; i++) {
		if (m[i]->msg_style != PAM_ERROR_MSG &&
		    m[i]->msg_style != PAM_TEXT_INFO)
			return PAM_CONV_ERR;
		(void)fprintf(stderr, "%s\n", m[i]->msg);
	}
	*out = calloc((size_t)n, sizeof(**out));
	return *out == NULL ? PAM_BUF_ERR : PAM_SUCCESS;
}

int
main(int argc, char **argv)
{
	const struct pam_conv conv = { converse, NULL };
	const char *ruser = NULL;
	pam_handle_t *pamh = NULL;
	int c, rc;

	while ((c = getopt(argc, argv, "r:")) != -1) {
		if (c != 'r')
			return 2;
		ruser = optarg;
	}
	if (argc - optind != 3) {
		(void)fprintf(stderr, "usage: pamtry [-r RUSER] CONFDIR "
		    "SERVICE LOGIN\n");
		return 2;
	}
	rc = pam_start_confdir(argv[optind + 1], argv[optind + 2], &conv,
	    argv[optind], &pamh);
	if (rc == PAM_SUCCESS && ruser != NULL)
		rc = pam_set_item(pamh, PAM_RUSER, ruser);
	if (rc == PAM_SUCCESS)
		rc = pam_acct_mgmt(pamh, 0);
	if (rc == PAM_SUCCESS)
		(void)printf("accepted\n");
	else
		(void)printf("refused: %s\n", pam_strerror(pamh, rc));
	if (pamh != NULL)
		pam_end(pamh, rc);
	return rc == PAM_SUCCESS ? 0 : 1;
}
