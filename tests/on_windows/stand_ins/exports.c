/*
 * The new export directory is built beside the DLL in memory: a copy of the old one, with the entries replaced or
 * added. Each new entry is a jump, because a directory holds offsets of 32 bits from the DLL's base, and the function
 * may be farther away. ("PE Format", Windows documentation: the .edata section.)
 */
#include "exports.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define JUMP_BYTES 16
#define SEARCH_STEP 0x100000u /* 1 MiB */

struct name {
    const char *text;
    uint16_t function; /* index of the function */
};

/* The old directory of a DLL at `base`. */
struct directory {
    uint8_t *base;
    IMAGE_DATA_DIRECTORY *span;
    const IMAGE_EXPORT_DIRECTORY *header;
    const uint32_t *functions, *names;
    const uint16_t *name_functions;
};

/* Where everything lies in the memory of the new directory, as offsets from its start. */
struct layout {
    size_t jumps, new_names, header, functions, names, name_functions, forwarders, end;
};

static BOOL read_directory(HMODULE module, struct directory *directory) {
    uint8_t *base = (uint8_t *)module;
    if (!base)
        return FALSE;
    IMAGE_NT_HEADERS *headers = (IMAGE_NT_HEADERS *)(base + ((IMAGE_DOS_HEADER *)base)->e_lfanew);
    IMAGE_DATA_DIRECTORY *span = &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
    if (!span->Size)
        return FALSE;
    const IMAGE_EXPORT_DIRECTORY *header = (const IMAGE_EXPORT_DIRECTORY *)(base + span->VirtualAddress);
    *directory = (struct directory){
        .base = base,
        .span = span,
        .header = header,
        .functions = (const uint32_t *)(base + header->AddressOfFunctions),
        .names = (const uint32_t *)(base + header->AddressOfNames),
        .name_functions = (const uint16_t *)(base + header->AddressOfNameOrdinals),
    };
    return TRUE;
}

/* A forwarder is an offset into the directory's own span, of a text that names another DLL's function. */
static const char *forwarder(const struct directory *directory, uint32_t index) {
    const uint32_t offset = directory->functions[index] - directory->span->VirtualAddress;
    return offset < directory->span->Size ? (const char *)directory->base + directory->functions[index] : NULL;
}

static struct layout lay_out(const struct directory *old, const struct export_entry *entries, size_t count) {
    size_t name_bytes = 0, forwarder_bytes = 0;
    for (size_t i = 0; i < count; i++)
        name_bytes += strlen(entries[i].name) + 1;
    for (uint32_t i = 0; i < old->header->NumberOfFunctions; i++)
        if (forwarder(old, i))
            forwarder_bytes += strlen(forwarder(old, i)) + 1;
    const size_t functions = old->header->NumberOfFunctions + count, names = old->header->NumberOfNames + count;
    struct layout layout = {.jumps = 0, .new_names = count * JUMP_BYTES};
    layout.header = (layout.new_names + name_bytes + 15) & ~(size_t)15;
    layout.functions = layout.header + sizeof(IMAGE_EXPORT_DIRECTORY);
    layout.names = layout.functions + functions * sizeof(uint32_t);
    layout.name_functions = layout.names + names * sizeof(uint32_t);
    layout.forwarders = layout.name_functions + names * sizeof(uint16_t);
    layout.end = layout.forwarders + forwarder_bytes;
    return layout;
}

static uint8_t *allocate_above(const uint8_t *base, size_t size) {
    for (uint64_t offset = 16 * SEARCH_STEP; offset + size < UINT32_MAX; offset += SEARCH_STEP) {
        void *memory = VirtualAlloc((void *)(base + offset), size, MEM_RESERVE | MEM_COMMIT, PAGE_EXECUTE_READWRITE);
        if (memory)
            return memory;
    }
    return NULL;
}

/* jmp [rip + 0], followed by the target */
static void write_jump(uint8_t *code, void *target) {
    static const uint8_t jump[6] = {0xFF, 0x25};
    memcpy(code, jump, sizeof jump);
    memcpy(code + sizeof jump, &target, sizeof target);
}

