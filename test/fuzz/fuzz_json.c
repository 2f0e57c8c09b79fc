/* fuzz_json: any bytes are read; what was read is written, read again and written the same. */
#include "base/base.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_write(struct text *t, const struct json *v, unsigned flags)
{
    struct json_out o;
    json_start(&o, t);
    o.ascii = flags & 1;
    o.indent = flags & 2;
    json_put(&o, NULL, v);
    check(!text_full(t));
    check(utf8_valid(text_str(t)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(arena_auto) struct arena *a = arena_new(64 << 20);
    const struct json *v = NULL, *again = NULL;
    struct err e = {0};
    if (json_parse(a, (struct str){(const char *)data, size}, &v, &e) < 0) {
        check(e.class == ERR_INPUT && utf8_valid(str_of(e.text)));
        return 0;
    }
    for (unsigned flags = 0; flags < 4; flags++) {
        AUTO(text_auto) struct text first, second;
        text_init(&first, 64 << 20);
        text_init(&second, 64 << 20);
        fuzz_write(&first, v, flags);
        check(json_parse(a, text_str(&first), &again, &e) == 0);
        fuzz_write(&second, again, flags);
        check(str_same(text_str(&first), text_str(&second)));
    }
    return 0;
}
