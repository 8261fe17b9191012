/* Base, for neighbours inside the library: allocation, error words, random streams. */
#ifndef RNET_BASE_INTERNAL_H
#define RNET_BASE_INTERNAL_H

#include <ruralnet/base.h>

#include <libintl.h>

/*
 * Words a person reads are English in the source and translated where they are put together: _()
 * looks one up for the language of the calling thread's locale, N_() only marks it for the
 * catalogue (lib/po). Identifiers, file formats and what programs compare are never translated.
 */
#define RNET_TEXT_DOMAIN "libruralnet"
#define N_(text) text

/* "" stays "": to gettext it means the catalogue's own heading. */
static inline const char *__attribute__((format_arg(1)))
rnet_translate(const char *text)
{
    return *text != '\0' ? dgettext(RNET_TEXT_DOMAIN, text) : text;
}
#define _(text) rnet_translate(text)
/* The form for n of something: _n("%zu line", "%zu lines", n). */
#define _n(one, many, n) dngettext(RNET_TEXT_DOMAIN, one, many, (unsigned long)(n))

#define RNET_NS_PER_S INT64_C(1000000000)
#define RNET_NS_PER_MS INT64_C(1000000)
#define RNET_NS_PER_US INT64_C(1000)

/*
 * Every allocation of the library goes through these, so that a test can make the n-th one fail
 * (tests/failing-alloc.h). They behave like their C namesakes; the array forms refuse a product
 * that overflows.
 */
void *
rnet_alloc(size_t bytes);
void *
rnet_alloc_zero(size_t count, size_t bytes_each);
void *
rnet_realloc_array(void *old, size_t count, size_t bytes_each);
char *
rnet_strdup(const char *text);
void
rnet_free(void *memory);

/* Test hook: the n-th allocation from now on (1 = the next) fails, and only that one; 0 = none.
 * Not thread-safe; for tests only. Returns how many allocations were counted since the last call.
 */
uint64_t
rnet_alloc_fail_at(uint64_t n);
/* What the process has from malloc, all threads together. Takes some microseconds. */
uint64_t
rnet_heap_bytes(void);

/* From one time to a later one; 0 if it is not later. Profiles on disk may hold any times, and times
 * since 1970 as doubles are 256 ns apart: subtract first. */
static inline int64_t
rnet_elapsed_ns(int64_t from_ns, int64_t to_ns)
{
    const uint64_t length = (uint64_t)to_ns - (uint64_t)from_ns;

    if (to_ns <= from_ns)
        return 0;
    return length > (uint64_t)INT64_MAX ? INT64_MAX : (int64_t)length;
}

/* Processor time of the calling thread, or of the whole process, in ns. */
int64_t
rnet_thread_cpu_ns(void);
int64_t
rnet_process_cpu_ns(void);

/* Whether a text, one line, has only characters to be shown. */
bool
rnet_is_printable(const char *text);

/*
 * Grow an array so that it can hold `needed` items: *items and *capacity are replaced together,
 * or, on RNET_ENOMEM, left as they were. Doubling keeps the cost of appending constant.
 */
enum rnet_status
rnet_array_reserve(void **items, size_t *capacity, size_t needed, size_t bytes_each);

/* Fill err (which may be NULL) and return status, so a failing function can end in one line. */
enum rnet_status
rnet_error_set(struct rnet_error *err, enum rnet_status status, const char *format, ...)
    RNET_PRINTF(3, 4);

static inline void
rnet_notice_add(struct rnet_notices *notices, enum rnet_notice notice)
{
    notices->count[notice]++;
}

/*
 * A random stream: splitmix64 (Steele, Lea, Flood 2014), one 64-bit word of state, full period,
 * so each node of a simulation owns one, seeded by (run seed, node id), and adding a node changes
 * nobody else's numbers.
 */
struct rnet_random {
    uint64_t state;
};

struct rnet_random
rnet_random_stream(uint64_t seed, uint64_t node_id);
uint64_t
rnet_random_u64(struct rnet_random *random);
/* Uniform in [0, 1). */
double
rnet_random_unit(struct rnet_random *random);
/* Uniform in [0, bound), unbiased; bound > 0. */
uint64_t
rnet_random_below(struct rnet_random *random, uint64_t bound);

#endif
