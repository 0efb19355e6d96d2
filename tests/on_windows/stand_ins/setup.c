/*
 * What Wine's setupapi.dll leaves out: which devices are present, a driver's date and version, the driver's file that
 * comes with an INF, parameters of class installers, and the disabling and enabling of devices.
 */
#include "stand_ins.h"

#include <cfgmgr32.h>
#include <regstr.h>
#include <setupapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "client.h"
#include "device_nodes.h"
#include "trace.h"

/* setupapi.h of Windows has it; mingw-w64's does not. */
#define INF_IN_USE_BY_DEVICES 0xE000023Du
#define DRIVER_PARTS L"Z:\\world\\wintun_%u.%u.sys"

void *real_enum_driver_info, *real_copy_oem_inf, *real_get_class_devs, *real_call_class_installer, *real_uninstall_oem_inf;

void *WINAPI setup_get_class_devs(const GUID *class, const WCHAR *enumerator, HWND window, DWORD flags, void *given,
                                  const WCHAR *machine, void *reserved) {
    HDEVINFO set = ((__typeof__(SetupDiGetClassDevsExW) *)real_get_class_devs)(class, enumerator, window, flags, given,
                                                                              machine, reserved);
    if (set == INVALID_HANDLE_VALUE || !(flags & DIGCF_PRESENT) || !enumerator || _wcsicmp(enumerator, L"SWD\\Wintun") != 0)
        return set;
    SP_DEVINFO_DATA device = {.cbSize = sizeof device};
    for (DWORD index = 0; SetupDiEnumDeviceInfo(set, index, &device);)
        if (node_is_present(device.DevInst) || !SetupDiDeleteDeviceInfo(set, &device))
            index++;
    return set;
}

/* Whoever sets parameters uses them at once, in the same thread. */
static __thread DWORD wanted_state;

BOOL WINAPI setup_set_class_install_params(void *set, void *device, void *params, DWORD size) {
    const SP_PROPCHANGE_PARAMS *change = params;
    (void)set, (void)device;
    wanted_state = 0;
    if (size >= sizeof *change && change->ClassInstallHeader.InstallFunction == DIF_PROPERTYCHANGE)
        wanted_state = change->StateChange;
    return TRUE;
}

static BOOL change_state(HDEVINFO set, SP_DEVINFO_DATA *device) {
    struct machine_adapter adapter;
    DWORD flags = 0, type;
    if (wanted_state != DICS_DISABLE && wanted_state != DICS_ENABLE)
        return TRUE;
    const BOOL disabled = wanted_state == DICS_DISABLE;
    SetupDiGetDeviceRegistryPropertyW(set, device, SPDRP_CONFIGFLAGS, &type, (BYTE *)&flags, sizeof flags, NULL);
    flags = disabled ? flags | CONFIGFLAG_DISABLED : flags & ~(DWORD)CONFIGFLAG_DISABLED;
    if (node_adapter(device->DevInst, &adapter)) {
        const struct machine_enable change = {.luid = adapter.luid, .disabled = (uint32_t)disabled};
        machine_ask_once(MACHINE_ENABLE, &change, sizeof change, NULL, NULL);
    }
    trace("%s device %lu", disabled ? "disable" : "enable", device->DevInst);
    return SetupDiSetDeviceRegistryPropertyW(set, device, SPDRP_CONFIGFLAGS, (const BYTE *)&flags, sizeof flags);
}

BOOL WINAPI setup_call_class_installer(DWORD function, void *set, void *device) {
    trace("class installer: function 0x%lx", function);
    if (function == DIF_PROPERTYCHANGE)
        return change_state(set, device);
    return ((BOOL(WINAPI *)(DWORD, void *, void *))real_call_class_installer)(function, set, device);
}

struct driver_version {
    FILETIME date;
    unsigned numbers[4];
};

