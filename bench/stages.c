/*
 * One stage of the chain over a capture, and those before it: what bench/peers and
 * bench/instructions measure from outside.
 *
 *     stages STAGE CAPTURE [LINES [THREADS]]
 *
 * STAGE is pcap (a bare pcap_loop), read, decode, flow, profile, profile-no-dpi, demand or replay
 * (both from the capture; the first stops before the replay), or assess (CAPTURE is then a saved
 * profile, assessed over LINES lines on THREADS threads). A capture is profiled on THREADS threads too
 * (default 1 for both). CAPTURE may be `-`.
 */
#include <pcap/pcap.h>
#include <ruralnet/ruralnet.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LINES 64

static uint64_t packets, flows;

static int
fail(const char *words)
{
    fprintf(stderr, "stages: %s\n", words);
    return EXIT_FAILURE;
}

static void
count_packet(u_char *user, const struct pcap_pkthdr *header, const u_char *bytes)
{
    (void)user;
    (void)header;
    (void)bytes;
    packets++;
}

static int
loop_pcap(const char *path)
{
    char words[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline(path, words);

    if (pcap == NULL)
        return fail(words);
    pcap_loop(pcap, -1, count_packet, NULL);
    pcap_close(pcap);
    return EXIT_SUCCESS;
}

static enum rnet_status
count_flow(void *context, const struct rnet_flow *flow)
{
    (void)context;
    (void)flow;
    flows++;
    return RNET_OK;
}

/* Reading, decoding and the flow table, as far as asked. */
static int
walk(struct rnet_capture *capture, bool decode, bool flow)
{
    const struct rnet_flow_sink sink = {.ended = count_flow};
    struct rnet_flow_table *table = NULL;
    struct rnet_notices notices = {0};
    struct rnet_packet packet = {0};
    struct rnet_headers headers;
    struct rnet_clock clock = {0};
    enum rnet_status status = flow ? rnet_flow_table_new(NULL, &sink, &table) : RNET_OK;

    while (status == RNET_OK && rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        packets++;
        if (!decode || rnet_packet_decode(&packet, &headers, &notices) != RNET_OK)
            continue;
        headers.time_ns = rnet_clock_contain(&clock, packet.time_ns);
        if (flow)
            status = rnet_flow_table_add(table, &headers, NULL);
    }
    if (flow && status == RNET_OK)
        status = rnet_flow_table_finish(table);
    rnet_flow_table_free(table);
    return status == RNET_OK ? EXIT_SUCCESS : fail(rnet_status_text(status));
}

static enum rnet_status
replay_profile(struct rnet_profile *profile, bool replay, struct rnet_error *err)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    struct rnet_demand demand = {0};
    struct rnet_outcomes outcomes = {0};
    struct rnet_link link;
    enum rnet_status status = rnet_link_parse("adsl-2m", &link, err);

    if (status == RNET_OK)
        status = rnet_profile_demand(profile, summary->begin_ns, summary->end_ns + 1, &demand, err);
    if (status == RNET_OK && replay)
        status = rnet_replay_run(&demand, &link, NULL, &outcomes, err);
    if (status == RNET_OK && replay)
        packets = outcomes.packets;
    rnet_outcomes_clear(&outcomes);
    rnet_demand_clear(&demand);
    return status;
}

static int
observe(struct rnet_capture *capture, uint32_t threads, bool no_dpi, bool demand, bool replay)
{
    const struct rnet_observe_options options = {.no_dpi = no_dpi, .threads = threads};
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    enum rnet_status status = rnet_observe(capture, &options, &profile, &err);

    if (status >= RNET_OK) {
        packets = rnet_profile_get_summary(profile)->packets;
        flows = rnet_profile_get_summary(profile)->flows;
        if (demand)
            status = replay_profile(profile, replay, &err);
    }
    rnet_profile_free(profile);
    return status >= RNET_OK ? EXIT_SUCCESS : fail(err.message);
}

/* Lines that all differ, so that nothing can be shared between them. */
static int
assess(const char *path, uint32_t lines, uint32_t threads)
{
    static char names[MAX_LINES][32];
    const char *links[MAX_LINES];
    struct rnet_assess_options options = {
        .links = links, .link_count = lines, .seed = 1, .threads = threads};
    struct rnet_assessment assessment = {0};
    struct rnet_profile *profile = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;

    for (uint32_t i = 0; i < lines; i++) {
        snprintf(names[i], sizeof names[i], "adsl:%u/512", 4000 + 10 * i);
        links[i] = names[i];
    }
    status = rnet_profile_load(path, &profile, &err);
    if (status == RNET_OK)
        status = rnet_assess(profile, &options, &assessment, &err);
    rnet_assessment_clear(&assessment);
    rnet_profile_free(profile);
    return status >= RNET_OK ? EXIT_SUCCESS : fail(err.message);
}

static int
run_stage(const char *stage, struct rnet_capture *capture, uint32_t threads)
{
    static const char *const walks[] = {"read", "decode", "flow"};
    static const char *const others[] = {"profile", "profile-no-dpi", "demand", "replay"};

    for (int i = 0; i < 3; i++)
        if (strcmp(stage, walks[i]) == 0)
            return walk(capture, i > 0, i > 1);
    for (int i = 0; i < 4; i++)
        if (strcmp(stage, others[i]) == 0)
            return observe(capture, threads, i == 1, i > 1, i == 3);
    return fail("no such stage");
}

int
main(int argc, char **argv)
{
    const uint32_t lines = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1;
    const uint32_t threads = argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 1;
    struct rnet_capture *capture = NULL;
    struct rnet_error err = {0};
    int code;

    if (argc < 3 || lines < 1 || lines > MAX_LINES)
        return fail("usage: stages STAGE CAPTURE [LINES [THREADS]]");
    if (strcmp(argv[1], "pcap") == 0)
        code = loop_pcap(argv[2]);
    else if (strcmp(argv[1], "assess") == 0)
        return assess(argv[2], lines, threads);
    else if (rnet_capture_open(argv[2], NULL, &capture, &err) != RNET_OK)
        return fail(err.message);
    else
        code = run_stage(argv[1], capture, threads);
    rnet_capture_close(capture);
    printf("packets %" PRIu64 " flows %" PRIu64 "\n", packets, flows);
    return code;
}
