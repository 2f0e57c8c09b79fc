/*
 * damage.h: is a store whole? Owners, threads and errors as in store.h.
 *
 * After an unclean end a store is looked through: a small one as it is opened, which is refused when it is damaged; any
 * one, and all of it, by who calls store_check beside the loop and then store_set_checked. Until then it is unchecked,
 * also after a restart. What SQLite finds to be damaged meanwhile, or events whose sum is wrong, is remembered.
 */
#ifndef STORE_DAMAGE_H
#define STORE_DAMAGE_H

#include "store/store.h"

bool store_unchecked(const struct store *s);
int store_set_checked(struct store *s, struct err *e); /* part of the batch */
const char *store_damage(const struct store *s);       /* NULL: none was found since it was opened */
void store_note_damage(struct store *s, const struct err *why);

struct store_going {
    bool (*go_on)(const struct store_going *g); /* asked between bites, on the thread that looks */
};
struct store_checked {
    int64_t events; /* that were looked at */
    int64_t damaged, first_damaged;
};
/* Reads all of it, a bite at a time. PERMANENT: damaged, and how; TRANSIENT: was not to go on. g may be NULL. */
int store_check(struct store_reader *r, const struct store_going *g, struct store_checked *ret, struct err *e);
/* The same for a file that nobody writes, such as a copy; leaves no files beside it. */
int store_check_file(const char *path, struct err *e);

#endif
