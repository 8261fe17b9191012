/*
 * Preloaded into the program by tests/cli-faults: RNET_FAULT=CALL:N:ERROR makes the N-th call of
 * one kind fail, once, and says so on standard error; CALL "count" counts allocations instead. Only
 * files that are not standard output or error count for writing, only captures for reading;
 * SQLite's own reads and writes, which name a position, are "pread" and "pwrite". Allocations while
 * libseccomp makes its filter do not count: 2.5.4 hangs or crashes when one fails, before a byte of
 * a stranger's is looked at.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <seccomp.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static char kind[16];
static long wanted;
static int error;
static atomic_long seen;
static atomic_int ready;
static atomic_int makes_filter;

__attribute__((constructor)) static void
begin(void)
{
    const char *fault = getenv("RNET_FAULT");
    char name[16] = "";

    if (fault == NULL || sscanf(fault, "%15[^:]:%ld:%15s", kind, &wanted, name) < 2)
        return;
    error = strcmp(name, "ENOSPC") == 0   ? ENOSPC
            : strcmp(name, "EACCES") == 0 ? EACCES
            : strcmp(name, "ENOMEM") == 0 ? ENOMEM
                                          : EIO;
    ready = 1;
}

__attribute__((destructor)) static void
end(void)
{
    char words[64];

    if (strcmp(kind, "count") != 0)
        return;
    snprintf(words, sizeof words, "allocations: %ld\n", (long)seen);
    syscall(SYS_write, 2, words, strlen(words));
}

static int
must_fail(const char *call)
{
    static const char words[] = "fault injected\n";

    if (!ready || strcmp(kind, call) != 0 || atomic_fetch_add(&seen, 1) + 1 != wanted)
        return 0;
    syscall(SYS_write, 2, words, sizeof words - 1);
    errno = error;
    return 1;
}

scmp_filter_ctx
seccomp_init(uint32_t action)
{
    void *(*real)(uint32_t) = (void *(*)(uint32_t))dlsym(RTLD_NEXT, "seccomp_init");

    makes_filter = 1;
    return real(action);
}

void
seccomp_release(scmp_filter_ctx filter)
{
    void (*real)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "seccomp_release");

    real(filter);
    makes_filter = 0;
}

static int
allocation_fails(void)
{
    if (makes_filter)
        return 0;
    if (ready && strcmp(kind, "count") == 0) {
        atomic_fetch_add(&seen, 1);
        return 0;
    }
    return must_fail("malloc");
}

/* The C library's stdio calls its own read and write, which no preload can replace: streams are
 * reached through the functions that programs call. */
size_t
fread(void *to, size_t size, size_t count, FILE *file)
{
    static size_t (*real)(void *, size_t, size_t, FILE *);

    if (real == NULL)
        real = (size_t (*)(void *, size_t, size_t, FILE *))dlsym(RTLD_NEXT, "fread");
    if (must_fail("read")) {
        file->_flags |= 0x20; /* _IO_ERR_SEEN: what ferror() looks at, bits/types/struct_FILE.h */
        return 0;
    }
    return real(to, size, count, file);
}

size_t
fwrite(const void *from, size_t size, size_t count, FILE *file)
{
    static size_t (*real)(const void *, size_t, size_t, FILE *);

    if (real == NULL)
        real = (size_t (*)(const void *, size_t, size_t, FILE *))dlsym(RTLD_NEXT, "fwrite");
    if (file != stdout && file != stderr && fileno(file) > 2 && must_fail("write"))
        return 0;
    return real(from, size, count, file);
}

int
fsync(int fd)
{
    return must_fail("fsync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int
fdatasync(int fd)
{
    return must_fail("fsync") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t
pread64(int fd, void *to, size_t count, off64_t at)
{
    return must_fail("pread") ? -1 : syscall(SYS_pread64, fd, to, count, at);
}

ssize_t
pwrite64(int fd, const void *from, size_t count, off64_t at)
{
    return must_fail("pwrite") ? -1 : syscall(SYS_pwrite64, fd, from, count, at);
}

int
ftruncate64(int fd, off64_t length)
{
    return must_fail("truncate") ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int
unlink(const char *path)
{
    return must_fail("unlink") ? -1 : (int)syscall(SYS_unlink, path);
}

int
rename(const char *from, const char *to)
{
    return must_fail("rename") ? -1 : (int)syscall(SYS_rename, from, to);
}

int
fclose(FILE *file)
{
    static int (*real)(FILE *);
    const int writes = file != stdout && file != stderr && (file->_flags & 0x4) != 0; /* _IO_NO_READS */

    if (real == NULL)
        real = (int (*)(FILE *))dlsym(RTLD_NEXT, "fclose");
    if (writes && must_fail("close")) {
        real(file);
        errno = error;
        return EOF;
    }
    return real(file);
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
    return allocation_fails() ? NULL : __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    return allocation_fails() ? NULL : __libc_calloc(count, size);
}

void *
realloc(void *old, size_t size)
{
    return allocation_fails() ? NULL : __libc_realloc(old, size);
}