static int by_text(const void *a, const void *b) {
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text);
}

/* Copies the old functions. The forwarders' texts move into the new span. */
static void copy_functions(const struct directory *old, uint8_t *memory, const struct layout *layout) {
    uint32_t *functions = (uint32_t *)(memory + layout->functions);
    char *text = (char *)memory + layout->forwarders;
    for (uint32_t i = 0; i < old->header->NumberOfFunctions; i++) {
        functions[i] = old->functions[i];
        if (!forwarder(old, i))
            continue;
        strcpy(text, forwarder(old, i));
        functions[i] = (uint32_t)((uint8_t *)text - old->base);
        text += strlen(text) + 1;
    }
}

/* Replaces or adds the entries. Returns the number of names, all of which are in `names` afterwards. */
static uint32_t put_entries(const struct directory *old, uint8_t *memory, const struct layout *layout, struct name *names,
                            const struct export_entry *entries, size_t count, uint32_t *function_count) {
    uint32_t *functions = (uint32_t *)(memory + layout->functions), name_count = old->header->NumberOfNames;
    char *text = (char *)memory + layout->new_names;
    *function_count = old->header->NumberOfFunctions;
    for (uint32_t i = 0; i < name_count; i++)
        names[i] = (struct name){(const char *)old->base + old->names[i], old->name_functions[i]};
    for (size_t i = 0; i < count; i++) {
        uint8_t *code = memory + layout->jumps + i * JUMP_BYTES;
        struct name *name = NULL;
        for (uint32_t j = 0; j < name_count && !name; j++)
            if (strcmp(names[j].text, entries[i].name) == 0)
                name = &names[j];
        if (!name) {
            strcpy(text, entries[i].name);
            name = &names[name_count++];
            *name = (struct name){text, (uint16_t)(*function_count)++};
            text += strlen(text) + 1;
        }
        write_jump(code, entries[i].function);
        functions[name->function] = (uint32_t)(code - old->base);
    }
    return name_count;
}

BOOL exports_overlay(HMODULE module, const struct export_entry *entries, size_t count) {
    struct directory old;
    if (!read_directory(module, &old))
        return FALSE;
    const struct layout layout = lay_out(&old, entries, count);
    struct name *names = malloc((old.header->NumberOfNames + count) * sizeof *names);
    uint8_t *memory = names ? allocate_above(old.base, layout.end) : NULL;
    DWORD protection;
    if (!memory || !VirtualProtect(old.span, sizeof *old.span, PAGE_READWRITE, &protection)) {
        free(names);
        return FALSE;
    }
    for (size_t i = 0; i < count; i++)
        if (entries[i].original)
            *entries[i].original = (void *)GetProcAddress(module, entries[i].name);
    uint32_t function_count;
    copy_functions(&old, memory, &layout);
    const uint32_t name_count = put_entries(&old, memory, &layout, names, entries, count, &function_count);
    qsort(names, name_count, sizeof *names, by_text); /* the loader searches the names by halves */
    for (uint32_t i = 0; i < name_count; i++) {
        ((uint32_t *)(memory + layout.names))[i] = (uint32_t)((const uint8_t *)names[i].text - old.base);
        ((uint16_t *)(memory + layout.name_functions))[i] = names[i].function;
    }
    free(names);
    const uint32_t start = (uint32_t)(memory - old.base);
    IMAGE_EXPORT_DIRECTORY *header = (IMAGE_EXPORT_DIRECTORY *)(memory + layout.header);
    *header = *old.header;
    header->NumberOfFunctions = function_count;
    header->NumberOfNames = name_count;
    header->AddressOfFunctions = start + (uint32_t)layout.functions;
    header->AddressOfNames = start + (uint32_t)layout.names;
    header->AddressOfNameOrdinals = start + (uint32_t)layout.name_functions;
    old.span->VirtualAddress = start + (uint32_t)layout.header;
    old.span->Size = (uint32_t)(layout.end - layout.header);
    return VirtualProtect(old.span, sizeof *old.span, protection, &protection);
}
