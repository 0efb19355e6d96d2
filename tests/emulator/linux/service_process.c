/*
 * The process of a service, on Linux. By default nobody has started this process as a service. A test can say otherwise;
 * then ServiceMain is called on a thread of its own, and HandlerEx on the thread that called the dispatcher, as on
 * Windows.
 */
#include <pthread.h>
#include <string.h>

#include "emulator.h"

#define ERROR_FAILED_SERVICE_CONTROLLER_CONNECT 1063u
#define SERVICE_STOPPED 1u
#define NO_ANSWER 0xFFFFFFFFu

typedef void (WINAPI *service_main)(DWORD count, WCHAR **arguments);
typedef DWORD (WINAPI *handler_ex)(DWORD control, DWORD event_type, void *event, void *context);

struct table_entry {
    WCHAR *name;
    service_main main;
};

/* SERVICE_STATUS */
struct status {
    DWORD type, state, accepted, exit_code, specific_exit_code, check_point, wait_hint;
};

static pthread_mutex_t service_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool is_started;
static handler_ex handler;
static struct status last_status;
static DWORD status_count;
static DWORD control; /* 0: none is waiting */
static _Atomic DWORD answer;

static void *run_main(void *entry) {
    const struct table_entry *service = entry;
    service->main(1, (WCHAR *[]){service->name, NULL});
    return NULL;
}

EXPORT BOOL WINAPI StartServiceCtrlDispatcherW(const struct table_entry *table) {
    struct table_entry entry = table[0];
    pthread_t thread;
    pthread_mutex_lock(&service_lock);
    const bool is_service = is_started;
    is_started = false;
    last_status = (struct status){0};
    status_count = 0;
    pthread_mutex_unlock(&service_lock);
    if (!is_service || pthread_create(&thread, NULL, run_main, &entry)) {
        SetLastError(ERROR_FAILED_SERVICE_CONTROLLER_CONNECT);
        return FALSE;
    }
    pthread_mutex_lock(&service_lock);
    while (last_status.state != SERVICE_STOPPED) {
        if (!control) {
            pthread_cond_wait(&changed, &service_lock);
            continue;
        }
        const DWORD code = control;
        control = 0;
        pthread_mutex_unlock(&service_lock);
        answer = handler(code, 0, NULL, NULL);
        pthread_mutex_lock(&service_lock);
    }
    pthread_mutex_unlock(&service_lock);
    pthread_join(thread, NULL);
    return TRUE;
}

EXPORT HANDLE WINAPI RegisterServiceCtrlHandlerExW(const WCHAR *name, handler_ex procedure, void *context) {
    (void)name, (void)context;
    pthread_mutex_lock(&service_lock);
    handler = procedure;
    pthread_mutex_unlock(&service_lock);
    return &last_status;
}

EXPORT BOOL WINAPI SetServiceStatus(HANDLE service, const struct status *status) {
    if (service != &last_status) {
        SetLastError(ERROR_INVALID_HANDLE);
        return FALSE;
    }
    pthread_mutex_lock(&service_lock);
    last_status = *status;
    status_count++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&service_lock);
    return TRUE;
}

/* For tests: the next call of the dispatcher finds that this process was started as a service. */
EXPORT void WINAPI EmulatorStartAsService(void) {
    pthread_mutex_lock(&service_lock);
    is_started = true;
    pthread_mutex_unlock(&service_lock);
}

/* For tests: copies the last SERVICE_STATUS, and returns how many this service has set. */
EXPORT DWORD WINAPI EmulatorLastStatus(struct status *status) {
    pthread_mutex_lock(&service_lock);
    *status = last_status;
    const DWORD count = status_count;
    pthread_mutex_unlock(&service_lock);
    return count;
}

/* For tests: begins to send a control, whatever the service accepts. */
EXPORT void WINAPI EmulatorSendControl(DWORD code) {
    pthread_mutex_lock(&service_lock);
    answer = NO_ANSWER;
    control = code;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&service_lock);
}

/* For tests: what HandlerEx has returned for the last control; NO_ANSWER until then. */
EXPORT DWORD WINAPI EmulatorControlAnswer(void) {
    return answer;
}
