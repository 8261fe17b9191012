/*
 * Any bytes as the packets of a few TCP connections and UDP conversations between one office host
 * and one server, eight bytes each, so that every input reaches the extraction of messages; what
 * comes out must be a demand that a replay may rely on.
 */
#include "fuzz.h"

#include <ruralnet/flow.h>
#include <ruralnet/packet.h>
#include <ruralnet/profile.h>

#include <string.h>

#define STEP_BYTES 8
#define CONNECTIONS 4

struct sides {
    uint32_t sequence[RNET_DIRECTIONS];
};

static enum rnet_status
take_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
              uint32_t first_index, size_t count)
{
    return rnet_profile_add_messages(context, flow->id, messages, first_index, count);
}

static enum rnet_status
take_datagrams(void *context, const struct rnet_flow *flow, const struct rnet_datagram *datagrams,
               uint32_t first_index, size_t count)
{
    return rnet_profile_add_datagrams(context, flow->id, datagrams, first_index, count);
}

static enum rnet_status
take_flow(void *context, const struct rnet_flow *flow)
{
    const struct rnet_label label = {.usage = RNET_USAGE_WEB, .confidence = 1};

    return rnet_profile_add_flow(context, flow, &label);
}

static struct rnet_address
address(uint8_t first, uint8_t last)
{
    return (struct rnet_address){.version = 4, .bytes = {first, 0, 0, last}};
}

/* Step: connection and direction, flags, bytes (2), sequence jump, what is acknowledged, time (2). */
static void
make(const uint8_t *step, struct sides *connections, int64_t *time_ns, struct rnet_headers *headers)
{
    const uint8_t which = step[0] % CONNECTIONS;
    const bool up = (step[0] & 0x80) != 0;
    const bool udp = (step[0] & 0x40) != 0;
    struct sides *sides = &connections[which];
    const uint32_t bytes = ((uint32_t)step[2] << 8 | step[3]) % 3000;

    *time_ns += (int64_t)((uint32_t)step[6] << 8 | step[7]) * 50 * RNET_NS_PER_US;
    memset(headers, 0, sizeof *headers);
    headers->time_ns = *time_ns;
    headers->source = up ? address(10, 1) : address(8, which & 1);
    headers->destination = up ? address(8, which & 1) : address(10, 1);
    headers->line_source = headers->source;
    headers->line_destination = headers->destination;
    headers->has_transport = true;
    headers->protocol = udp ? RNET_IPPROTO_UDP : RNET_IPPROTO_TCP;
    headers->source_port = (uint16_t)(up ? 50000 + which : 443);
    headers->destination_port = (uint16_t)(up ? 443 : 50000 + which);
    headers->payload_bytes = bytes;
    headers->line_ip_bytes = headers->ip_bytes = bytes + (udp ? 28 : 40);
    headers->tcp_flags = step[1];
    headers->tcp_window = 65535;
    headers->tcp_sequence = sides->sequence[up] + (uint32_t)(int32_t)(int8_t)step[4] * 64;
    headers->tcp_acknowledgement = sides->sequence[!up] - step[5] * 16u;
    sides->sequence[up] = headers->tcp_sequence + bytes;
}

static void
check_demand(struct rnet_profile *profile)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    const int64_t span_ns = summary->end_ns - summary->begin_ns;
    struct rnet_demand demand = {0};
    struct rnet_error err = {0};

    for (int half = 0; half < 2; half++) {
        const int64_t begin_ns = summary->begin_ns + half * span_ns / 2;

        if (rnet_profile_demand(profile, begin_ns, summary->end_ns + 1, &demand, &err) == RNET_OK &&
            rnet_demand_check(&demand, &err) != RNET_OK)
            abort();
        fuzz_reached += demand.message_count > 0;
        rnet_demand_clear(&demand);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rnet_flow_options options = {.hash_seed = {1, 2}};
    struct rnet_capture_facts facts = {.begin_ns = 1000 * RNET_NS_PER_S};
    struct sides connections[CONNECTIONS] = {0};
    struct rnet_flow_table *table = NULL;
    struct rnet_profile *profile = NULL;
    enum rnet_status status;

    facts.end_ns = facts.begin_ns;
    fuzz_begin_failing(data, size);
    status = rnet_profile_new(&profile);
    if (status == RNET_OK) {
        const struct rnet_flow_sink sink = {profile, take_messages, take_datagrams, take_flow};

        status = rnet_flow_table_new(&options, &sink, &table);
    }
    for (size_t at = 0; at + STEP_BYTES <= size && status == RNET_OK; at += STEP_BYTES) {
        struct rnet_headers headers;

        make(data + at, connections, &facts.end_ns, &headers);
        facts.packets++;
        status = rnet_flow_table_add(table, &headers, NULL);
    }
    if (status == RNET_OK)
        status = rnet_flow_table_finish(table);
    if (status == RNET_OK)
        status = rnet_profile_finish(profile, &facts);
    if (status == RNET_OK)
        check_demand(profile);
    rnet_flow_table_free(table);
    rnet_profile_free(profile);
    fuzz_end_failing();
    return 0;
}
