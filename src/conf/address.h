/* address.h: where a server listens: HOST:PORT, [IPV6]:PORT or unix:PATH. Pure. */
#ifndef CONF_ADDRESS_H
#define CONF_ADDRESS_H

#include "base/base.h"

struct arena;

bool address_is_listen(const char *s);
/* A HOST:PORT or [IPV6]:PORT with another port; the result may be invalid when the port is. */
const char *address_with_port(struct arena *a, const char *s, const char *port);

#endif
