/* client_private.h: what the files of the client share. */
#ifndef HTTP_CLIENT_PRIVATE_H
#define HTTP_CLIENT_PRIVATE_H

#include "base/base.h"

/*
 * The error of a transfer that libcurl ended with `code`. was_sent: part of the request may have left. detail is
 * libcurl's own text, shown only for TLS, since it names what is wrong with a certificate. Returns -class.
 */
int client_fail(int code, bool was_sent, const char *host, const char *detail, struct err *e);

#endif
