/*
 * A profile on disk: "RNETPROF", then varints and the log, all little-endian by construction, then
 * a CRC-32 of everything before it. What is written is what was seen; the summary is made again on
 * loading, so a file cannot disagree with itself.
 */
#include "profile/profile.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define MAGIC "RNETPROF"
#define MAGIC_BYTES 8
#define FORMAT_VERSION 2 /* 1 said nothing of the line it was captured behind */
/* A profile larger than this is refused: a month of a large office is below 1 GB. */
#define MAX_FILE_BYTES (UINT64_C(4) << 30)

/* In bit/s, ms and ms; a delay is one more than it is, 0 = not seen. */
static void
encode_line(struct encoder *encoder, const struct rnet_captured_line *line)
{
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        const double delay_ms = line->delay_ms[d];

        encode_varint(encoder, (uint64_t)(line->rate_bps[d] + 0.5));
        encode_varint(encoder, (uint64_t)(line->full_s[d] * 1000 + 0.5));
        encode_varint(encoder, isnan(delay_ms) ? 0 : (uint64_t)(delay_ms + 1.5));
    }
}

static void
decode_line(struct log_reader *reader, struct rnet_captured_line *line)
{
    for (int d = 0; d < RNET_DIRECTIONS; d++) {
        uint64_t delay;

        line->rate_bps[d] = (double)log_read_varint(reader);
        line->full_s[d] = (double)log_read_varint(reader) / 1000;
        delay = log_read_varint(reader);
        line->delay_ms[d] = delay == 0 ? (double)NAN : (double)(delay - 1);
    }
}

static void
encode_facts(struct encoder *encoder, const struct rnet_profile *profile)
{
    const struct rnet_profile_summary *summary = &profile->summary;

    encode_varint(encoder, FORMAT_VERSION);
    encode_varint(encoder, summary->packets);
    encode_varint(encoder, summary->wire_bytes);
    encode_varint(encoder, summary->office_hosts);
    encode_signed(encoder, summary->begin_ns);
    encode_varint(encoder, (uint64_t)(summary->end_ns - summary->begin_ns));
    encode_byte(encoder, summary->complete);
    for (size_t i = 0; i < RNET_DIGEST_TEXT; i++)
        encode_byte(encoder, (uint8_t)summary->digest[i]);
    encode_varint(encoder, RNET_NOTICE_COUNT);
    for (int i = 0; i < RNET_NOTICE_COUNT; i++)
        encode_varint(encoder, i == RNET_NOTICE_NOTHING_CROSSES ? 0 : summary->notices.count[i]);
    encode_line(encoder, &summary->captured_line);
    encode_varint(encoder, log_bytes(&profile->log));
}

static bool
put(FILE *file, const void *bytes, size_t count, uLong *crc)
{
    *crc = crc32(*crc, bytes, (uInt)count);
    return fwrite(bytes, 1, count, file) == count;
}

static bool
put_log(FILE *file, struct log *log, uLong *crc)
{
    struct log_reader reader;
    bool ok = log_reader_init(&reader, log) == RNET_OK;

    while (ok && !log_at_end(&reader)) {
        ok = put(file, reader.at, (size_t)(reader.end - reader.at), crc);
        reader.at = reader.end;
    }
    log_reader_clear(&reader);
    return ok;
}

static bool
write_all(FILE *file, struct rnet_profile *profile)
{
    struct encoder encoder = {.used = 0};
    uLong crc = crc32(0, NULL, 0);
    uint8_t tail[4];

    encode_facts(&encoder, profile);
    if (!put(file, MAGIC, MAGIC_BYTES, &crc) || !put(file, encoder.bytes, encoder.used, &crc) ||
        !put_log(file, &profile->log, &crc))
        return false;
    for (int i = 0; i < 4; i++)
        tail[i] = (uint8_t)(crc >> (8 * i));
    return fwrite(tail, 1, sizeof tail, file) == sizeof tail && fflush(file) == 0;
}

