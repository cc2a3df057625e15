/* `offboard denylist build|check|show`. Reads no configuration. */
#ifndef CMD_DENYLIST_H
#define CMD_DENYLIST_H

/* ARGV[0] is "denylist". Returns the exit status: 0, 1 (refused, failed or
 * not listed), 64 (usage), 65 (a list or file that is damaged). */
int	cmd_denylist(int, char **);

#endif