static BOOL read_driver_version(const WCHAR *inf, struct driver_version *version) {
    HINF file = SetupOpenInfFileW(inf, NULL, INF_STYLE_WIN4, NULL);
    INFCONTEXT line;
    WCHAR date[32], numbers[32];
    unsigned month, day, year, *n = version->numbers;
    if (file == INVALID_HANDLE_VALUE)
        return FALSE;
    const BOOL found = SetupFindFirstLineW(file, L"Version", L"DriverVer", &line) &&
                       SetupGetStringFieldW(&line, 1, date, 32, NULL) && SetupGetStringFieldW(&line, 2, numbers, 32, NULL);
    SetupCloseInfFile(file);
    if (!found || swscanf(date, L"%u/%u/%u", &month, &day, &year) != 3 ||
        swscanf(numbers, L"%u.%u.%u.%u", &n[0], &n[1], &n[2], &n[3]) != 4)
        return FALSE;
    const SYSTEMTIME time = {.wYear = (WORD)year, .wMonth = (WORD)month, .wDay = (WORD)day};
    return SystemTimeToFileTime(&time, &version->date);
}

BOOL WINAPI setup_enum_driver_info(void *set, void *device, DWORD type, DWORD index, void *out) {
    SP_DRVINFO_DATA_W *driver = out;
    if (!((__typeof__(SetupDiEnumDriverInfoW) *)real_enum_driver_info)(set, device, type, index, driver))
        return FALSE;
    union {
        SP_DRVINFO_DETAIL_DATA_W data;
        BYTE bytes[0x2000];
    } detail = {.data.cbSize = sizeof(SP_DRVINFO_DETAIL_DATA_W)};
    struct driver_version version;
    DWORD needed;
    if (SetupDiGetDriverInfoDetailW(set, device, driver, &detail.data, sizeof detail, &needed) &&
        read_driver_version(detail.data.InfFileName, &version)) {
        const unsigned *n = version.numbers;
        driver->DriverDate = version.date;
        driver->DriverVersion = (DWORDLONG)n[0] << 48 | (DWORDLONG)n[1] << 32 | (DWORDLONG)n[2] << 16 | n[3];
        trace("driver %ls: version %u.%u", detail.data.InfFileName, n[0], n[1]);
    }
    return TRUE;
}

/* Windows installs the driver's file with the INF. Here that is a file of the world with the same version. */
static void put_driver(const WCHAR *inf) {
    struct driver_version version;
    WCHAR from[64], to[MAX_PATH];
    if (!read_driver_version(inf, &version))
        return;
    _snwprintf(from, 64, DRIVER_PARTS, version.numbers[0], version.numbers[1]);
    GetSystemDirectoryW(to, MAX_PATH - 32);
    wcscat(to, L"\\drivers\\wintun.sys");
    trace("%ls to %ls: %d", from, to, CopyFileW(from, to, FALSE));
}

BOOL WINAPI setup_copy_oem_inf(const WCHAR *source, const WCHAR *location, DWORD type, DWORD style, WCHAR *destination,
                               DWORD destination_size, DWORD *needed, WCHAR **component) {
    const BOOL copied = ((__typeof__(SetupCopyOEMInfW) *)real_copy_oem_inf)(source, location, type, style, destination,
                                                                            destination_size, needed, component);
    const DWORD error = GetLastError();
    trace("SetupCopyOEMInfW %ls: %d, error %lu", source, copied, copied ? 0 : error);
    if (copied)
        put_driver(source);
    SetLastError(error);
    return copied;
}

/* Windows removes a driver that is in use only by force. */
BOOL WINAPI setup_uninstall_oem_inf(const WCHAR *inf, DWORD flags, void *reserved) {
    uint32_t adapters;
    free(machine_list(&adapters));
    trace("SetupUninstallOEMInfW %ls, flags %lu, %u adapters", inf, flags, adapters);
    if (adapters && !(flags & SUOI_FORCEDELETE)) {
        SetLastError(INF_IN_USE_BY_DEVICES);
        return FALSE;
    }
    return ((__typeof__(SetupUninstallOEMInfW) *)real_uninstall_oem_inf)(inf, flags, reserved);
}
