/*
 * A program that uses Wintun like any other program: it knows only the functions that wintun.h declares, and not which
 * DLL implements them.
 *
 * usage: wintun_client DLL NAME COUNT     Creates the adapter NAME, answers COUNT ICMPv4 echo requests, and removes it.
 *        wintun_client DLL NAME           Creates it, sends a UDP packet a millisecond until its input ends, and removes it.
 *
 * Prints "ready", then "answered COUNT" or "sent COUNT". If a function fails, it prints the Win32 error
 * on stderr and ends with exit code 1.
 */
#include "wintun_api.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __typeof__(WintunCreateAdapter) *create_adapter;
static __typeof__(WintunCloseAdapter) *close_adapter;
static __typeof__(WintunStartSession) *start_session;
static __typeof__(WintunEndSession) *end_session;
static __typeof__(WintunGetReadWaitEvent) *get_read_wait_event;
static __typeof__(WintunReceivePacket) *receive_packet;
static __typeof__(WintunReleaseReceivePacket) *release_receive_packet;
static __typeof__(WintunAllocateSendPacket) *allocate_send_packet;
static __typeof__(WintunSendPacket) *send_packet;

static void fail(const char *what) {
    fprintf(stderr, "%s: error %lu\n", what, GetLastError());
    exit(1);
}

static void resolve(HMODULE module, const char *name, void *function) {
    FARPROC found = GetProcAddress(module, name);
    if (!found)
        fail(name);
    memcpy(function, &found, sizeof found);
}

static void resolve_all(HMODULE module) {
    resolve(module, "WintunCreateAdapter", &create_adapter);
    resolve(module, "WintunCloseAdapter", &close_adapter);
    resolve(module, "WintunStartSession", &start_session);
    resolve(module, "WintunEndSession", &end_session);
    resolve(module, "WintunGetReadWaitEvent", &get_read_wait_event);
    resolve(module, "WintunReceivePacket", &receive_packet);
    resolve(module, "WintunReleaseReceivePacket", &release_receive_packet);
    resolve(module, "WintunAllocateSendPacket", &allocate_send_packet);
    resolve(module, "WintunSendPacket", &send_packet);
}

static uint16_t checksum(const BYTE *data, DWORD size) {
    uint32_t sum = 0;
    for (DWORD i = 0; i < size; i++)
        sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

static void put_checksum(BYTE *data, DWORD size, DWORD at) {
    data[at] = data[at + 1] = 0;
    const uint16_t sum = checksum(data, size);
    data[at] = (BYTE)(sum >> 8);
    data[at + 1] = (BYTE)sum;
}

/* Answers an echo request by an echo reply with the addresses exchanged (RFC 792). Returns false for any other
 * packet. */
static bool answer(WINTUN_SESSION_HANDLE session, const BYTE *packet, DWORD size) {
    const DWORD header = (DWORD)(packet[0] & 15) * 4;
    if (packet[0] >> 4 != 4 || size < header + 8 || packet[9] != 1 || packet[header] != 8)
        return false;
    BYTE *reply = allocate_send_packet(session, size);
    if (!reply)
        fail("WintunAllocateSendPacket");
    memcpy(reply, packet, size);
    memcpy(reply + 12, packet + 16, 4);
    memcpy(reply + 16, packet + 12, 4);
    reply[header] = 0;
    put_checksum(reply + header, size - header, 2);
    put_checksum(reply, header, 10);
    send_packet(session, reply);
    return true;
}

static void echo(WINTUN_SESSION_HANDLE session, DWORD count) {
    HANDLE event = get_read_wait_event(session);
    for (DWORD answered = 0; answered < count;) {
        DWORD size;
        BYTE *packet = receive_packet(session, &size);
        if (packet) {
            answered += answer(session, packet, size);
            release_receive_packet(session, packet);
        } else if (GetLastError() != ERROR_NO_MORE_ITEMS)
            fail("WintunReceivePacket");
        else if (WaitForSingleObject(event, 30000) != WAIT_OBJECT_0)
            fail("no packet for 30 seconds");
    }
    /* The driver takes the sent packets at its speed, and the end of a session drops the rest. */
    Sleep(100);
    printf("answered %lu\n", count);
}

static DWORD WINAPI wait_for_end_of_input(void *has_ended) {
    while (getchar() != EOF)
        continue;
    InterlockedExchange(has_ended, 1);
    return 0;
}

static void send_until_input_ends(WINTUN_SESSION_HANDLE session) {
    static const BYTE addresses[] = {10, 99, 0, 2, 10, 99, 0, 1};
    DWORD sent = 0;
    static LONG has_ended;
    HANDLE thread = CreateThread(NULL, 0, wait_for_end_of_input, &has_ended, 0, NULL);
    if (!thread)
        fail("CreateThread");
    for (; !InterlockedCompareExchange(&has_ended, 1, 1); Sleep(1), sent++) {
        BYTE *packet = allocate_send_packet(session, 32);
        if (!packet)
            fail("WintunAllocateSendPacket");
        memset(packet, 0, 32);
        packet[0] = 0x45;
        packet[3] = 32;
        packet[8] = 64;
        packet[9] = 17;
        memcpy(packet + 12, addresses, sizeof addresses);
        put_checksum(packet, 20, 10);
        packet[21] = packet[23] = 9; /* the discard port, as source and destination */
        packet[25] = 12;
        send_packet(session, packet);
    }
    CloseHandle(thread);
    printf("sent %lu\n", sent);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: wintun_client DLL NAME [COUNT]\n");
        return 2;
    }
    WCHAR name[128];
    MultiByteToWideChar(CP_UTF8, 0, argv[2], -1, name, 128);
    /* Windows has this DLL. In the Windows world it brings what wintun.dll needs and Wine lacks. */
    LoadLibraryExA("bcryptprimitives.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    HMODULE module = LoadLibraryA(argv[1]);
    if (!module)
        fail(argv[1]);
    resolve_all(module);
    WINTUN_ADAPTER_HANDLE adapter = create_adapter(name, L"Client", NULL);
    if (!adapter)
        fail("WintunCreateAdapter");
    WINTUN_SESSION_HANDLE session = start_session(adapter, 0x400000);
    if (!session)
        fail("WintunStartSession");
    puts("ready");
    fflush(stdout);
    if (argc > 3)
        echo(session, (DWORD)atoi(argv[3]));
    else
        send_until_input_ends(session);
    end_session(session);
    close_adapter(adapter);
    return 0;
}
