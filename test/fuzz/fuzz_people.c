/* Any bytes as a people file, CSV and YAML, and as organisations: who is read is found again, and each only once. */
#include "base/base.h"

#include "base/arena.h"
#include "conf/contributions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_as(struct arena *a, const char *file, struct str content)
{
    struct problems p;
    struct people all;
    problems_init(&p, a);
    people_read(a, file, content, &p, &all);
    for (size_t i = 0; i < all.n; i++) {
        check(i == 0 || strcmp(all.v[i - 1].login, all.v[i].login) < 0);
        check(people_find(&all, all.v[i].login) == &all.v[i]);
        check(all.v[i].is_signed || !all.v[i].institution || strcmp(file, "f.csv") != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    struct str content = {(const char *)data, n};
    struct problems p;
    struct orgs orgs;
    read_as(a, "f.csv", content);
    read_as(a, "f.yaml", content);
    problems_init(&p, a);
    orgs_read(a, "o.yaml", content, &p, &orgs);
    for (size_t i = 0; i < orgs.n; i++)
        (void)orgs_internal(&orgs, orgs.v[i].key, "openedx");
    return 0;
}
