/*
 * Any bytes as packets of raw IP, through flow table and classifier, nDPI included: each packet is
 * two bytes of length, one of milliseconds since the one before, and the packet itself.
 */
#include "fuzz.h"

#include <ruralnet/flow.h>
#include <ruralnet/packet.h>
#include <ruralnet/usage.h>

#define RAW_IP 12 /* DLT_RAW: numbers are those libpcap gives, not those of files */

static struct rnet_classifier *
classifier(void)
{
    static struct rnet_classifier *made;
    struct rnet_error err = {0};

    if (made == NULL && rnet_classifier_new(NULL, &made, &err) != RNET_OK)
        abort();
    return made;
}

static enum rnet_status
take_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
              uint32_t first_index, size_t count)
{
    (void)context, (void)first_index;
    for (size_t i = 0; i < count; i++)
        if (messages[i].wait_ns < 0 || messages[i].bytes == 0)
            abort();
    if (flow->conversation.end_ns < flow->conversation.start_ns)
        abort();
    return RNET_OK;
}

static enum rnet_status
take_flow(void *context, const struct rnet_flow *flow)
{
    struct rnet_flow ended = *flow;
    struct rnet_label label;

    (void)context;
    fuzz_reached++;
    rnet_classifier_decide(classifier(), &ended, &label);
    if ((unsigned)label.usage >= RNET_USAGE_COUNT || !(label.confidence >= 0) ||
        label.confidence > 1 || flow->conversation.end_ns < flow->conversation.start_ns)
        abort();
    return RNET_OK;
}

static enum rnet_status
add(struct rnet_flow_table *table, const uint8_t *bytes, uint32_t count, int64_t time_ns)
{
    const struct rnet_packet packet = {.data = bytes,
                                       .captured_bytes = count,
                                       .wire_bytes = count,
                                       .link_type = RAW_IP,
                                       .time_ns = time_ns};
    struct rnet_headers headers;
    struct rnet_flow *flow;
    enum rnet_status status;

    if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
        return RNET_OK;
    headers.time_ns = time_ns;
    status = rnet_flow_table_add(table, &headers, &flow);
    if (status == RNET_OK && flow != NULL)
        status = rnet_classifier_feed(classifier(), flow, &headers);
    return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rnet_flow_sink sink = {.messages = take_messages, .ended = take_flow};
    const struct rnet_flow_options options = {.max_flows = 8, .hash_seed = {1, 2}};
    struct rnet_flow_table *table = NULL;
    int64_t time_ns = 1000 * RNET_NS_PER_S;
    size_t at = 0;

    classifier();
    fuzz_begin_failing(data, size);
    if (rnet_flow_table_new(&options, &sink, &table) == RNET_OK) {
        while (at + 3 < size) {
            const size_t wanted = (size_t)data[at] << 8 | data[at + 1];
            const size_t left = size - at - 3;
            const size_t count = wanted < left ? wanted : left;

            time_ns += data[at + 2] * RNET_NS_PER_MS;
            if (add(table, data + at + 3, (uint32_t)count, time_ns) != RNET_OK)
                break;
            at += 3 + count;
        }
        fuzz_end_failing();
        rnet_flow_table_finish(table);
    }
    fuzz_end_failing();
    rnet_flow_table_free(table);
    return 0;
}
