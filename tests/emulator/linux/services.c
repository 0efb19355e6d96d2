/*
 * The Service Control Manager, on Linux: a table of services in the memory of this process, each with its key in the
 * registry. Nothing runs a service: StartServiceW refuses, and a test says what a service does. One service is there from
 * the beginning, the DNS client, which has no key. It runs, and counts how often it is told that its parameters have changed.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "emulator.h"
#include "objects.h"
#include "registry.h"
#include "wide.h"

#define NAME_UNITS 257u
#define TEXT_UNITS 1024u
#define SERVICES_KEY u"SYSTEM\\CurrentControlSet\\Services\\"

#define ERROR_INVALID_LEVEL 124u
#define ERROR_INVALID_SERVICE_CONTROL 1052u
#define ERROR_SERVICE_ALREADY_RUNNING 1056u
#define ERROR_SERVICE_DOES_NOT_EXIST 1060u
#define ERROR_SERVICE_CANNOT_ACCEPT_CTRL 1061u
#define ERROR_SERVICE_NOT_ACTIVE 1062u
#define ERROR_SERVICE_MARKED_FOR_DELETE 1072u
#define ERROR_SERVICE_EXISTS 1073u
#define ERROR_SERVICE_NEVER_STARTED 1077u
#define ERROR_DUPLICATE_SERVICE_NAME 1078u

#define REG_SZ 1u
#define REG_EXPAND_SZ 2u
#define REG_DWORD 4u
#define SC_MANAGER_CREATE_SERVICE 0x2u
#define SERVICE_CONTROL_STOP 1u
#define SERVICE_CONTROL_PARAMCHANGE 6u
#define SERVICE_NO_CHANGE 0xFFFFFFFFu
enum { STOPPED = 1, START_PENDING, STOP_PENDING, RUNNING };
/* The rights of a service handle. */
enum {
    QUERY_CONFIG = 0x1,
    CHANGE_CONFIG = 0x2,
    QUERY_STATUS = 0x4,
    START = 0x10,
    STOP = 0x20,
    PAUSE_CONTINUE = 0x40,
    DELETE_SERVICE = 0x10000,
    READ_CONTROL = 0x20000,
    WRITE_DAC = 0x40000,
};

struct status {
    DWORD type, state, accepted, exit_code, specific_exit_code, check_point, wait_hint, pid, flags;
};
_Static_assert(sizeof(struct status) == 36, "SERVICE_STATUS_PROCESS");

struct config {
    DWORD type, start, error_control;
    WCHAR *program, *group;
    DWORD tag;
    WCHAR *dependencies, *account, *display_name;
};
_Static_assert(sizeof(struct config) == 64, "QUERY_SERVICE_CONFIGW");

struct service {
    WCHAR name[NAME_UNITS], display_name[NAME_UNITS], program[TEXT_UNITS], security[TEXT_UNITS];
    DWORD start;
    struct status status;
    bool is_marked; /* for deletion */
    uint32_t handles;
    struct service *next;
};

/* A handle of the Service Control Manager has no service. */
struct service_handle {
    struct service *service;
    DWORD access;
};

static pthread_mutex_t services_lock = PTHREAD_MUTEX_INITIALIZER;
static struct service dns_client = {.name = u"Dnscache", .display_name = u"DNS Client", .status = {.state = RUNNING}};
static struct service *services = &dns_client;
static DWORD parameter_changes;
static _Atomic uint32_t live_handles_of_services;
static _Atomic DWORD next_start_delay, next_control_delay;

uint32_t services_count_handles(void) {
    return live_handles_of_services;
}

static BOOL fail(DWORD code) {
    SetLastError(code);
    return FALSE;
}

static BOOL end(DWORD code) {
    return code ? fail(code) : TRUE;
}

static struct service_handle *open_handle(struct service *service, DWORD access) {
    struct service_handle *handle = malloc(sizeof *handle);
    if (!handle)
        return NULL;
    *handle = (struct service_handle){service, access};
    if (service)
        service->handles++;
    live_handles_of_services++;
    return handle;
}

static struct service *find(const WCHAR *name) {
    struct service *service = services;
    while (service && !wide_same_name(service->name, name))
        service = service->next;
    return service;
}

static bool is_taken(const WCHAR *display_name) {
    for (const struct service *one = services; one; one = one->next)
        if (wide_same_name(one->display_name, display_name))
            return true;
    return false;
}

static void key_of(const struct service *service, WCHAR *path) {
    wide_copy(path, SERVICES_KEY, TEXT_UNITS);
    wide_copy(path + wide_length(path), service->name, NAME_UNITS);
}

