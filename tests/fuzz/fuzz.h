/* For fuzz targets: bytes as a file, and an allocator that fails once in some of the runs. */
#ifndef RNET_TESTS_FUZZ_H
#define RNET_TESTS_FUZZ_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create() */
#endif
#include "base/base.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many inputs got to what the target is there for. A target whose seeds never do is blind,
 * which nothing else would tell: replaying them fails. One for all files of a program. */
unsigned fuzz_reached __attribute__((weak));

/*
 * In one run of four one allocation fails, early rather than late: which one follows from the bytes
 * alone (FNV-1a, whose constants are computed from its definition), so that every run can be
 * repeated. fuzz_end_failing() must come before the target returns.
 */
static inline void
fuzz_begin_failing(const uint8_t *data, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++)
        hash = (hash ^ data[i]) * UINT64_C(0x100000001b3);
    hash ^= hash >> 32;
    rnet_alloc_fail_at(hash % 4 == 0 ? 1 + (hash / 4) % (UINT64_C(1) << (hash / 1024 % 12)) : 0);
}

static inline void
fuzz_end_failing(void)
{
    rnet_alloc_fail_at(0);
}

/* A file of these bytes without a name of its own; close the descriptor afterwards. */
static inline int
fuzz_file(const uint8_t *data, size_t size, char path[64])
{
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        exit(1);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* A failure must come with words. */
static inline void
fuzz_expect_words(enum rnet_status status, const struct rnet_error *err)
{
    if (status < RNET_OK && err->message[0] == '\0')
        abort();
}

#endif
