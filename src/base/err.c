#include "base/base.h"
#include "base/err.h"
#include "base/utf8.h"

static const char *const err_words[ERR_CLASSES] = {[ERR_NONE] = "none",           [ERR_BUG] = "bug",
                                                   [ERR_CONFIG] = "config",       [ERR_INPUT] = "input",
                                                   [ERR_AUTH] = "auth",           [ERR_MISSING] = "missing",
                                                   [ERR_CONFLICT] = "conflict",   [ERR_LIMITED] = "limited",
                                                   [ERR_PACED] = "paced",         [ERR_TRANSIENT] = "transient",
                                                   [ERR_UNCERTAIN] = "uncertain", [ERR_PERMANENT] = "permanent"};

const char *err_class_name(enum err_class class)
{
    return class < ERR_CLASSES ? err_words[class] : "bug";
}

enum err_class err_class_parse(const char *name)
{
    for (unsigned i = 0; i < ERR_CLASSES; i++)
        if (text_same(name, err_words[i]))
            return (enum err_class)i;
    return ERR_NONE;
}

/* A text that was cut may end in half a character: take that away. */
static void err_trim(char text[ERR_TEXT_BYTES])
{
    size_t n = strlen(text);
    if (n + 1 < ERR_TEXT_BYTES)
        return;
    size_t start = n;
    while (start > 0 && n - start < 4 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
        start--;
    if (start > 0 && ((unsigned char)text[start - 1] & 0x80) &&
        !utf8_step((struct str){text + start - 1, n - start + 1}))
        text[start - 1] = '\0';
}

int err_fill(struct err *e, enum err_class class, int code, const char *file, int line, const char *format, ...)
{
    if (!e)
        return -(int)class;
    char text[ERR_TEXT_BYTES]; /* apart from e, whose text may be an argument */
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err_trim(text);
    *e = (struct err){.class = class, .code = code, .file = file, .line = line};
    memcpy(e->text, text, sizeof text);
    return -(int)class;
}

int err_within(struct err *e, const char *format, ...)
{
    if (!e)
        return -(int)ERR_BUG;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t at = n < 0 ? 0 : (size_t)n;
    for (const char *p = ": "; *p && at + 1 < sizeof text; p++)
        text[at++] = *p;
    for (const char *p = e->text; *p && at + 1 < sizeof text; p++)
        text[at++] = *p;
    text[at < sizeof text ? at : sizeof text - 1] = '\0';
    err_trim(text);
    memcpy(e->text, text, sizeof text);
    return -(int)e->class;
}
