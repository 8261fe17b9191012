/* Detection in a child: the same labels, and a crash or a hang costs one flow its detection. */
#include "suite.h"
#include "usage/classifier.h"

#include <ruralnet/ruralnet.h>

#include <string.h>

#define MOST_FLOWS 4096
#define CAPTURE RNET_SOURCE_ROOT "/tests/data/office.pcap"

struct labels {
    struct rnet_classifier *classifier;
    size_t count;
    struct rnet_label of[MOST_FLOWS]; /* by flow number */
    uint64_t given_up;
    bool waits; /* with labels until eight more flows are over, as an observation does */
    struct rnet_flow pending[8];
    size_t pended, labelled;
};

static struct labels here, apart;

static enum rnet_status
ignore_messages(void *context, const struct rnet_flow *flow, const struct rnet_message *messages,
                uint32_t first_index, size_t count)
{
    (void)context, (void)flow, (void)messages, (void)first_index, (void)count;
    return RNET_OK;
}

static void
label_next(struct labels *labels)
{
    struct rnet_flow *flow = &labels->pending[labels->labelled++ % 8];

    rnet_classifier_decide(labels->classifier, flow, &labels->of[flow->id]);
    labels->count++;
}

static enum rnet_status
take_flow(void *context, const struct rnet_flow *flow)
{
    struct labels *labels = context;

    ck_assert_uint_lt(flow->id, MOST_FLOWS);
    if (labels->pended - labels->labelled == 8)
        label_next(labels);
    labels->pending[labels->pended++ % 8] = *flow;
    if (labels->waits)
        rnet_classifier_expect(labels->classifier, flow);
    else
        label_next(labels);
    return RNET_OK;
}

static void
read_packets(struct rnet_capture *capture, struct rnet_flow_table *table, struct labels *labels)
{
    struct rnet_packet packet;
    struct rnet_headers headers;
    struct rnet_flow *flow;

    while (rnet_capture_next(capture, &packet, NULL) == RNET_OK) {
        if (rnet_packet_decode(&packet, &headers, NULL) != RNET_OK)
            continue;
        ck_assert_int_eq(rnet_flow_table_add(table, &headers, &flow), RNET_OK);
        if (flow != NULL)
            ck_assert_int_eq(rnet_classifier_feed(labels->classifier, flow, &headers), RNET_OK);
    }
    ck_assert_int_eq(rnet_flow_table_finish(table), RNET_OK);
    while (labels->labelled < labels->pended)
        label_next(labels);
}

/* Label every flow of the capture, the n-th packet for detection going wrong. */
static void
label_all(struct labels *labels, bool isolated, uint64_t n, enum rnet_fault fault)
{
    const struct rnet_classifier_options options = {.isolate_detection = isolated};
    const struct rnet_flow_options flow_options = {.hash_seed = {1, 1}};
    const struct rnet_flow_sink sink = {.context = labels,
                                        .messages = ignore_messages,
                                        .ended = take_flow};
    struct rnet_capture *capture;
    struct rnet_flow_table *table;

    memset(labels, 0, sizeof *labels);
    labels->waits = isolated;
    ck_assert_int_eq(rnet_classifier_new(&options, &labels->classifier, NULL), RNET_OK);
    rnet_detector_break(labels->classifier->dpi, n, fault);
    ck_assert_int_eq(rnet_capture_open(CAPTURE, NULL, &capture, NULL), RNET_OK);
    ck_assert_int_eq(rnet_flow_table_new(&flow_options, &sink, &table), RNET_OK);
    read_packets(capture, table, labels);
    labels->given_up =
        rnet_classifier_notices(labels->classifier)->count[RNET_NOTICE_DETECTION_GIVEN_UP];
    rnet_flow_table_free(table);
    rnet_capture_close(capture);
    rnet_classifier_free(labels->classifier);
}

static size_t
differing(void)
{
    size_t differ = 0;

    ck_assert_uint_eq(here.count, apart.count);
    for (size_t i = 0; i < MOST_FLOWS; i++)
        differ += here.of[i].usage != apart.of[i].usage ||
                  strcmp(here.of[i].application, apart.of[i].application) != 0;
    return differ;
}

START_TEST(labels_are_the_same_in_a_child)
{
    label_all(&here, false, 0, RNET_FAULT_NONE);
    label_all(&apart, true, 0, RNET_FAULT_NONE);
    ck_assert_uint_gt(here.count, 20);
    ck_assert_uint_eq(differing(), 0);
    ck_assert_uint_eq(apart.given_up, 0);
}
END_TEST

static const struct {
    uint64_t at;
    enum rnet_fault fault;
    uint64_t least; /* given up: 0 where a name may have decided before the death was noticed */
    const char *why;
} faults[] = {
    {1, RNET_FAULT_CRASH, 1, "the very first packet"},
    {2, RNET_FAULT_CRASH, 1, "while the first flow is open"},
    {40, RNET_FAULT_CRASH, 1, "several flows are undecided"},
    {41, RNET_FAULT_CRASH, 0, "another place in a connection"},
    {42, RNET_FAULT_CRASH, 0, "and another"},
    {43, RNET_FAULT_CRASH, 0, "and another"},
    {200, RNET_FAULT_CRASH, 0, "late"},
    {40, RNET_FAULT_HANG, 1, "an endless loop"},
    {40, RNET_FAULT_STOP, 1, "neither answers nor ends"},
};

START_TEST(a_fault_costs_one_flow_its_detection)
{
    label_all(&here, false, 0, RNET_FAULT_NONE);
    label_all(&apart, true, faults[_i].at, faults[_i].fault);
    ck_assert_msg(differing() <= 1, "%s: %zu flows changed", faults[_i].why, differing());
    ck_assert_msg(apart.given_up >= faults[_i].least && apart.given_up <= 1, "%s: %llu given up", faults[_i].why,
                  (unsigned long long)apart.given_up);
}
END_TEST

/* A fault at every packet of the child: rnet_detector_break() again after each. */
START_TEST(endless_faults_end_detection_and_nothing_else)
{
    const struct rnet_classifier_options options = {.isolate_detection = true};
    const struct rnet_headers headers = {.payload_bytes = 1, .protocol = RNET_IPPROTO_TCP};
    struct rnet_classifier *classifier;
    struct rnet_dpi_result result;
    int lost = 0;

    ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
    for (int i = 0; i < 30; i++) {
        struct rnet_detection *detection = rnet_detection_new(classifier->dpi);

        rnet_detector_break(classifier->dpi, 1, RNET_FAULT_CRASH);
        rnet_detection_feed(classifier->dpi, detection, &headers);
        lost += !rnet_detection_finish(classifier->dpi, detection, &result);
        ck_assert_int_eq(result.opinion.confidence > 0, 0);
        rnet_detection_free(classifier->dpi, detection);
    }
    ck_assert_int_eq(lost, 30);
    rnet_classifier_free(classifier);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage: detection in a child");
    TCase *tests = tcase_create("isolation");

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, labels_are_the_same_in_a_child);
    tcase_add_loop_test(tests, a_fault_costs_one_flow_its_detection, 0,
                        sizeof faults / sizeof *faults);
    tcase_add_test(tests, endless_faults_end_detection_and_nothing_else);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