static void write_key(const struct service *service) {
    WCHAR path[TEXT_UNITS];
    key_of(service, path);
    const DWORD bytes = (DWORD)((wide_length(service->program) + 1) * sizeof(WCHAR));
    registry_set(path, u"ImagePath", REG_EXPAND_SZ, service->program, bytes);
    const DWORD name_bytes = (DWORD)((wide_length(service->display_name) + 1) * sizeof(WCHAR));
    registry_set(path, u"DisplayName", REG_SZ, service->display_name, name_bytes);
    registry_set(path, u"Start", REG_DWORD, &service->start, sizeof service->start);
}

/* A service that is marked for deletion goes once it has stopped and nobody has it open. */
static void remove_if_done(struct service *service) {
    if (!service->is_marked || service->handles || service->status.state != STOPPED)
        return;
    struct service **link = &services;
    while (*link != service)
        link = &(*link)->next;
    *link = service->next;
    WCHAR path[TEXT_UNITS];
    key_of(service, path);
    registry_delete_tree(path);
    free(service);
}

EXPORT HANDLE WINAPI OpenSCManagerW(const WCHAR *machine, const WCHAR *database, DWORD access) {
    (void)machine, (void)database;
    if ((access & SC_MANAGER_CREATE_SERVICE) && !fault_is_elevated()) {
        SetLastError(ERROR_ACCESS_DENIED);
        return NULL;
    }
    return open_handle(NULL, access);
}

EXPORT HANDLE WINAPI CreateServiceW(const struct service_handle *manager, const WCHAR *name, const WCHAR *display_name,
                                    DWORD access, DWORD type, DWORD start, DWORD error_control, const WCHAR *program,
                                    const WCHAR *group, DWORD *tag, const WCHAR *dependencies, const WCHAR *account,
                                    const WCHAR *password) {
    (void)error_control, (void)group, (void)tag, (void)dependencies, (void)account, (void)password;
    DWORD code = ERROR_NOT_ENOUGH_MEMORY;
    HANDLE handle = NULL;
    pthread_mutex_lock(&services_lock);
    const struct service *existing = find(name);
    if (!(manager->access & SC_MANAGER_CREATE_SERVICE))
        code = ERROR_ACCESS_DENIED;
    else if (existing)
        code = existing->is_marked ? ERROR_SERVICE_MARKED_FOR_DELETE : ERROR_SERVICE_EXISTS;
    else if (is_taken(display_name))
        code = ERROR_DUPLICATE_SERVICE_NAME;
    else {
        struct service *service = calloc(1, sizeof *service);
        handle = service ? open_handle(service, access) : NULL;
        if (!handle)
            free(service);
        else {
            wide_copy(service->name, name, NAME_UNITS);
            wide_copy(service->display_name, display_name, NAME_UNITS);
            wide_copy(service->program, program, TEXT_UNITS);
            wide_copy(service->security,
                      u"D:(A;;CCLCSWRPWPDTLOCRRC;;;SY)(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)(A;;CCLCSWLOCRRC;;;IU)"
                      u"(A;;CCLCSWLOCRRC;;;SU)",
                      TEXT_UNITS);
            service->start = start;
            service->status =
                (struct status){.type = type, .state = STOPPED, .exit_code = ERROR_SERVICE_NEVER_STARTED};
            service->next = services;
            services = service;
            write_key(service);
        }
    }
    pthread_mutex_unlock(&services_lock);
    if (!handle)
        SetLastError(code);
    return handle;
}

EXPORT HANDLE WINAPI OpenServiceW(const struct service_handle *manager, const WCHAR *name, DWORD access) {
    (void)manager;
    const DWORD for_everybody = QUERY_CONFIG | QUERY_STATUS | READ_CONTROL;
    HANDLE handle = NULL;
    DWORD code = ERROR_SERVICE_DOES_NOT_EXIST;
    pthread_mutex_lock(&services_lock);
    struct service *service = find(name);
    if (service && (access & ~for_everybody) && !fault_is_elevated())
        code = ERROR_ACCESS_DENIED;
    else if (service) {
        handle = open_handle(service, access);
        code = ERROR_NOT_ENOUGH_MEMORY;
    }
    pthread_mutex_unlock(&services_lock);
    if (!handle)
        SetLastError(code);
    return handle;
}

EXPORT BOOL WINAPI CloseServiceHandle(struct service_handle *handle) {
    pthread_mutex_lock(&services_lock);
    if (handle->service) {
        handle->service->handles--;
        remove_if_done(handle->service);
    }
    pthread_mutex_unlock(&services_lock);
    free(handle);
    live_handles_of_services--;
    return TRUE;
}

