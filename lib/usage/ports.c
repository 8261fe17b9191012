/* The weakest of the named evidence: port numbers. */
#include "usage/ports.h"

#include "base/base.h"
#include "usage/table.h"

#include <stdio.h>
#include <string.h>

/* How much a port of the side that opened the flow is worth against one of the other side: that
 * port is usually drawn at random, so a hit is likely chance. Chosen; no deeper reason. */
#define CLIENT_PORT_RATIO 0.6f
/* Ports from here on are drawn at random by common systems (RFC 6335 §6: 49152; Linux: 32768). */
#define EPHEMERAL_PORT 32768

enum space { SPACE_TCP, SPACE_UDP, SPACE_IP, SPACES };

struct entry {
    struct rnet_opinion opinion;
    uint16_t first, last;
    uint8_t space;
    unsigned line;
};

struct rnet_ports {
    void *entries; /* struct entry */
    size_t count, capacity;
    uint16_t *found[SPACES]; /* by number: entry + 1, or 0 */
};

static const struct entry *
entry_at(const struct rnet_ports *ports, size_t index)
{
    return (const struct entry *)ports->entries + index;
}

static enum rnet_status
add_entry(struct rnet_ports *ports, const struct entry *entry, const struct rnet_table_line *line,
          struct rnet_error *err)
{
    const enum rnet_status status =
        rnet_array_reserve(&ports->entries, &ports->capacity, ports->count + 1, sizeof *entry);

    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s: out of memory", line->file);
    for (size_t i = 0; i < ports->count; i++) {
        const struct entry *old = entry_at(ports, i);

        if (old->space == entry->space && old->first == entry->first && old->last == entry->last)
            return rnet_table_refuse(err, line, "line %u has these ports already", old->line);
    }
    if (ports->count >= UINT16_MAX - 1)
        return rnet_table_refuse(err, line, "more than %u lines", UINT16_MAX - 1);
    memcpy((struct entry *)ports->entries + ports->count++, entry, sizeof *entry);
    return RNET_OK;
}

static enum rnet_status
take_line(void *context, const struct rnet_table_line *line, struct rnet_error *err)
{
    struct entry entry = {.opinion.evidence = RNET_EVIDENCE_PORT, .line = line->number};
    const char *const where = line->field[0];
    enum rnet_status status;

    if (line->fields != 5)
        return rnet_table_refuse(err, line, "5 fields are needed, not %zu", line->fields);
    if ((status = rnet_table_range(line, 1, &entry.first, &entry.last, err)) != RNET_OK ||
        (status = rnet_table_usage(line, 2, &entry.opinion.usage, err)) != RNET_OK ||
        (status = rnet_table_confidence(line, 3, &entry.opinion.confidence, err)) != RNET_OK)
        return status;
    rnet_table_note(line, RNET_TABLE_PORTS, &entry.opinion);
    snprintf(entry.opinion.application, sizeof entry.opinion.application, "%s", line->field[4]);
    if (strcmp(where, "ip") == 0 && entry.last <= UINT8_MAX)
        entry.space = SPACE_IP;
    else if (strcmp(where, "udp") == 0)
        entry.space = SPACE_UDP;
    else if (strcmp(where, "tcp") != 0 && strcmp(where, "both") != 0)
        return rnet_table_refuse(err, line,
                                 "tcp, udp, both or ip (up to 255) is needed, not '%.40s'", where);
    status = add_entry(context, &entry, line, err);
    if (status == RNET_OK && strcmp(where, "both") == 0) {
        entry.space = SPACE_UDP;
        status = add_entry(context, &entry, line, err);
    }
    return status;
}

/* Of several entries for a port the narrowest holds. */
static void
index_entry(struct rnet_ports *ports, size_t index)
{
    const struct entry *entry = entry_at(ports, index);
    uint16_t *found = ports->found[entry->space];

    for (unsigned number = entry->first; number <= entry->last; number++) {
        const struct entry *old = found[number] != 0 ? entry_at(ports, found[number] - 1u) : NULL;

        if (old == NULL || entry->last - entry->first < old->last - old->first)
            found[number] = (uint16_t)(index + 1);
    }
}

enum rnet_status
rnet_ports_new(const char *directory, struct rnet_ports **ports, struct rnet_error *err)
{
    struct rnet_ports *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status = made != NULL ? RNET_OK : RNET_ENOMEM;

    for (int space = 0; status == RNET_OK && space < SPACES; space++) {
        made->found[space] = rnet_alloc_zero(UINT16_MAX + 1, sizeof *made->found[space]);
        if (made->found[space] == NULL)
            status = RNET_ENOMEM;
    }
    if (status != RNET_OK)
        rnet_error_set(err, status, "ports.txt: out of memory");
    else
        status =
            rnet_table_read(directory, rnet_table_name(RNET_TABLE_PORTS), take_line, made, err);
    if (status != RNET_OK) {
        rnet_ports_free(made);
        return status;
    }
    for (size_t i = 0; i < made->count; i++)
        index_entry(made, i);
    *ports = made;
    return RNET_OK;
}

void
rnet_ports_free(struct rnet_ports *ports)
{
    if (ports == NULL)
        return;
    for (int space = 0; space < SPACES; space++)
        rnet_free(ports->found[space]);
    rnet_free(ports->entries);
    rnet_free(ports);
}

static const struct rnet_opinion *
look_up(const struct rnet_ports *ports, enum space space, uint16_t number)
{
    static const struct rnet_opinion none;
    const uint16_t found = ports->found[space][number];

    return found != 0 ? &entry_at(ports, found - 1u)->opinion : &none;
}

void
rnet_ports_judge(const struct rnet_ports *ports, const struct rnet_flow *flow,
                 struct rnet_opinion *opinion)
{
    const uint16_t server_port = flow->opened_by_office ? flow->internet_port : flow->office_port;
    const uint16_t client_port = flow->opened_by_office ? flow->office_port : flow->internet_port;
    struct rnet_opinion other;
    enum space space = SPACE_TCP;

    if (flow->protocol != RNET_IPPROTO_TCP && flow->protocol != RNET_IPPROTO_UDP) {
        *opinion = *look_up(ports, SPACE_IP, flow->protocol);
        return;
    }
    if (flow->protocol == RNET_IPPROTO_UDP)
        space = SPACE_UDP;
    *opinion = *look_up(ports, space, server_port);
    if (client_port >= EPHEMERAL_PORT ||
        (flow->protocol == RNET_IPPROTO_TCP &&
         flow->conversation.flags & RNET_CONVERSATION_HANDSHAKE_SEEN))
        return;
    other = *look_up(ports, space, client_port);
    other.confidence *= CLIENT_PORT_RATIO;
    if (other.confidence > opinion->confidence)
        *opinion = other;
}
