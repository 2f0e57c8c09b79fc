/*
 * grant.h: the short-lived credentials of one tracker, such as the token of a GitHub App's installation: had when they
 * are first needed, again before they expire or when they were refused. They are in memory only, in no trace, and
 * redact.h knows them as long as they serve. Everybody waits in the tracker's queue (remote.h) while they are being
 * got; that is one talk at a time, and it takes a place there like any exchange. Loop thread.
 */
#ifndef ENGINE_GRANT_H
#define ENGINE_GRANT_H

#include "conf/config.h"

struct grant;
struct http_request;
struct remote;
struct secret;
struct work_tools;

/* NULL: this tracker grants none. The configuration is held; tools and remote outlive it. */
struct grant *grant_new(const struct work_tools *tools, struct remote *r, struct config *config,
                        const struct conf_tracker *conf);
/* Cancels the talk without a word to the queue; NULL is fine. True: a place there is to be given back. */
bool grant_free(struct grant *g);
/*
 * May something be sent? True without a grant (NULL). False: the credentials are being got, and the tracker's queue is
 * served again, or refused, when that has ended. Called with room for one exchange more.
 */
bool grant_is_ready(struct grant *g);
/* What there is, and its number in the row of those that there were; NULL, 0: nothing. Borrowed until the loop turns.
 */
const struct secret *grant_token(const struct grant *g, uint64_t *ret_number);
/* The token of that number was refused: it is got anew, unless it was already. */
void grant_spoil(struct grant *g, uint64_t number);

/* What this signed request of the tracker's bears is to be shown to nobody. */
void grant_hide(const struct grant *g, const struct http_request *r);

#endif
