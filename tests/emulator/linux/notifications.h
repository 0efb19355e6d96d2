/* Who is notified of changes by iphlpapi; see notifications.c. */
#pragma once

#include "platform.h"

enum notified { NOTIFIED_INTERFACE, NOTIFIED_ADDRESS, NOTIFIED_ROUTE };

/* MIB_NOTIFICATION_TYPE (netioapi.h) */
enum { MIB_PARAMETER_NOTIFICATION, MIB_ADD_INSTANCE, MIB_DELETE_INSTANCE };

/* Calls everybody who is notified of such changes, from another thread. */
void notify_change(enum notified kind, uint64_t luid, uint32_t index, uint16_t family, int type);
