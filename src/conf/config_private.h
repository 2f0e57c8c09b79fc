/* config_private.h: one reading of lockstep.yaml, shared by its parts. */
#ifndef CONF_CONFIG_PRIVATE_H
#define CONF_CONFIG_PRIVATE_H

#include "conf/config.h"

struct conf_reader {
    struct config *config;
    const struct conf_kinds *kinds;
    const struct yaml *root;
    struct opt_read read; /* key "" */
    size_t tracker_room;
};
void conf_tracker_release(struct conf_tracker *t); /* its secrets */
void conf_read_trackers(struct conf_reader *c);
void conf_read_bridges(struct conf_reader *c); /* after the trackers */
void conf_read_jobs(struct conf_reader *c);    /* likewise */

#endif
