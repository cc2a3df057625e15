/* The words of the record and the numbers of offboardings. Pure. */
#include "words.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#include "../base/buf.h"

static const char *const phases[PHASES] = {
	"document", "contain", "revoke", "handover", "remove", "verify",
	"restore", "recheck",
};
static const char *const states[STATES] = {
	"pending", "running", "waiting", "verified", "done", "manual",
	"absent", "failed", "unclear",
};
static const char *const statuses[STATUSES] = {
	"scheduled", "awaiting_approval", "cancelled", "restored", "running",
	"attention", "complete",
};

static int
word_find(const char *const *table, int n, const char *word)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(table[i], word) == 0)
			return i;
	return -1;
}

const char *
phase_word(enum phase p)
{
	assert((int)p >= 0 && p < PHASES);
	return phases[p];
}

const char *
state_word(enum state s)
{
	assert((int)s >= 0 && s < STATES);
	return states[s];
}

const char *
status_word(enum status s)
{
	assert((int)s >= 0 && s < STATUSES);
	return statuses[s];
}

int
phase_of(const char *word)
{
	return word_find(phases, PHASES, word);
}

int
state_of(const char *word)
{
	return word_find(states, STATES, word);
}

int
status_of(const char *word)
{
	return word_find(statuses, STATUSES, word);
}

int
state_is_open(enum state s)
{
	return s == STATE_PENDING || s == STATE_RUNNING || s == STATE_WAITING;
}

void
ob_text(int64_t id, char out[OB_TEXT])
{
	char digits[20];
	size_t n = 0, at = 3;

	assert(id >= 0);
	/* By hand, because a list writes hundreds of them. */
	do {
		digits[n++] = (char)('0' + id % 10);
		id /= 10;
	} while (id > 0);
	while (n < 6)
		digits[n++] = '0';
	memcpy(out, "OB-", at);
	while (n > 0 && at < OB_TEXT - 1)
		out[at++] = digits[--n];
	out[at] = '\0';
}

int64_t
ob_number(const char *s)
{
	long long id;

	if (strncasecmp(s, "OB-", 3) == 0)
		s += 3;
	if (*s == '-' || text_int(s, 1, INT32_MAX, &id) == -1)
		return -1;
	return id;
}
