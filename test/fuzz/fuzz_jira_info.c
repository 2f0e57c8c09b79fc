/* Any bytes as a Jira info file and as a mapping: a usable nick is whole, any other says why it is not. */
#include "base/base.h"

#include "base/arena.h"
#include "conf/contributions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    AUTO(arena_auto) struct arena *a = arena_new(256 << 20);
    struct str content = {(const char *)data, n};
    struct problems p;
    struct jira_nicks nicks;
    struct jira_place place = {"untouched", NULL};
    struct err e = {0};
    problems_init(&p, a);
    jira_info_read(a, "info.yaml", content, &p, &nicks);
    for (size_t i = 0; i < nicks.n; i++) {
        const struct jira_nick *nick = &nicks.v[i];
        check(jira_nick_find(&nicks, nick->nick));
        check((nick->tracker == NULL) == (nick->why != NULL));
        check(!nick->tracker || (nick->server && nick->mapping && nick->description && nick->options->n == 4));
        check(!nick->tracker || (strlen(nick->tracker) <= 40 && opts_is_address(nick->server)));
    }
    int rc = jira_mapping(a, "map.yaml", content, "acme/billing", &place, &e);
    check(rc == 0 || (rc == -ERR_INPUT && e.text[0] && text_same(place.project, "untouched")));
    check(jira_mapping(a, "map.yaml", content, NULL, &place, &e) != 0 || rc == 0); /* sound as a whole: for any of it */
    return 0;
}
