/*
 * usage: launch.exe [--detached] PROGRAM [ARGUMENT...]
 *
 * Runs a program to its end, and ends with its exit code. launch_elevated.exe is the same with a manifest beside it, so
 * that under Wine the program runs elevated, as from an administrator's prompt, whatever its own manifest says. Linux
 * can rely on the exit code: of a process with several threads Wine sometimes loses it, and this one has one thread.
 * The program gets the Ctrl-C that this process gets. It ends with this process; what it has started itself does not.
 * --detached gives it no console, and neither input nor output.
 */
#include <windows.h>
#include <stdio.h>
#include <wchar.h>

static PROCESS_INFORMATION process;

/* Tells the program of a console event as Windows does: by a thread in it that begins in CtrlRoutine of kernelbase.dll. */
static BOOL WINAPI pass_on(DWORD event) {
    FARPROC routine = GetProcAddress(GetModuleHandleW(L"kernelbase.dll"), "CtrlRoutine");
    HANDLE thread = CreateRemoteThread(process.hProcess, NULL, 0, (LPTHREAD_START_ROUTINE)(void *)routine,
                                       (void *)(ULONG_PTR)event, 0, NULL);
    if (thread)
        CloseHandle(thread);
    return TRUE;
}

/* A command line behind its first word. */
static WCHAR *rest(WCHAR *line) {
    BOOL quoted = FALSE;
    for (; *line && (quoted || *line != L' '); line++)
        if (*line == L'"')
            quoted = !quoted;
    while (*line == L' ')
        line++;
    return line;
}

static BOOL start_in(HANDLE job, WCHAR *line) {
    static const WCHAR detached[] = L"--detached ";
    STARTUPINFOW startup = {.cb = sizeof startup};
    DWORD flags = CREATE_SUSPENDED;
    if (!wcsncmp(line, detached, wcslen(detached))) {
        line = rest(line);
        flags |= DETACHED_PROCESS;
        startup.dwFlags = STARTF_USESTDHANDLES;
    }
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {
        .BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK,
    };
    return SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits) &&
           CreateProcessW(NULL, line, NULL, NULL, !(flags & DETACHED_PROCESS), flags, NULL, NULL, &startup, &process) &&
           AssignProcessToJobObject(job, process.hProcess) && SetConsoleCtrlHandler(pass_on, TRUE) &&
           ResumeThread(process.hThread) != (DWORD)-1;
}

int main(void) {
    HANDLE job = CreateJobObjectW(NULL, NULL);
    DWORD code;
    if (!job || !start_in(job, rest(GetCommandLineW()))) {
        fprintf(stderr, "launch: the program does not start (error %lu)\n", GetLastError());
        return 255;
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
