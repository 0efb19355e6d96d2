/* The control functions of emulator_control.h for adapters, and the counters. */
#include "emulator.h"
#include "wide.h"

_Atomic uint32_t live_adapters, live_handles, live_sessions, live_regions;

EXPORT BOOL WINAPI EmulatorRemoveAdapter(struct adapter *adapter) {
    platform_registry_enter();
    const bool present = adapter->device->present;
    device_remove(adapter->device);
    platform_registry_leave();
    if (!present)
        SetLastError(ERROR_FILE_NOT_FOUND);
    return present;
}

EXPORT void WINAPI EmulatorRenameConnection(struct adapter *adapter, const WCHAR *name) {
    platform_registry_enter();
    wide_copy(adapter->device->identity.name, name, ADAPTER_NAME_UNITS);
    platform_interface_changed(&adapter->device->identity, PLATFORM_RENAMED);
    platform_registry_leave();
}

EXPORT void WINAPI EmulatorMakeLegacy(struct adapter *adapter) {
    platform_registry_enter();
    adapter->device->identity.legacy = true;
    platform_registry_leave();
}

EXPORT void WINAPI EmulatorGetAdapterName(struct adapter *adapter, WCHAR *name) {
    platform_registry_enter();
    wide_copy(name, adapter->device->identity.name, ADAPTER_NAME_UNITS);
    platform_registry_leave();
}

EXPORT DWORD WINAPI EmulatorCount(DWORD thing) {
    switch (thing) {
    case EMULATOR_ADAPTERS:
        return live_adapters;
    case EMULATOR_ADAPTER_HANDLES:
        return live_handles;
    case EMULATOR_SESSIONS:
        return live_sessions;
    case EMULATOR_REGIONS:
        return live_regions;
    case EMULATOR_HANDLES:
        return platform_count_handles();
    case EMULATOR_MIB_TABLES:
        return platform_count_mib_tables();
    case EMULATOR_REGISTRY_KEYS:
        return platform_count_registry_keys();
    case EMULATOR_DEVICE_LISTS:
        return platform_count_device_lists();
    case EMULATOR_LOG_THREADS:
        return log_foreign_threads();
    case EMULATOR_FAILURES:
        return fault_count();
    default:
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
}
