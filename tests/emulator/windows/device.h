/* Adapters of the machine, beside what platform.h says of them. */
#pragma once

#include "client.h"
#include "platform.h"

/* Does as platform_device_find() for an adapter that the caller has found. */
DWORD platform_device_open(const struct machine_adapter *about, struct device_identity *identity,
                           struct platform_device **opened);
