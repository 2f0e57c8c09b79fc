#include "base/base.h"

#include "io/service.h"

#include "io/loop.h"

#include <systemd/sd-daemon.h>

void service_ready(void)
{
    (void)sd_notify(0, "READY=1");
}

void service_reloading(void)
{
    (void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, clock_mono_us());
}

void service_stopping(void)
{
    (void)sd_notify(0, "STOPPING=1");
}

void service_alive(void)
{
    (void)sd_notify(0, "WATCHDOG=1");
}

int64_t service_watchdog_ms(void)
{
    uint64_t us = 0;
    return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 1000) : 0;
}
