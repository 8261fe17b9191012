#include "base/base.h"

#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local uint64_t allocations;
static _Thread_local uint64_t fail_at;

static bool
must_fail(void)
{
    allocations++;
    return fail_at != 0 && allocations == fail_at;
}

uint64_t
rnet_alloc_fail_at(uint64_t n)
{
    const uint64_t counted = allocations;

    allocations = 0;
    fail_at = n;
    return counted;
}

void *
rnet_alloc(size_t bytes)
{
    return must_fail() ? NULL : malloc(bytes != 0 ? bytes : 1);
}

void *
rnet_alloc_zero(size_t count, size_t bytes_each)
{
    return must_fail() ? NULL : calloc(count != 0 ? count : 1, bytes_each != 0 ? bytes_each : 1);
}

void *
rnet_realloc_array(void *old, size_t count, size_t bytes_each)
{
    if (must_fail() || (bytes_each != 0 && count > SIZE_MAX / bytes_each))
        return NULL;
    return realloc(old, count * bytes_each != 0 ? count * bytes_each : 1);
}

char *
rnet_strdup(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = rnet_alloc(bytes);

    if (copy != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

void
rnet_free(void *memory)
{
    free(memory);
}

enum rnet_status
rnet_array_reserve(void **items, size_t *capacity, size_t needed, size_t bytes_each)
{
    size_t grown = *capacity < 8 ? 8 : *capacity;
    void *moved;

    if (needed <= *capacity)
        return RNET_OK;
    while (grown < needed) {
        if (grown > SIZE_MAX / 2)
            return RNET_ENOMEM;
        grown *= 2;
    }
    moved = rnet_realloc_array(*items, grown, bytes_each);
    if (moved == NULL)
        return RNET_ENOMEM;
    *items = moved;
    *capacity = grown;
    return RNET_OK;
}

static void
look_at_heap(void)
{
    (void)mallinfo2();
}

/* Where another allocator stands in for glibc's, as in sanitizer builds, mallinfo2() sets glibc's
 * up when it is first called, and two threads at once find it half done. */
uint64_t
rnet_heap_bytes(void)
{
    static pthread_once_t looked = PTHREAD_ONCE_INIT;
    struct mallinfo2 heap;

    pthread_once(&looked, look_at_heap);
    heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
}
