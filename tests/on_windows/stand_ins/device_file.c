/*
 * The driver's device object, as wintun.dll sees it: a file that is opened by the path of the device's interface, one
 * control code that registers two rings, and a close that ends their use. It lies in the process that opens it, so that
 * the driver's half of the rings (the emulator's driver.c) works on the memory itself. The packets come from and go to
 * the Linux side of the world (machine.c).
 */
#include "stand_ins.h"

#include <objbase.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "device.h"
#include "device_file.h"
#include "emulator.h"
#include "trace.h"

#define INTERFACE_PREFIX L"\\\\?\\SWD#Wintun#"
/* CTL_CODE(51820, 0x970, METHOD_BUFFERED, FILE_READ_DATA | FILE_WRITE_DATA) */
#define REGISTER_RINGS (51820u << 16 | 3u << 14 | 0x970u << 2)

void *real_create_file, *real_device_io_control, *real_close_handle, *real_virtual_alloc;

struct ring_description {
    uint32_t size;
    struct ring *ring;
    HANDLE moved;
};

/* The input of REGISTER_RINGS. */
struct rings_description {
    struct ring_description to_client, from_client;
};

struct device_file {
    struct device_file *next;
    HANDLE handle; /* an event, so that Wine knows the handle */
    struct device device;
    struct session session;
    BOOL registered, stopped;
};

STAND_IN_LOCK(lock);
static struct device_file *files;
static volatile LONG file_count;

/* Returns the open file with that handle, or NULL. `take` removes it from the list. */
static struct device_file *find(HANDLE handle, BOOL take) {
    struct device_file *found = NULL;
    if (!file_count) /* nearly always: every handle of the process comes by here */
        return NULL;
    EnterCriticalSection(&lock);
    for (struct device_file **link = &files; *link && !found; link = &(*link)->next)
        if ((*link)->handle == handle) {
            found = *link;
            if (take) {
                *link = found->next;
                file_count--;
            }
            break;
        }
    LeaveCriticalSection(&lock);
    return found;
}

/* The path ends with the GUID of the network interface, behind the last backslash. */
static BOOL adapter_of_path(const WCHAR *path, struct machine_adapter *adapter) {
    const WCHAR *reference = wcsrchr(path, L'\\');
    GUID guid;
    return reference && CLSIDFromString(reference + 1, &guid) == S_OK && machine_find(&guid, 0, NULL, adapter) &&
           !adapter->disabled;
}

static struct device_file *open_adapter(const struct machine_adapter *adapter) {
    struct device_file *file = calloc(1, sizeof *file);
    if (!file)
        return NULL;
    struct device_identity *identity = &file->device.identity;
    const DWORD error = fault_link_is_wanted()
                            ? platform_device_open(adapter, identity, &file->device.platform)
                            : platform_device_create(identity, false, &file->device.platform);
    file->handle = error == ERROR_SUCCESS ? CreateEventW(NULL, FALSE, FALSE, NULL) : NULL;
    if (!file->handle) {
        platform_device_free(file->device.platform);
        free(file);
        return NULL;
    }
    identity->luid_index = machine_luid_index(adapter->luid);
    return file;
}