enum rnet_status
rnet_profile_write(struct rnet_profile *profile, uint8_t **bytes, size_t *count,
                   struct rnet_error *err)
{
    char *memory = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&memory, &size);
    bool ok = file != NULL && write_all(file, profile);

    if (file != NULL)
        ok = (fclose(file) == 0) && ok;
    if (!ok || memory == NULL) { /* glibc 2.36 gives no more than NULL where the last realloc() fails */
        free(memory);
        return rnet_error_set(err, RNET_ENOMEM, "the profile could not be copied to memory");
    }
    *bytes = (uint8_t *)memory;
    *count = size;
    return RNET_OK;
}

/* A device or a pipe is written to, never replaced by a file. */
static bool
is_special(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && !S_ISREG(found.st_mode);
}

static bool
write_special(struct rnet_profile *profile, const char *path)
{
    FILE *file = fopen(path, "wb");
    const bool ok = file != NULL && write_all(file, profile);

    return file != NULL && fclose(file) == 0 && ok;
}

enum rnet_status
rnet_profile_save(struct rnet_profile *profile, const char *path, struct rnet_error *err)
{
    const size_t room = strlen(path) + 32;
    char *temporary = rnet_alloc(room);
    FILE *file;
    bool ok;

    if (is_special(path)) {
        rnet_free(temporary);
        return write_special(profile, path)
                   ? RNET_OK
                   : rnet_error_set(err, RNET_EIO, "%s: cannot be written: %s", path,
                                    strerror(errno));
    }
    if (temporary == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "%s: out of memory", path);
    snprintf(temporary, room, "%s.tmp.%ld", path, (long)getpid());
    /* A file that was not there ("x"): all that a confined program may open. */
    unlink(temporary);
    file = fopen(temporary, "wbx");
    ok = file != NULL && write_all(file, profile) && fsync(fileno(file)) == 0;
    if (file != NULL)
        ok = (fclose(file) == 0) && ok;
    ok = ok && rename(temporary, path) == 0;
    if (!ok) {
        rnet_error_set(err, RNET_EIO, "%s: cannot be written: %s", path, strerror(errno));
        unlink(temporary);
    }
    rnet_free(temporary);
    return ok ? RNET_OK : RNET_EIO;
}

bool
rnet_profile_is_file(const char *path)
{
    char magic[MAGIC_BYTES];
    FILE *file = fopen(path, "rb");
    bool is;

    if (file == NULL)
        return false;
    is = fread(magic, 1, sizeof magic, file) == sizeof magic &&
         memcmp(magic, MAGIC, MAGIC_BYTES) == 0;
    fclose(file);
    return is;
}

/* The file's bytes go into a log of their own first, so that reading uses one bounded reader. */
static enum rnet_status
slurp(FILE *file, struct log *log, uLong *crc, struct rnet_error *err)
{
    uint8_t block[65536];
    size_t got;

    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        enum rnet_status status;

        if (log_bytes(log) + got > MAX_FILE_BYTES)
            return rnet_error_set(err, RNET_EFULL, "larger than %" PRIu64 " bytes", MAX_FILE_BYTES);
        *crc = crc32(*crc, block, (uInt)got);
        status = log_append(log, block, got);
        if (status != RNET_OK)
            return rnet_error_set(err, status, "%s", rnet_status_text(status));
    }
    return ferror(file) ? rnet_error_set(err, RNET_EIO, "%s", strerror(errno)) : RNET_OK;
}

static enum rnet_status
decode_facts(struct log_reader *reader, struct rnet_capture_facts *facts, uint64_t *records_bytes,
             struct rnet_error *err)
{
    uint64_t version, notices;

    for (int i = 0; i < MAGIC_BYTES; i++)
        if (log_read_byte(reader) != (uint8_t)MAGIC[i])
            return rnet_error_set(err, RNET_EFORMAT, "not a saved profile");
    version = log_read_varint(reader);
    if (version == 0 || version > FORMAT_VERSION)
        return rnet_error_set(err, RNET_EUNSUPPORTED,
                              "profile format %" PRIu64 ", this version reads up to %d", version,
                              FORMAT_VERSION);
    facts->packets = log_read_varint(reader);
    facts->wire_bytes = log_read_varint(reader);
    facts->office_hosts = log_read_varint(reader);
    facts->begin_ns = log_read_signed(reader);
    facts->end_ns = (int64_t)((uint64_t)facts->begin_ns + (log_read_varint(reader) & INT64_MAX));
    facts->complete = log_read_byte(reader) != 0;
    for (size_t i = 0; i < RNET_DIGEST_TEXT; i++)
        facts->digest[i] = (char)log_read_byte(reader);
    facts->digest[RNET_DIGEST_TEXT - 1] = '\0';
    notices = log_read_varint(reader);
    for (uint64_t i = 0; i < notices && !reader->failed; i++) {
        const uint64_t count = log_read_varint(reader);

        if (i < RNET_NOTICE_COUNT)
            facts->notices.count[i] = count;
    }
    if (version >= 2)
        decode_line(reader, &facts->captured_line);
    *records_bytes = log_read_varint(reader);
    return reader->failed || facts->end_ns < facts->begin_ns
               ? rnet_error_set(err, RNET_EFORMAT, "the header is damaged")
               : RNET_OK;
}

