/* What platform.h does not declare of the adapters of the machine. */
#pragma once

#include "client.h"
#include "platform.h"

/* Opens an adapter that the caller has found, as platform_device_find() does. */
DWORD platform_device_open(const struct machine_adapter *about, struct device_identity *identity,
                           struct platform_device **opened);
