/* args.h: what a request gives to a verb: in the path, in the query of a GET, in the JSON body of all else. Pure. */
#ifndef API_ARGS_H
#define API_ARGS_H

#include "api/verb.h"
#include "http/message.h"

/* The text in the place of {name} ("" when the verb has none), or NULL when the path (without prefix) is not its. */
const char *args_match(struct arena *a, const struct verb *v, const char *path);
/* Fills c->args. INPUT says what is wrong: an unknown name, a missing one, a value that it cannot have. */
int args_read(const struct verb *v, struct verb_call *c, const struct http_request *r, const char *in_path,
              struct err *e);

#endif