/* Copy the records into the profile's own log. */
static enum rnet_status
take_records(struct log_reader *reader, struct rnet_profile *profile, uint64_t bytes)
{
    enum rnet_status status = RNET_OK;

    while (bytes > 0 && status == RNET_OK) {
        size_t piece;

        if (log_at_end(reader))
            return RNET_EFORMAT;
        piece = (size_t)(reader->end - reader->at);
        if (piece > bytes)
            piece = (size_t)bytes;
        status = log_append(&profile->log, reader->at, piece);
        reader->at += piece;
        bytes -= piece;
    }
    return status;
}

static enum rnet_status
parse(struct log *raw, struct rnet_profile *profile, struct rnet_error *err)
{
    struct rnet_capture_facts facts = {0};
    struct log_reader reader;
    uint64_t records_bytes = 0;
    enum rnet_status status = log_reader_init(&reader, raw);

    if (status == RNET_OK)
        status = decode_facts(&reader, &facts, &records_bytes, err);
    if (status == RNET_OK) {
        status = take_records(&reader, profile, records_bytes);
        if (status == RNET_OK)
            status = rnet_profile_finish(profile, &facts);
        if (status != RNET_OK)
            rnet_error_set(err, status, "the records are damaged");
    }
    log_reader_clear(&reader);
    return status;
}

static enum rnet_status
load(FILE *file, struct rnet_profile *profile, struct rnet_error *err)
{
    struct log raw = {0};
    uLong crc = crc32(0, NULL, 0);
    enum rnet_status status = slurp(file, &raw, &crc, err);

    /* The CRC of data followed by its own CRC is a constant: 0x2144DF1C (computed from CRC-32's
     * definition, ISO 3309). */
    if (status == RNET_OK && crc != 0x2144DF1CUL)
        status = rnet_error_set(err, RNET_EFORMAT,
                                "checksum does not match: the file is cut or damaged");
    if (status == RNET_OK)
        status = parse(&raw, profile, err);
    log_clear(&raw);
    return status;
}

/* Open, read and close; name stands before any words. Takes the file over. */
static enum rnet_status
load_named(FILE *file, const char *name, struct rnet_profile **profile, struct rnet_error *err)
{
    struct rnet_error inner = {0};
    enum rnet_status status;

    *profile = NULL;
    status = rnet_profile_new(profile);
    if (status == RNET_OK)
        status = load(file, *profile, &inner);
    if (status != RNET_OK) {
        rnet_error_set(err, status, "%s: %s", name,
                       inner.message[0] != '\0' ? inner.message : rnet_status_text(status));
        rnet_profile_free(*profile);
        *profile = NULL;
    }
    fclose(file);
    return status;
}

enum rnet_status
rnet_profile_load(const char *path, struct rnet_profile **profile, struct rnet_error *err)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        return rnet_error_set(err, RNET_EIO, "%s: %s", path, strerror(errno));
    return load_named(file, path, profile, err);
}

enum rnet_status
rnet_profile_read(const void *bytes, size_t count, struct rnet_profile **profile,
                  struct rnet_error *err)
{
    /* Opened for reading only, so nothing is written through it. */
    FILE *file = count > 0 ? fmemopen((void *)(uintptr_t)bytes, count, "rb") : NULL;

    *profile = NULL;
    if (count == 0)
        return rnet_error_set(err, RNET_EFORMAT, "profile: there is nothing in it");
    if (file == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "profile: %s", strerror(errno));
    return load_named(file, "profile", profile, err);
}
