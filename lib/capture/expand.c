/* gzip and zstd as streams that libpcap can read from. */
#define _GNU_SOURCE /* fopencookie() */
#include "capture/capture.h"

#include <errno.h>
#include <string.h>
#include <sys/types.h>
#include <zlib.h>
#include <zstd.h>

#define INPUT_BYTES 65536
#define OUTPUT_BUFFER_BYTES 65536

/*
 * A decompression bomb is known by what it expands to per byte read. Deflate cannot exceed 1032:1
 * (zlib.net, "zlib Technical Details": from memory), so a gzip file of nothing but zeros stays just
 * below 1100 while zstd's bombs (beyond 10 000:1) do not. The first 64 MiB are free.
 */
#define FREE_BYTES (UINT64_C(64) << 20)
#define DEFAULT_RATIO 1100

struct rnet_expansion {
    FILE *raw;
    enum rnet_compression compression;
    z_stream zlib;
    ZSTD_DStream *zstd;
    ZSTD_inBuffer pending; /* zstd: what is left of `input` */
    bool at_boundary;      /* between two members or frames: the input may end here */
    bool ended;
    uint64_t read_bytes;
    uint64_t expanded_bytes;
    uint64_t max_bytes;
    uint64_t max_ratio;
    struct rnet_input_failure failure;
    uint8_t input[INPUT_BYTES];
};

static void
fail(struct rnet_expansion *expansion, enum rnet_status status, bool cut, const char *words)
{
    expansion->ended = true;
    expansion->failure.status = status;
    expansion->failure.cut = cut;
    snprintf(expansion->failure.words, sizeof expansion->failure.words, "%s", words);
}

/* Read more compressed bytes; false at the end of the input or after a failure. */
static bool
refill(struct rnet_expansion *expansion, size_t *bytes)
{
    *bytes = fread(expansion->input, 1, sizeof expansion->input, expansion->raw);
    expansion->read_bytes += *bytes;
    if (*bytes > 0)
        return true;
    if (ferror(expansion->raw))
        fail(expansion, errno == EINTR ? RNET_EINTERRUPTED : RNET_EIO, false, strerror(errno));
    else if (!expansion->at_boundary)
        fail(expansion, RNET_PARTIAL, true, _("the compressed file ends early"));
    expansion->ended = true;
    return false;
}

/* Members may follow each other; anything else behind one (tape padding) is not looked at. */
static bool
begin_member(struct rnet_expansion *expansion)
{
    if (expansion->zlib.next_in[0] != 0x1f || inflateReset(&expansion->zlib) != Z_OK) {
        expansion->ended = true;
        return false;
    }
    expansion->at_boundary = false;
    return true;
}

/* Expand some of what is there. Answers how many bytes came out; 0 with ended not set = go on. */
static size_t
expand_gzip(struct rnet_expansion *expansion, char *out, size_t room)
{
    z_stream *zlib = &expansion->zlib;
    size_t bytes;
    int came_to;

    if (zlib->avail_in == 0) {
        if (!refill(expansion, &bytes))
            return 0;
        zlib->next_in = expansion->input;
        zlib->avail_in = (uInt)bytes;
    }
    if (expansion->at_boundary && !begin_member(expansion))
        return 0;
    zlib->next_out = (Bytef *)out;
    zlib->avail_out = (uInt)room;
    came_to = inflate(zlib, Z_NO_FLUSH);
    expansion->at_boundary = came_to == Z_STREAM_END;
    if (came_to == Z_MEM_ERROR)
        fail(expansion, RNET_ENOMEM, false, _("out of memory"));
    else if (came_to != Z_OK && came_to != Z_STREAM_END && came_to != Z_BUF_ERROR)
        fail(expansion, RNET_PARTIAL, false,
             zlib->msg != NULL ? zlib->msg : _("gzip data is damaged"));
    return room - zlib->avail_out;
}

