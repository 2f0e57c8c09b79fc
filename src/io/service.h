/* service.h: what a supervisor (systemd) is told, by its own library. No-ops where there is none. Loop thread. */
#ifndef IO_SERVICE_H
#define IO_SERVICE_H

#include "base/base.h"

void service_ready(void);
void service_reloading(void);
void service_stopping(void);
void service_alive(void);          /* feed the watchdog */
int64_t service_watchdog_ms(void); /* how often at least it wants to be fed; 0: there is none */

#endif
