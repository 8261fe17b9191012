/* An append-only log of bytes that spills to a temporary file. */
#include "profile/profile.h"

#include <string.h>

#define READ_BYTES (256u << 10)

static enum rnet_status
spill(struct log *log)
{
    if (log->spill == NULL)
        log->spill = tmpfile();
    if (log->spill == NULL || fseek(log->spill, 0, SEEK_END) != 0 ||
        fwrite(log->memory, 1, log->used, log->spill) != log->used)
        return RNET_EIO;
    log->spilled_bytes += log->used;
    log->used = 0;
    return RNET_OK;
}

enum rnet_status
log_append(struct log *log, const uint8_t *bytes, size_t count)
{
    enum rnet_status status;

    if (log->used + count > LOG_MEMORY_BYTES) {
        status = spill(log);
        if (status != RNET_OK)
            return status;
    }
    status = rnet_array_reserve((void **)&log->memory, &log->capacity, log->used + count, 1);
    if (status != RNET_OK)
        return status;
    memcpy(log->memory + log->used, bytes, count);
    log->used += count;
    return RNET_OK;
}

uint64_t
log_bytes(const struct log *log)
{
    return log->spilled_bytes + log->used;
}

void
log_clear(struct log *log)
{
    if (log->spill != NULL)
        fclose(log->spill);
    rnet_free(log->memory);
    *log = (struct log){0};
}

enum rnet_status
log_reader_init(struct log_reader *reader, struct log *log)
{
    *reader = (struct log_reader){.log = log, .spill_left = log->spilled_bytes};
    if (log->spill == NULL)
        return RNET_OK;
    reader->buffer = rnet_alloc(READ_BYTES);
    if (reader->buffer == NULL)
        return RNET_ENOMEM;
    if (fseek(log->spill, 0, SEEK_SET) == 0)
        return RNET_OK;
    rnet_free(reader->buffer);
    reader->buffer = NULL;
    return RNET_EIO;
}

void
log_reader_clear(struct log_reader *reader)
{
    rnet_free(reader->buffer);
    *reader = (struct log_reader){0};
}

/* Make at least one byte readable; false at the end of the log. */
static bool
refill(struct log_reader *reader)
{
    if (reader->spill_left > 0) {
        const size_t want =
            reader->spill_left < READ_BYTES ? (size_t)reader->spill_left : READ_BYTES;

        if (fread(reader->buffer, 1, want, reader->log->spill) != want)
            return false;
        reader->spill_left -= want;
        reader->at = reader->buffer;
        reader->end = reader->buffer + want;
        return true;
    }
    if (reader->in_memory || reader->log->used == 0)
        return false;
    reader->in_memory = true;
    reader->at = reader->log->memory;
    reader->end = reader->log->memory + reader->log->used;
    return true;
}

bool
log_at_end(struct log_reader *reader)
{
    return reader->at == reader->end && !refill(reader);
}

uint8_t
log_read_byte(struct log_reader *reader)
{
    if (reader->at == reader->end && !refill(reader)) {
        reader->failed = true;
        return 0;
    }
    return *reader->at++;
}

/* Longest form of 64 bits. */
#define VARINT_BYTES 10

uint64_t
log_read_varint(struct log_reader *reader)
{
    uint64_t value = 0;

    if (reader->end - reader->at >= VARINT_BYTES) { /* most: no need to ask byte by byte */
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const uint8_t byte = *reader->at++;

            value |= (uint64_t)(byte & 0x7f) << shift;
            if ((byte & 0x80) == 0)
                return value;
        }
        reader->failed = true;
        return 0;
    }

    for (unsigned shift = 0; shift < 64; shift += 7) {
        const uint8_t byte = log_read_byte(reader);

        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    reader->failed = true;
    return 0;
}

int64_t
log_read_signed(struct log_reader *reader)
{
    const uint64_t zigzag = log_read_varint(reader);

    return (int64_t)((zigzag >> 1) ^ (0 - (zigzag & 1)));
}

void
encode_byte(struct encoder *encoder, uint8_t byte)
{
    encoder->bytes[encoder->used++] = byte;
}

void
encode_varint(struct encoder *encoder, uint64_t value)
{
    while (value >= 0x80) {
        encode_byte(encoder, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    encode_byte(encoder, (uint8_t)value);
}

void
encode_signed(struct encoder *encoder, int64_t value)
{
    encode_varint(encoder, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}
