/*
 * A disk that stalls, for LD_PRELOAD: while the file FILE.stall is there, neither a write to FILE nor its truncation
 * ever returns.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static void stall(int fd) {
    char link[64], flag[PATH_MAX + sizeof ".stall"];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, flag, PATH_MAX);
    if (length < 0)
        return;
    snprintf(flag + length, sizeof ".stall", ".stall");
    if (access(flag, F_OK) == 0)
        for (;;)
            pause();
}

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t (*next)(int, const void *, size_t) = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    stall(fd);
    return next(fd, bytes, count);
}

int ftruncate64(int fd, off64_t length) {
    int (*next)(int, off64_t) = (int (*)(int, off64_t))dlsym(RTLD_NEXT, "ftruncate64");
    stall(fd);
    return next(fd, length);
}
