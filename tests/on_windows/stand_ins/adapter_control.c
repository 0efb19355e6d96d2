/* The control functions of emulator_control.h for adapters, where wintun.dll is the signed one. */
#include <stdlib.h>

#include "client.h"
#include "connection_names.h"
#include "device_file.h"
#include "emulator.h"
#include "wide.h"

/* For the emulator's platform.c, whose ring memory nobody asks for here: the signed DLL allocates its own. */
_Atomic uint32_t live_regions;

void *wintun_function(const char *name) {
    HMODULE wintun = GetModuleHandleW(L"wintun.dll");
    if (!wintun) /* as `deno task vendor` names it */
        wintun = GetModuleHandleW(L"wintun-amd64.dll");
    return wintun ? (void *)GetProcAddress(wintun, name) : NULL;
}

static uint64_t luid_of(struct adapter *adapter) {
    uint64_t luid = 0;
    void(WINAPI * get)(void *, uint64_t *) = wintun_function("WintunGetAdapterLUID");
    if (get && adapter)
        get(adapter, &luid);
    return luid;
}

EXPORT BOOL WINAPI EmulatorRemoveAdapter(struct adapter *adapter) {
    return device_take_away(luid_of(adapter));
}

EXPORT void WINAPI EmulatorGetAdapterName(struct adapter *adapter, WCHAR *name) {
    struct machine_adapter found;
    name[0] = 0;
    if (machine_find(NULL, luid_of(adapter), NULL, &found))
        wide_copy(name, found.name, ADAPTER_NAME_UNITS);
}

EXPORT void WINAPI EmulatorRenameConnection(struct adapter *adapter, const WCHAR *name) {
    struct machine_adapter found;
    if (machine_find(NULL, luid_of(adapter), NULL, &found))
        connection_set_name((const GUID *)found.guid, name);
}

/* The adapters that this process created, and its sessions. */
EXPORT DWORD WINAPI EmulatorCount(DWORD thing) {
    uint32_t count;
    DWORD own = 0;
    if (thing == EMULATOR_SESSIONS)
        return device_count_sessions();
    if (thing == EMULATOR_FAILURES)
        return fault_count();
    if (thing != EMULATOR_ADAPTERS)
        return 0;
    struct machine_adapter *adapters = machine_list(&count);
    for (uint32_t i = 0; i < count; i++)
        own += adapters[i].pid == GetCurrentProcessId();
    free(adapters);
    return own;
}

/* Only the emulator can do these. They are here because control.ts binds all functions at once. */
EXPORT void WINAPI EmulatorMakeLegacy(struct adapter *adapter) {
    (void)adapter;
}

EXPORT BOOL WINAPI EmulatorLog(DWORD level, const WCHAR *text, BOOL foreign) {
    (void)level, (void)text, (void)foreign;
    SetLastError(ERROR_NOT_SUPPORTED);
    return FALSE;
}
