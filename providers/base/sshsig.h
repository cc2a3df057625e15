/*
 * Signatures that OpenSSH checks: `ssh-keygen -Y verify` (OpenSSH's
 * PROTOCOL.sshsig, version 1, with sha512).
 */
#ifndef SSHSIG_H
#define SSHSIG_H

#include "buf.h"
#include "sign.h"

#define SSHSIG_NAMESPACE "offboard"
#define SSHSIG_KEY_TEXT 100

/* "ssh-ed25519 AAAA..." of a public key (SIGN_PUBLIC bytes). */
void	sshsig_key(const uint8_t *, char [SSHSIG_KEY_TEXT]);

/* Appends the armoured signature of TEXT. 0, or -1 with the sentence. */
int	sshsig_make(const struct sign_key *, const char *, struct buf *,
	    struct err *) __attribute__((warn_unused_result));

/* Is ARMOUR a signature of TEXT by the key "ssh-ed25519 AAAA..."? 0, or -1
 * with the sentence. */
int	sshsig_check(const char *, const char *, const char *, struct err *)
	    __attribute__((warn_unused_result));

#endif
