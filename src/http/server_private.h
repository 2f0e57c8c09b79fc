/* server_private.h: what the files of the server share. */
#ifndef HTTP_SERVER_PRIVATE_H
#define HTTP_SERVER_PRIVATE_H

#include "base/list.h"
#include "base/text.h"
#include "http/server.h"
#include "io/loop.h"

/* The listening socket, made by us: unix paths, port 0 and clear errors are the same for all. */
struct listener {
    int fd;          /* -1: closed */
    int port;        /* 0: a unix socket */
    char *unix_path; /* NULL: TCP */
};
int listener_open(struct listener *l, const char *address, struct err *e); /* ERR_CONFIG */
void listener_close(struct listener *l);

/* A request's body as it arrives, inflated and bounded. The functions return 0 or the HTTP status that refuses it. */
struct z_stream_s;
struct body {
    char *fixed; /* of a known, moderate length: in the arena */
    size_t fixed_n, fixed_room;
    struct text grown; /* of any other */
    size_t max;
    struct z_stream_s *gzip; /* NULL: plain */
    bool gzip_ended;
};
int body_open(struct body *b, struct arena *a, int64_t length, size_t max); /* length -1: unknown */
int body_gzip(struct body *b, struct arena *a);                             /* what arrives is to be inflated */
int body_add(struct body *b, struct str s);
int body_end(struct body *b, struct str *ret);
void body_close(struct body *b); /* fine on a zeroed one */

/*
 * Connections that were closed with unread input: closing at once would make the kernel reset them, and the client
 * would lose our answer. Reads and drops what still comes, for a bounded time and number of bytes.
 */
struct drain {
    struct loop *loop;
    struct list open;
    unsigned n;
};
void drain_init(struct drain *l, struct loop *loop);
void drain_take(struct drain *l, int fd); /* keeps a duplicate of fd */
void drain_tick(struct drain *l);         /* ends those whose time is over */
void drain_close(struct drain *l);

#endif