/* Takes the lock. Returns the service, or NULL if the handle does not have the right. */
static struct service *enter(const struct service_handle *handle, DWORD right) {
    pthread_mutex_lock(&services_lock);
    return handle->access & right ? handle->service : NULL;
}

static BOOL leave(DWORD code) {
    pthread_mutex_unlock(&services_lock);
    return end(code);
}

/* Waits for the answer of the service's process, as StartServiceW and ControlService do. */
static void wait_for_answer(_Atomic DWORD *next_delay) {
    const DWORD delay_ms = atomic_exchange(next_delay, 0);
    if (delay_ms)
        platform_sleep(delay_ms * 1000000ull);
}

EXPORT BOOL WINAPI StartServiceW(const struct service_handle *handle, DWORD count, const WCHAR **arguments) {
    (void)count, (void)arguments;
    wait_for_answer(&next_start_delay);
    const struct service *service = enter(handle, START);
    return leave(!service                           ? ERROR_ACCESS_DENIED
                 : service->is_marked               ? ERROR_SERVICE_MARKED_FOR_DELETE
                 : service->status.state != STOPPED ? ERROR_SERVICE_ALREADY_RUNNING
                                                    : ERROR_NOT_SUPPORTED);
}

EXPORT BOOL WINAPI ControlService(const struct service_handle *handle, DWORD control, struct status *status) {
    wait_for_answer(&next_control_delay);
    const bool is_change = control == SERVICE_CONTROL_PARAMCHANGE;
    struct service *service = enter(handle, is_change ? PAUSE_CONTINUE : STOP);
    if (!service)
        return leave(ERROR_ACCESS_DENIED);
    const DWORD state = service->status.state;
    if (is_change && service == &dns_client && state == RUNNING) {
        parameter_changes++;
        return leave(ERROR_SUCCESS);
    }
    if (is_change)
        return leave(state == RUNNING ? ERROR_INVALID_SERVICE_CONTROL : ERROR_SERVICE_NOT_ACTIVE);
    if (control != SERVICE_CONTROL_STOP)
        return leave(ERROR_INVALID_PARAMETER);
    if (state == RUNNING)
        service->status = (struct status){.type = service->status.type, .state = STOPPED};
    memcpy(status, &service->status, offsetof(struct status, pid));
    return leave(state == STOPPED   ? ERROR_SERVICE_NOT_ACTIVE
                 : state == RUNNING ? ERROR_SUCCESS
                                    : ERROR_SERVICE_CANNOT_ACCEPT_CTRL);
}

EXPORT BOOL WINAPI DeleteService(const struct service_handle *handle) {
    struct service *service = enter(handle, DELETE_SERVICE);
    if (!service)
        return leave(ERROR_ACCESS_DENIED);
    const bool was_marked = service->is_marked;
    service->is_marked = true;
    return leave(was_marked ? ERROR_SERVICE_MARKED_FOR_DELETE : ERROR_SUCCESS);
}

EXPORT BOOL WINAPI QueryServiceStatusEx(const struct service_handle *handle, int level, struct status *status,
                                        DWORD bytes, DWORD *needed) {
    const struct service *service = enter(handle, QUERY_STATUS);
    *needed = sizeof *status;
    if (!service || level || bytes < sizeof *status)
        return leave(!service ? ERROR_ACCESS_DENIED : level ? ERROR_INVALID_LEVEL : ERROR_INSUFFICIENT_BUFFER);
    *status = service->status;
    return leave(ERROR_SUCCESS);
}

/* Copies a text to the end of the strings behind a configuration, and returns its address there. */
static WCHAR *append(uint8_t **end_of_strings, const WCHAR *text) {
    const size_t bytes = (wide_length(text) + 1) * sizeof *text;
    WCHAR *copy = memcpy(*end_of_strings, text, bytes);
    *end_of_strings += bytes;
    return copy;
}

EXPORT BOOL WINAPI QueryServiceConfigW(const struct service_handle *handle, struct config *config, DWORD bytes,
                                       DWORD *needed) {
    static const WCHAR account[] = u"LocalSystem", nothing[] = u"";
    const struct service *service = enter(handle, QUERY_CONFIG);
    if (!service)
        return leave(ERROR_ACCESS_DENIED);
    const size_t units = wide_length(service->program) + 1 + wide_length(service->display_name) + 1 +
                         sizeof account / sizeof *account + 2;
    *needed = (DWORD)(sizeof *config + units * sizeof(WCHAR));
    if (bytes < *needed)
        return leave(ERROR_INSUFFICIENT_BUFFER);
    uint8_t *strings = (uint8_t *)(config + 1);
    *config = (struct config){.type = service->status.type, .start = service->start, .error_control = 1};
    config->program = append(&strings, service->program);
    config->group = append(&strings, nothing);
    config->dependencies = append(&strings, nothing);
    config->account = append(&strings, account);
    config->display_name = append(&strings, service->display_name);
    return leave(ERROR_SUCCESS);
}

