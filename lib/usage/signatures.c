#include "usage/signatures.h"

#include "base/base.h"
#include "usage/table.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define PATTERN_MAX 32

struct signature {
    struct rnet_opinion opinion;
    uint16_t offset;
    uint16_t next;        /* of the same front: index + 1, 0 = last */
    uint16_t whole_bytes; /* the payload's length; 0 = any */
    uint8_t tcp, udp, length;
    uint8_t value[PATTERN_MAX], mask[PATTERN_MAX];
};

/* Signatures are found by the payload's first byte; those that leave it open come last. */
#define OPEN_FRONT 256
#define FRONTS 257

struct rnet_signatures {
    void *signatures; /* struct signature */
    size_t count, capacity;
    uint16_t first[FRONTS]; /* index + 1, 0 = none */
};

/* "16 03 01" written 160301, ".." for any byte; or "text with \s for a blank. */
static bool
parse_pattern(const char *text, struct signature *signature)
{
    uint8_t length = 0;

    if (text[0] == '"') {
        for (text++; *text != '\0' && *text != '"' && length < PATTERN_MAX; length++) {
            const bool blank = text[0] == '\\' && text[1] == 's';

            signature->value[length] = blank ? ' ' : (uint8_t)*text;
            signature->mask[length] = 0xff;
            text += blank ? 2 : 1;
        }
        signature->length = length;
        return length > 0 && text[0] == '"' && text[1] == '\0';
    }
    for (; text[0] != '\0' && length < PATTERN_MAX; text += 2, length++) {
        unsigned byte;

        if (text[0] == '.' && text[1] == '.')
            continue;
        if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
            sscanf(text, "%2x", &byte) != 1)
            return false;
        signature->value[length] = (uint8_t)byte;
        signature->mask[length] = 0xff;
    }
    signature->length = length;
    return length > 0 && text[0] == '\0';
}

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct rnet_signatures *signatures = context;
    struct signature signature = {.opinion.evidence = RNET_EVIDENCE_PROTOCOL};
    uint16_t last;
    enum rnet_status status;

    if (line->fields != 6 && line->fields != 7)
        return rnet_table_refuse(err, line, "6 or 7 fields are needed, not %zu", line->fields);
    signature.tcp = strcmp(line->field[0], "udp") != 0;
    signature.udp = strcmp(line->field[0], "tcp") != 0;
    if (signature.tcp && signature.udp && strcmp(line->field[0], "both") != 0)
        return rnet_table_refuse(err, line, "tcp, udp or both is needed, not '%.40s'",
                                 line->field[0]);
    if (!parse_pattern(line->field[2], &signature))
        return rnet_table_refuse(err, line, "'%.80s' is neither \"text\" nor pairs of hex digits",
                                 line->field[2]);
    if ((status = rnet_table_range(line, 1, &signature.offset, &last, err)) != RNET_OK ||
        (status = rnet_table_usage(line, 3, &signature.opinion.usage, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 4, &signature.opinion.confidence, err)) != RNET_OK)
        return status;
    if (line->fields == 7 &&
        (status = rnet_table_range(line, 6, &signature.whole_bytes, &last, err)) != RNET_OK)
        return status;
    if (signatures->count >= UINT16_MAX - 1)
        return rnet_table_refuse(err, line, "more than %u lines", UINT16_MAX - 1);
    rnet_table_note(line, RNET_TABLE_SIGNATURES, &signature.opinion);
    snprintf(signature.opinion.application, sizeof signature.opinion.application, "%s",
             line->field[5]);
    status = rnet_array_reserve(&signatures->signatures, &signatures->capacity,
                                signatures->count + 1, sizeof signature);
    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s: out of memory", line->file);
    memcpy((struct signature *)signatures->signatures + signatures->count++, &signature,
           sizeof signature);
    return RNET_OK;
}

static struct signature *
signature_at(const struct rnet_signatures *signatures, size_t index)
{
    return (struct signature *)signatures->signatures + index;
}

static void
index_fronts(struct rnet_signatures *signatures)
{
    for (size_t i = signatures->count; i-- > 0;) {
        struct signature *signature = signature_at(signatures, i);
        const bool open = signature->offset > 0 || signature->mask[0] == 0;
        uint16_t *front = &signatures->first[open ? OPEN_FRONT : signature->value[0]];

        signature->next = *front;
        *front = (uint16_t)(i + 1);
    }
}

enum rnet_status
rnet_signatures_new(const char *directory, struct rnet_signatures **signatures,
                    struct rnet_error *err)
{
    struct rnet_signatures *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status;

    if (made == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "signatures.txt: out of memory");
    status =
        rnet_table_read(directory, rnet_table_name(RNET_TABLE_SIGNATURES), take_line, made, err);
    if (status != RNET_OK) {
        rnet_signatures_free(made);
        return status;
    }
    index_fronts(made);
    *signatures = made;
    return RNET_OK;
}

void
rnet_signatures_free(struct rnet_signatures *signatures)
{
    if (signatures == NULL)
        return;
    rnet_free(signatures->signatures);
    rnet_free(signatures);
}

static bool
matches(const struct signature *signature, const uint8_t *payload, size_t bytes, size_t whole_bytes)
{
    if ((size_t)signature->offset + signature->length > bytes ||
        (signature->whole_bytes != 0 && signature->whole_bytes != whole_bytes))
        return false;
    for (uint8_t i = 0; i < signature->length; i++) {
        if ((payload[signature->offset + i] & signature->mask[i]) != signature->value[i])
            return false;
    }
    return true;
}

void
rnet_signatures_judge(const struct rnet_signatures *signatures, const struct rnet_headers *headers,
                      struct rnet_opinion *opinion)
{
    const uint8_t *payload = headers->payload;
    const size_t bytes = headers->payload_captured_bytes;

    memset(opinion, 0, sizeof *opinion);
    if (payload == NULL || bytes == 0)
        return;
    for (int list = 0; list < 2; list++) {
        const struct signature *signature;
        uint16_t at = signatures->first[list == 0 ? payload[0] : OPEN_FRONT];

        for (; at != 0; at = signature->next) {
            signature = signature_at(signatures, at - 1u);
            if ((headers->protocol == RNET_IPPROTO_TCP ? signature->tcp : signature->udp) != 0 &&
                signature->opinion.confidence > opinion->confidence &&
                matches(signature, payload, bytes, headers->payload_bytes))
                *opinion = signature->opinion;
        }
    }
}