static size_t
expand_zstd(struct rnet_expansion *expansion, char *out, size_t room)
{
    ZSTD_outBuffer to = {out, room, 0};
    size_t bytes, hint;

    if (expansion->pending.pos == expansion->pending.size) {
        if (!refill(expansion, &bytes))
            return 0;
        expansion->pending = (ZSTD_inBuffer){expansion->input, bytes, 0};
    }
    hint = ZSTD_decompressStream(expansion->zstd, &to, &expansion->pending);
    if (ZSTD_isError(hint))
        fail(expansion, RNET_PARTIAL, false, ZSTD_getErrorName(hint));
    else
        expansion->at_boundary = hint == 0;
    return to.pos;
}

static void
check_limits(struct rnet_expansion *expansion)
{
    char words[160];

    if (expansion->max_bytes != 0 && expansion->expanded_bytes > expansion->max_bytes) {
        snprintf(words, sizeof words, _("it expands to more than the %llu bytes allowed"),
                 (unsigned long long)expansion->max_bytes);
        fail(expansion, RNET_EFULL, false, words);
    } else if (expansion->expanded_bytes > FREE_BYTES &&
               expansion->expanded_bytes / expansion->max_ratio > expansion->read_bytes) {
        snprintf(words, sizeof words, _("it expands to more than %llu times its size"),
                 (unsigned long long)expansion->max_ratio);
        fail(expansion, RNET_EFULL, false, words);
    }
}

/* What came out before a failure is delivered; the failure is told by the call after. */
static ssize_t
read_expanded(void *cookie, char *out, size_t room)
{
    struct rnet_expansion *expansion = cookie;
    size_t got = 0;

    while (got == 0 && room > 0 && !expansion->ended) {
        got = expansion->compression == RNET_COMPRESSION_GZIP ? expand_gzip(expansion, out, room)
                                                              : expand_zstd(expansion, out, room);
        expansion->expanded_bytes += got;
        if (!expansion->ended)
            check_limits(expansion);
    }
    if (got == 0 && expansion->failure.status != RNET_OK) {
        errno = EIO;
        return -1;
    }
    return (ssize_t)got;
}

static int
close_expanded(void *cookie)
{
    struct rnet_expansion *expansion = cookie;

    if (expansion->compression == RNET_COMPRESSION_GZIP)
        inflateEnd(&expansion->zlib);
    else
        ZSTD_freeDStream(expansion->zstd);
    rnet_free(expansion);
    return 0;
}

static bool
begin(struct rnet_expansion *expansion)
{
    if (expansion->compression == RNET_COMPRESSION_GZIP)
        return inflateInit2(&expansion->zlib, 15 + 16) == Z_OK; /* largest window, gzip only */
    expansion->zstd = ZSTD_createDStream(); /* its own limit on a frame's window: 128 MiB */
    return expansion->zstd != NULL;
}

FILE *
rnet_expansion_open(FILE *raw, enum rnet_compression compression,
                    const struct rnet_capture_options *options, struct rnet_expansion **expansion)
{
    static const cookie_io_functions_t functions = {.read = read_expanded, .close = close_expanded};
    struct rnet_expansion *opened = rnet_alloc_zero(1, sizeof *opened);
    FILE *file = NULL;

    if (opened == NULL)
        return NULL;
    opened->raw = raw;
    opened->compression = compression;
    opened->max_bytes = options->max_expanded_bytes;
    opened->max_ratio =
        options->max_expansion_ratio != 0 ? options->max_expansion_ratio : DEFAULT_RATIO;
    if (!begin(opened)) {
        rnet_free(opened);
        return NULL;
    }
    file = fopencookie(opened, "rb", functions);
    if (file == NULL) {
        close_expanded(opened);
        return NULL;
    }
    setvbuf(file, NULL, _IOFBF, OUTPUT_BUFFER_BYTES);
    *expansion = opened;
    return file;
}

const struct rnet_input_failure *
rnet_expansion_failure(const struct rnet_expansion *expansion)
{
    return &expansion->failure;
}

uint64_t
rnet_expansion_read_bytes(const struct rnet_expansion *expansion)
{
    return expansion->read_bytes;
}
