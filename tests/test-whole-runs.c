/*
 * Whole runs, from capture to every report: each allocation of the library failing once, and the
 * same bytes whatever the hash table's key.
 */
#include "base/base.h"
#include "suite.h"

#include <ruralnet/ruralnet.h>

#include <string.h>
#include <xxhash.h>

static struct rnet_classifier *
new_classifier(void)
{
    const struct rnet_classifier_options options = {.no_dpi = true};
    struct rnet_classifier *classifier;

    ck_assert_int_eq(rnet_classifier_new(&options, &classifier, NULL), RNET_OK);
    return classifier;
}

/* Every format; a report is whole or not there. *sum stands for all their bytes. */
static enum rnet_status
render(struct rnet_profile *profile, const struct rnet_assessment *assessment, uint64_t *sum)
{
    struct rnet_timeline timeline;
    const struct rnet_report report = {.profile = rnet_profile_get_summary(profile),
                                       .assessment = assessment,
                                       .timeline = &timeline};
    enum rnet_status status;
    char *text = NULL;
    size_t length = 0;

    rnet_profile_get_timeline(profile, &timeline);
    for (int format = 0; format < 4; format++) {
        text = NULL;
        status = format == 0   ? rnet_report_text(&report, NULL, &text, &length)
                 : format == 1 ? rnet_report_json(&report, &text, &length)
                 : format == 2 ? rnet_report_html(&report, &text, &length)
                               : rnet_report_csv(&report, &text, &length);
        if (status != RNET_OK)
            return status;
        ck_assert_ptr_nonnull(text);
        ck_assert_uint_eq(strlen(text), length);
        *sum = XXH3_64bits_withSeed(text, length, *sum);
        rnet_report_free(text);
    }
    return RNET_OK;
}

static enum rnet_status
answer(struct rnet_profile *profile, uint64_t *sum, struct rnet_error *err)
{
    static const char *const lines[] = {"adsl-2m"};
    const struct rnet_assess_options options = {
        .links = lines, .link_count = 1, .replications = 2, .threads = 1};
    struct rnet_assessment assessment = {0};
    enum rnet_status status = rnet_assess(profile, &options, &assessment, err);

    if (status >= RNET_OK) {
        const enum rnet_status rendered = render(profile, &assessment, sum);

        if (rendered != RNET_OK)
            status = rnet_error_set(err, rendered, "%s", rnet_status_text(rendered));
    }
    rnet_assessment_clear(&assessment);
    return status;
}

static enum rnet_status
run(const char *path, struct rnet_classifier *classifier, uint64_t *sum, struct rnet_error *err)
{
    const struct rnet_observe_options options = {.classifier = classifier,
                                                 .flows.hash_seed = {1, 2}};
    struct rnet_capture *capture = NULL;
    struct rnet_profile *profile = NULL;
    enum rnet_status status = rnet_capture_open(path, NULL, &capture, err);

    *sum = 0;
    if (status == RNET_OK)
        status = rnet_observe(capture, &options, &profile, err);
    rnet_capture_close(capture);
    if (status >= RNET_OK) {
        const enum rnet_status answered = answer(profile, sum, err);

        status = answered != RNET_OK ? answered : status;
    }
    rnet_profile_free(profile);
    return status;
}

static const struct {
    const char *path;
    const char *why;
} captures[] = {
    {"/tests/data/tiny.pcap", "TCP, DNS, packets captured short"},
    {"/tests/data/input/four.pcapng", "pcapng"},
    {"/tests/data/input/super-packets.pcap", "super-packets, many segments"},
    {"/tests/data/input/fragments.pcap", "fragments"},
    {"/tests/data/input/layers-vxlan.pcap", "tunnels"},
};

START_TEST(every_allocation_may_fail)
{
    struct rnet_classifier *classifier = new_classifier();
    struct rnet_error err;
    enum rnet_status status;
    uint64_t total, partial = 0, whole, sum;
    char path[4096];

    snprintf(path, sizeof path, "%s%s", RNET_SOURCE_ROOT, captures[_i].path);
    run(path, classifier, &sum, &err); /* fills what the classifier remembers */
    rnet_alloc_fail_at(0);
    ck_assert_int_eq(run(path, classifier, &whole, &err), RNET_OK);
    total = rnet_alloc_fail_at(0);
    ck_assert_uint_gt(total, 20);
    for (uint64_t n = 1; n <= total; n++) {
        err = (struct rnet_error){0};
        rnet_alloc_fail_at(n);
        status = run(path, classifier, &sum, &err);
        rnet_alloc_fail_at(0);
        partial += status == RNET_PARTIAL;
        ck_assert_msg(status == RNET_ENOMEM || status == RNET_PARTIAL || status == RNET_OK ||
                          status == RNET_EIO,
                      "allocation %llu of %s: %s", (unsigned long long)n, captures[_i].path,
                      rnet_status_text(status));
        ck_assert_msg(status != RNET_OK || sum == whole,
                      "allocation %llu of %s: another answer, and nothing said",
                      (unsigned long long)n, captures[_i].path);
        ck_assert_msg(status >= RNET_OK || err.message[0] != '\0', "allocation %llu: no words",
                      (unsigned long long)n);
    }
    printf("%s: %llu allocations, %llu degraded reports\n", captures[_i].why,
           (unsigned long long)total, (unsigned long long)partial);
    rnet_classifier_free(classifier);
}
END_TEST

static void
observe_with_seed(uint64_t seed, uint8_t **bytes, size_t *count)
{
    struct rnet_classifier *classifier = new_classifier();
    const struct rnet_observe_options options = {.classifier = classifier,
                                                 .flows.hash_seed = {seed, ~seed}};
    struct rnet_capture *capture;
    struct rnet_profile *profile;

    ck_assert_int_eq(
        rnet_capture_open(RNET_SOURCE_ROOT "/tests/data/office.pcap", NULL, &capture, NULL),
        RNET_OK);
    ck_assert_int_eq(rnet_observe(capture, &options, &profile, NULL), RNET_OK);
    ck_assert_int_eq(rnet_profile_write(profile, bytes, count, NULL), RNET_OK);
    rnet_profile_free(profile);
    rnet_capture_close(capture);
    rnet_classifier_free(classifier);
}

START_TEST(a_hundred_hash_keys_give_the_same_profile)
{
    uint8_t *first, *other;
    size_t first_count, other_count;

    observe_with_seed(1, &first, &first_count);
    for (uint64_t seed = 2; seed <= 100; seed++) {
        observe_with_seed(seed, &other, &other_count);
        ck_assert_uint_eq(first_count, other_count);
        ck_assert_mem_eq(first, other, first_count);
        free(other);
    }
    free(first);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("whole runs");
    TCase *tests = tcase_create("whole runs");

    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, every_allocation_may_fail, 0, sizeof captures / sizeof *captures);
    tcase_add_test(tests, a_hundred_hash_keys_give_the_same_profile);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