EXPORT BOOL WINAPI ChangeServiceConfigW(const struct service_handle *handle, DWORD type, DWORD start,
                                        DWORD error_control, const WCHAR *program, const WCHAR *group, DWORD *tag,
                                        const WCHAR *dependencies, const WCHAR *account, const WCHAR *password,
                                        const WCHAR *display_name) {
    (void)group, (void)tag, (void)dependencies, (void)account, (void)password;
    struct service *service = enter(handle, CHANGE_CONFIG);
    if (!service)
        return leave(ERROR_ACCESS_DENIED);
    if (type != SERVICE_NO_CHANGE || error_control != SERVICE_NO_CHANGE || program)
        return leave(ERROR_NOT_SUPPORTED);
    if (service->is_marked)
        return leave(ERROR_SERVICE_MARKED_FOR_DELETE);
    if (display_name && !wide_same_name(service->display_name, display_name) && is_taken(display_name))
        return leave(ERROR_DUPLICATE_SERVICE_NAME);
    if (display_name)
        wide_copy(service->display_name, display_name, NAME_UNITS);
    if (start != SERVICE_NO_CHANGE)
        service->start = start;
    write_key(service);
    return leave(ERROR_SUCCESS);
}

/* The description, what happens after a failure, and after which: nobody reads them here. */
EXPORT BOOL WINAPI ChangeServiceConfig2W(const struct service_handle *handle, DWORD level, const void *information) {
    (void)information;
    const struct service *service = enter(handle, CHANGE_CONFIG);
    return leave(!service                                    ? ERROR_ACCESS_DENIED
                 : level == 1 || level == 2 || level == 4 ? ERROR_SUCCESS
                                                             : ERROR_INVALID_LEVEL);
}

EXPORT BOOL WINAPI QueryServiceObjectSecurity(const struct service_handle *handle, DWORD information, WCHAR *descriptor,
                                              DWORD bytes, DWORD *needed) {
    (void)information;
    const struct service *service = enter(handle, READ_CONTROL);
    if (!service)
        return leave(ERROR_ACCESS_DENIED);
    *needed = (DWORD)((wide_length(service->security) + 1) * sizeof(WCHAR));
    if (bytes < *needed)
        return leave(ERROR_INSUFFICIENT_BUFFER);
    memcpy(descriptor, service->security, *needed);
    return leave(ERROR_SUCCESS);
}

EXPORT BOOL WINAPI SetServiceObjectSecurity(const struct service_handle *handle, DWORD information,
                                            const WCHAR *descriptor) {
    (void)information;
    struct service *service = enter(handle, WRITE_DAC);
    if (!service)
        return leave(ERROR_ACCESS_DENIED);
    wide_copy(service->security, descriptor, TEXT_UNITS);
    return leave(ERROR_SUCCESS);
}

/* For tests: how many milliseconds the next StartServiceW, and the next ControlService, waits for the service. */
EXPORT void WINAPI EmulatorDelayServiceAnswers(DWORD start, DWORD control) {
    next_start_delay = start;
    next_control_delay = control;
}

/* Returns how often the DNS client was told that its parameters have changed. */
EXPORT DWORD WINAPI EmulatorCountParameterChanges(void) {
    pthread_mutex_lock(&services_lock);
    const DWORD count = parameter_changes;
    pthread_mutex_unlock(&services_lock);
    return count;
}

/* For tests: what the service does now, as if its process had said so. Returns false if there is no such service. */
EXPORT BOOL WINAPI EmulatorSetServiceStatus(const WCHAR *name, DWORD state, DWORD pid, DWORD exit_code,
                                            DWORD specific_exit_code) {
    pthread_mutex_lock(&services_lock);
    struct service *service = find(name);
    if (service) {
        service->status = (struct status){.type = service->status.type,
                                          .state = state,
                                          .exit_code = exit_code,
                                          .specific_exit_code = specific_exit_code,
                                          .pid = pid};
        remove_if_done(service);
    }
    pthread_mutex_unlock(&services_lock);
    return service != NULL;
}