HANDLE WINAPI device_create_file(const WCHAR *path, DWORD access, DWORD share, SECURITY_ATTRIBUTES *security,
                                 DWORD disposition, DWORD attributes, HANDLE template) {
    struct machine_adapter adapter;
    if (!path || _wcsnicmp(path, INTERFACE_PREFIX, wcslen(INTERFACE_PREFIX)) != 0)
        return ((__typeof__(CreateFileW) *)real_create_file)(path, access, share, security, disposition, attributes, template);
    struct device_file *file = adapter_of_path(path, &adapter) ? open_adapter(&adapter) : NULL;
    trace("open %ls: %s", path, file ? "device" : "no such device");
    if (!file) {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    EnterCriticalSection(&lock);
    file->next = files;
    files = file;
    file_count++;
    LeaveCriticalSection(&lock);
    return file->handle;
}

/* Returns the first file of the session or the adapter. 0 and NULL match nothing. Inside the lock. */
static struct device_file *registered_file(HANDLE read_event, uint32_t luid_index) {
    for (struct device_file *file = files; file; file = file->next)
        if (file->registered && ((read_event && file->session.read_event == read_event) ||
                                 (luid_index && file->device.identity.luid_index == luid_index)))
            return file;
    return NULL;
}

/* Only the DLL knows what its handle is. Both know the read event. */
struct session *session_from_handle(struct session *handle) {
    HANDLE(WINAPI * read_event)(void *) = wintun_function("WintunGetReadWaitEvent");
    EnterCriticalSection(&lock);
    struct device_file *file = handle && read_event ? registered_file(read_event(handle), 0) : NULL;
    LeaveCriticalSection(&lock);
    if (!file)
        SetLastError(ERROR_INVALID_HANDLE);
    return file ? &file->session : NULL;
}

DWORD device_count_sessions(void) {
    DWORD count = 0;
    EnterCriticalSection(&lock);
    for (const struct device_file *file = files; file; file = file->next)
        count += file->registered;
    LeaveCriticalSection(&lock);
    return count;
}

static void stop(struct device_file *file) {
    if (file->registered && !file->stopped)
        driver_stop(&file->session.driver);
    file->stopped = TRUE;
}

BOOL device_take_away(uint64_t luid) {
    EnterCriticalSection(&lock); /* against a close meanwhile */
    struct device_file *file = registered_file(NULL, machine_luid_index(luid));
    if (file)
        stop(file);
    LeaveCriticalSection(&lock);
    return file != NULL;
}

/* wintun.dll allocates the memory of both rings at once. */
void *WINAPI device_virtual_alloc(void *address, SIZE_T size, DWORD type, DWORD protection) {
    const uint64_t base = !address && size >= 2 * RING_MIN_CAPACITY ? fault_take_region_base() : 0;
    return ((__typeof__(VirtualAlloc) *)real_virtual_alloc)(base ? (void *)(uintptr_t)base : address, size, type, protection);
}

static uint32_t capacity_of(uint32_t ring_size) {
    const uint32_t fixed = ring_bytes(0);
    return ring_size > fixed ? ring_size - fixed : 0;
}

static HANDLE own_handle(HANDLE handle) {
    HANDLE own = NULL;
    DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &own, 0, FALSE, DUPLICATE_SAME_ACCESS);
    return own;
}

static DWORD register_rings(struct device_file *file, const struct rings_description *rings) {
    struct session *session = &file->session;
    const uint32_t capacity = capacity_of(rings->to_client.size);
    DWORD error;
    if (!ring_capacity_is_valid(capacity) || capacity_of(rings->from_client.size) != capacity || !rings->to_client.ring ||
        !rings->from_client.ring)
        return ERROR_INVALID_PARAMETER;
    if (file->registered)
        return ERROR_ALREADY_INITIALIZED;
    if (fault_take(EMULATOR_START_SESSION, &error))
        return error;
    EnterCriticalSection(&lock); /* the Linux side knows only sessions that have a link */
    const BOOL has_session = registered_file(NULL, file->device.identity.luid_index) != NULL;
    LeaveCriticalSection(&lock);
    if (has_session)
        return ERROR_ALREADY_INITIALIZED;
    /* The driver holds the events itself, because the client may close its handles first. */
    *session = (struct session){
        .capacity = capacity,
        .incoming = rings->to_client.ring,
        .outgoing = rings->from_client.ring,
        .read_event = own_handle(rings->to_client.moved),
        .send_event = own_handle(rings->from_client.moved),
        .device = &file->device,
    };
    platform_lock_init(&session->driver.lock);
    error = driver_start(&session->driver, session);
    if (error != ERROR_SUCCESS) {
        CloseHandle(session->read_event);
        CloseHandle(session->send_event);
        platform_lock_destroy(&session->driver.lock);
        return error;
    }
    session->read_event = rings->to_client.moved; /* by which the session is found */
    file->registered = TRUE;
    return ERROR_SUCCESS;
}

BOOL WINAPI device_io_control(HANDLE handle, DWORD code, void *input, DWORD input_size, void *output, DWORD output_size,
                              DWORD *returned, OVERLAPPED *overlapped) {
    struct device_file *file = find(handle, FALSE);
    if (!file)
        return ((__typeof__(DeviceIoControl) *)real_device_io_control)(handle, code, input, input_size, output, output_size,
                                                                       returned, overlapped);
    DWORD error = ERROR_INVALID_FUNCTION;
    if (code == REGISTER_RINGS)
        error = input_size == sizeof(struct rings_description) ? register_rings(file, input) : ERROR_INVALID_PARAMETER;
    trace("control 0x%lx with %lu bytes: %lu", code, input_size, error);
    if (returned)
        *returned = 0;
    if (error != ERROR_SUCCESS)
        SetLastError(error);
    return error == ERROR_SUCCESS;
}

BOOL WINAPI device_close_handle(HANDLE handle) {
    struct device_file *file = find(handle, TRUE);
    if (file) {
        trace("close the device, %s", file->registered ? "with its session" : "without a session");
        if (file->registered) {
            bench_abandon(&file->session);
            stop(file);
            platform_lock_destroy(&file->session.driver.lock);
            CloseHandle(file->session.driver.read_event);
            CloseHandle(file->session.driver.send_event);
        }
        platform_device_free(file->device.platform);
        free(file);
    }
    return ((__typeof__(CloseHandle) *)real_close_handle)(handle);
}
