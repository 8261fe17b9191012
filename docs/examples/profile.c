/* A profile from packets, stage by stage: what rnet_observe() does in one call. A program with packets
 * of its own fills a struct rnet_packet where this one asks a capture for them.
 */
#include <ruralnet/ruralnet.h>
#include <stdio.h>

struct chain {
    struct rnet_classifier *classifier;
    struct rnet_flow_table *table;
    struct rnet_profile *profile;
    struct rnet_capture_facts facts;
};

static enum rnet_status
take_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
              uint32_t first_index, size_t count)
{
    struct chain *chain = context;

    return rnet_profile_add_messages(chain->profile, flow->id, messages, first_index, count);
}

static enum rnet_status
take_datagrams(void *context, const struct rnet_flow *flow, const struct rnet_datagram *datagrams,
               uint32_t first_index, size_t count)
{
    struct chain *chain = context;

    return rnet_profile_add_datagrams(chain->profile, flow->id, datagrams, first_index, count);
}

static enum rnet_status
take_flow(void *context, const struct rnet_flow *flow)
{
    struct chain *chain = context;
    struct rnet_flow ended = *flow;
    struct rnet_label label;

    rnet_classifier_decide(chain->classifier, &ended, &label);
    return rnet_profile_add_flow(chain->profile, &ended, &label);
}

static enum rnet_status
take_packet(struct chain *chain, const struct rnet_packet *packet)
{
    struct rnet_headers headers;
    struct rnet_flow *flow = NULL;
    enum rnet_status status;

    if (chain->facts.packets++ == 0)
        chain->facts.begin_ns = packet->time_ns;
    chain->facts.end_ns = packet->time_ns;
    chain->facts.wire_bytes += packet->wire_bytes;
    status = rnet_packet_decode(packet, &headers, &chain->facts.notices);
    if (status != RNET_OK)
        return status == RNET_ENOMEM ? status : RNET_OK; /* not IP: counted, and no flow */
    status = rnet_flow_table_add(chain->table, &headers, &flow);
    if (status == RNET_OK && flow != NULL)
        status = rnet_classifier_feed(chain->classifier, flow, &headers);
    return status;
}

static enum rnet_status
run(struct chain *chain, struct rnet_capture *capture, struct rnet_error *err)
{
    const struct rnet_flow_sink sink = {chain, take_messages, take_datagrams, take_flow};
    struct rnet_packet packet = {0};
    enum rnet_status status = rnet_profile_new(&chain->profile);

    if (status == RNET_OK)
        status = rnet_classifier_new(NULL, &chain->classifier, err);
    if (status == RNET_OK)
        status = rnet_flow_table_new(NULL, &sink, &chain->table);
    while (status == RNET_OK && (status = rnet_capture_next(capture, &packet, err)) == RNET_OK)
        status = take_packet(chain, &packet);
    if (status != RNET_END)
        return status;
    chain->facts.complete = true;
    status = rnet_flow_table_finish(chain->table);
    return status == RNET_OK ? rnet_profile_finish(chain->profile, &chain->facts) : status;
}

int
main(int argc, char **argv)
{
    struct chain chain = {0};
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};
    enum rnet_status status =
        argc == 2 ? rnet_capture_open(argv[1], NULL, &capture, &err) : RNET_EINVAL;

    if (status == RNET_OK)
        status = run(&chain, capture, &err);
    for (int u = 0; status == RNET_OK && u < RNET_USAGE_COUNT; u++) {
        const struct rnet_usage_summary *seen =
            &rnet_profile_get_summary(chain.profile)->usages[u];

        if (seen->flows > 0)
            printf("%s: %llu flows, %llu bytes\n", rnet_usage_info(seen->usage)->name,
                   (unsigned long long)seen->flows,
                   (unsigned long long)(seen->bytes[RNET_UP] + seen->bytes[RNET_DOWN]));
    }
    if (status != RNET_OK)
        fprintf(stderr, "profile: %s\n", err.message);
    rnet_flow_table_free(chain.table);
    rnet_classifier_free(chain.classifier);
    rnet_profile_free(chain.profile);
    rnet_capture_close(capture);
    return status != RNET_OK;
}
