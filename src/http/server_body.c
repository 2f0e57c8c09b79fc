#include "base/base.h"

#include "http/server_private.h"

#include "base/arena.h"

#include <zlib.h>

enum {
    BODY_FIXED_BYTES = 1024 * 1024, /* a longer body grows as it comes: a promise alone takes no memory */
    BODY_CHUNK_BYTES = 16 * 1024,
    BODY_GZIP_WINDOW = 15 + 16 /* zlib's way to say: gzip only */
};

int body_open(struct body *b, struct arena *a, int64_t length, size_t max)
{
    *b = (struct body){.max = max};
    text_init(&b->grown, max);
    if (length > 0 && (uint64_t)length > max)
        return 413;
    if (length > 0 && length <= BODY_FIXED_BYTES) {
        b->fixed_room = (size_t)length;
        b->fixed = arena_bytes(a, b->fixed_room + 1);
    }
    return 0;
}

int body_gzip(struct body *b, struct arena *a)
{
    z_stream *z = ARENA_NEW(a, z_stream);
    if (inflateInit2(z, BODY_GZIP_WINDOW) != Z_OK)
        return 500;
    b->gzip = z;
    b->fixed = NULL;
    return 0;
}

static int body_grow(struct body *b, struct str s)
{
    text_add(&b->grown, s);
    return text_full(&b->grown) ? 413 : 0;
}

/* A gzip file may have several members, one behind the other. */
static int body_inflate(struct body *b, struct str s)
{
    char out[BODY_CHUNK_BYTES];
    z_stream *z = b->gzip;
    z->next_in = (z_const Bytef *)(uintptr_t)s.p;
    z->avail_in = (uInt)s.n;
    do {
        if (b->gzip_ended && (z->avail_in == 0 || inflateReset(z) != Z_OK))
            return 0;
        z->next_out = (Bytef *)out;
        z->avail_out = sizeof out;
        int r = inflate(z, Z_NO_FLUSH);
        b->gzip_ended = r == Z_STREAM_END;
        if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            return 400;
        if (body_grow(b, (struct str){out, sizeof out - z->avail_out}) != 0)
            return 413;
    } while (z->avail_in > 0 || z->avail_out == 0);
    return 0;
}

int body_add(struct body *b, struct str s)
{
    if (b->gzip)
        return body_inflate(b, s);
    if (!b->fixed)
        return body_grow(b, s);
    if (s.n > b->fixed_room - b->fixed_n)
        return 413;
    memcpy(b->fixed + b->fixed_n, s.p, s.n);
    b->fixed_n += s.n;
    return 0;
}

int body_end(struct body *b, struct str *ret)
{
    if (b->gzip && !b->gzip_ended && b->gzip->total_in > 0)
        return 400;
    if (b->fixed) {
        b->fixed[b->fixed_n] = '\0';
        *ret = (struct str){b->fixed, b->fixed_n};
    } else {
        *ret = (struct str){text_z(&b->grown), b->grown.n};
    }
    return 0;
}

void body_close(struct body *b)
{
    if (b->gzip)
        inflateEnd(b->gzip);
    b->gzip = NULL;
    text_free(&b->grown);
}
