/* RFC 1035 §4, as little of it as finding addresses takes. */
#include "usage/dns.h"

#include <ctype.h>
#include <string.h>

#define NAME_MAX_BYTES 256
#define HEADER_BYTES 12
#define TYPE_A 1
#define TYPE_AAAA 28
#define FLAG_RESPONSE 0x80
/* More records than a real answer has; keeps a hostile one cheap. */
#define RECORDS_MAX 64

struct reader {
    const uint8_t *message;
    size_t bytes, at;
};

static uint16_t
u16_at(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/*
 * Read a name at reader->at into `name` (may be NULL: skip). Compression pointers (RFC 1035 §4.1.4)
 * are followed towards the front only, so a loop cannot last.
 */
static bool
read_name(struct reader *reader, char name[NAME_MAX_BYTES])
{
    size_t at = reader->at, length = 0, limit = reader->bytes;
    bool jumped = false;

    for (;;) {
        uint8_t label;

        if (at >= limit)
            return false;
        label = reader->message[at];
        if (label >= 0xc0) {
            size_t target;

            if (at + 2 > reader->bytes)
                return false;
            target = u16_at(reader->message + at) & 0x3fffu;
            if (!jumped)
                reader->at = at + 2;
            if (target >= at)
                return false;
            jumped = true;
            limit = at;
            at = target;
            continue;
        }
        at++;
        if (label == 0)
            break;
        if (label > 63 || at + label > reader->bytes || length + label + 2 > NAME_MAX_BYTES)
            return false;
        for (uint8_t i = 0; name != NULL && i < label; i++)
            name[length + i] = (char)tolower(reader->message[at + i]);
        length += label;
        if (name != NULL)
            name[length] = '.';
        length++;
        at += label;
    }
    if (!jumped)
        reader->at = at;
    if (name != NULL)
        name[length > 0 ? length - 1 : 0] = '\0';
    return true;
}

static bool
read_record(struct reader *reader, struct rnet_address *address)
{
    uint16_t type, length;

    if (!read_name(reader, NULL) || reader->at + 10 > reader->bytes)
        return false;
    type = u16_at(reader->message + reader->at);
    length = u16_at(reader->message + reader->at + 8);
    reader->at += 10;
    if (reader->at + length > reader->bytes)
        return false;
    memset(address, 0, sizeof *address);
    if (type == TYPE_A && length == 4)
        address->version = 4;
    else if (type == TYPE_AAAA && length == 16)
        address->version = 6;
    if (address->version != 0)
        memcpy(address->bytes, reader->message + reader->at, length);
    reader->at += length;
    return true;
}

void
rnet_dns_read(const uint8_t *message, size_t bytes, rnet_dns_take take, void *context)
{
    struct reader reader = {message, bytes, HEADER_BYTES};
    char name[NAME_MAX_BYTES] = "";
    struct rnet_address address;
    uint16_t questions, answers;

    if (bytes < HEADER_BYTES || (message[2] & FLAG_RESPONSE) == 0)
        return;
    questions = u16_at(message + 4);
    answers = u16_at(message + 6);
    if (questions > 1)
        return;
    if (questions == 1) {
        if (!read_name(&reader, name) || reader.at + 4 > bytes)
            return;
        reader.at += 4;
    }
    for (uint16_t i = 0; i < answers && i < RECORDS_MAX; i++) {
        struct reader here = reader;

        /* mDNS answers repeat no question: the record's own name serves. */
        if (questions == 0 && !read_name(&here, name))
            return;
        if (!read_record(&reader, &address))
            return;
        if (address.version != 0 && name[0] != '\0')
            take(context, name, &address);
    }
}
