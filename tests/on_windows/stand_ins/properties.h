/* DEVPROPERTY (devpropdef.h), which mingw-w64 in Debian 12 lacks. */
#pragma once

#include <winsock2.h>
#include <windows.h>

#include <devpropdef.h>

struct property {
    DEVPROPKEY key;
    ULONG store;
    const WCHAR *locale;
    DEVPROPTYPE type;
    ULONG size;
    void *buffer;
};
