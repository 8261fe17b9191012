/* The data tables of lib/usage: every line good, a bad one refused with file, line and reason. */
#include "suite.h"

#include "base/base.h"
#include "usage/confidence.h"
#include "usage/table.h"

#include <string.h>
#include <unistd.h>

static char directory[] = "/tmp/rnet-tables-XXXXXX";

static void
make_directory(void)
{
    ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void
remove_directory(void)
{
    char path[64];

    for (const struct rnet_embedded_table *table = rnet_embedded_tables; table->name != NULL;
         table++) {
        snprintf(path, sizeof path, "%s/%s", directory, table->name);
        unlink(path);
    }
    rmdir(directory);
    strcpy(directory, "/tmp/rnet-tables-XXXXXX");
}

static void
write_table(const char *name, const char *text)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", directory, name);
    file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    ck_assert_int_eq(fclose(file), 0);
}

static const struct {
    const char *table, *text, *words, *why;
    unsigned line;
} bad_lines[] = {
    {"ports.txt", "tcp 25 email 0.9 SMTP\ntcp 26 emial 0.9 SMTP\n", "emial", "no such usage", 2},
    {"ports.txt", "tcp 25 email 1.9 SMTP\n", "1.9", "confidence above 1", 1},
    {"ports.txt", "tcp 25 email 0 SMTP\n", "confidence", "confidence 0", 1},
    {"ports.txt", "tcp 25 email nan SMTP\n", "nan", "confidence is no number", 1},
    {"ports.txt", "tcp 25 email 0.9\n", "5 fields", "application missing", 1},
    {"ports.txt", "tcp 25 email 0.9 a b c d e f g h i j k\n", "5 fields", "far too many", 1},
    {"ports.txt", "# c\n\nsctp 25 email 0.9 SMTP\n", "sctp", "no such transport", 3},
    {"ports.txt", "tcp 65536 email 0.9 SMTP\n", "65536", "port too large", 1},
    {"ports.txt", "tcp 30-25 email 0.9 SMTP\n", "30-25", "range upside down", 1},
    {"ports.txt", "tcp 25- email 0.9 SMTP\n", "25-", "range without end", 1},
    {"ports.txt", "tcp -5 email 0.9 SMTP\n", "-5", "negative port", 1},
    {"ports.txt", "ip 256 vpn 0.9 X\n", "255", "IP protocols end at 255", 1},
    {"ports.txt", "both 9 web 0.9 A\nudp 9 web 0.9 A\n", "line 1", "the same ports twice", 2},
    {"protocols.txt", "protokol SMTP email 0.9\n", "protokol", "no such kind of line", 1},
    {"protocols.txt", "protocol SMTP\n", "4 fields", "too short", 1},
    {"names.txt", "web 0.9 X\n", "names are needed", "no name", 1},
    {"names.txt", "web 0.9 X Example.org\n", "Example.org", "capitals never match", 1},
    {"names.txt", "web 0.9 X a.b.*\n", "a.b.*", "only a first label may stand alone", 1},
    {"names.txt", "web 0.9 X .example.org\n", ".example.org", "leading dot", 1},
    {"names.txt", "web 0.9 X a.org\n\nsocial 0.9 Y a.org\n", "line 1", "same name twice", 3},
    {"ranges.txt", "192.0.2.0/24 udp 1 voip 0.9 X src\n", "8 fields", "no date", 1},
    {"ranges.txt", "192.0.2.0 udp 1 voip 0.9 X src 2026-11\n", "192.0.2.0", "no length", 1},
    {"ranges.txt", "192.0.2.1/24 udp 1 voip 0.9 X src 2026-11\n", "past its length", "host bits",
     1},
    {"ranges.txt", "192.0.2.0/33 udp 1 voip 0.9 X src 2026-11\n", "/33", "too long", 1},
    {"ranges.txt", "192.0.2.0/24 udp 1 voip 0.9 X src November\n", "YYYY-MM", "no date", 1},
    {"signatures.txt", "tcp 0 \"abc email 0.9 X\n", "pairs of hex", "quote left open", 1},
    {"signatures.txt", "tcp 0 abc email 0.9 X\n", "pairs of hex", "half a byte", 1},
    {"signatures.txt", "tcp x 616263 email 0.9 X\n", "'x'", "offset is no number", 1},
    {"signatures.txt", "tcp 0 616263 email 0.9 X many\n", "'many'", "length is no number", 1},
    {"confidence.txt", "guess 0.5 0.5\n", "guess", "no such kind", 1},
    {"confidence.txt", "port 0.5\n", "3 fields", "no probability", 1},
    {"confidence.txt", "port 0.5 0.5\nport 0.5 0.6\n", "rise", "corners out of order", 2},
    {"confidence.txt", "port 0.5 1.5\n", "1.5", "a probability above 1", 1},
    {"agents.txt", "email 0.9 X\n", "4 fields", "no word", 1},
};

START_TEST(bad_line_is_refused_with_file_line_and_reason)
{
    const struct rnet_classifier_options options = {.data_directory = directory};
    struct rnet_classifier *classifier = NULL;
    struct rnet_error err = {0};
    char place[80];

    write_table(bad_lines[_i].table, bad_lines[_i].text);
    ck_assert_msg(rnet_classifier_new(&options, &classifier, &err) == RNET_EFORMAT, "%s",
                  bad_lines[_i].why);
    snprintf(place, sizeof place, "%s/%s:%u: ", directory, bad_lines[_i].table, bad_lines[_i].line);
    ck_assert_msg(strncmp(err.message, place, strlen(place)) == 0, "%s", err.message);
    ck_assert_msg(strstr(err.message, bad_lines[_i].words) != NULL, "%s", err.message);
    ck_assert_uint_eq(err.position, bad_lines[_i].line);
    ck_assert_ptr_null(classifier);
}
END_TEST

START_TEST(confidence_follows_straight_lines_between_corners)
{
    struct rnet_confidence curves;

    write_table("confidence.txt", "port 0.5 0.3\nport 0.9 0.7\n");
    ck_assert_int_eq(rnet_confidence_read(directory, &curves, NULL), RNET_OK);
    ck_assert_double_eq_tol(rnet_confidence_of(&curves, RNET_CONFIDENCE_PORT, 0.2), 0.3, 1e-6);
    ck_assert_double_eq_tol(rnet_confidence_of(&curves, RNET_CONFIDENCE_PORT, 0.7), 0.5, 1e-6);
    ck_assert_double_eq_tol(rnet_confidence_of(&curves, RNET_CONFIDENCE_PORT, 1), 0.7, 1e-6);
    ck_assert_double_eq_tol(rnet_confidence_of(&curves, RNET_CONFIDENCE_SHAPE, 0.7), 0.7, 1e-6);
}
END_TEST

START_TEST(shipped_confidence_is_a_probability_that_never_falls)
{
    struct rnet_confidence curves;

    ck_assert_int_eq(rnet_confidence_read(RNET_SOURCE_ROOT "/lib/usage/data", &curves, NULL),
                     RNET_OK);
    for (int kind = 0; kind < RNET_CONFIDENCE_KINDS; kind++) {
        double before = 0;

        for (int step = 0; step <= 100; step++) {
            const double now =
                rnet_confidence_of(&curves, (enum rnet_confidence_kind)kind, step / 100.0);

            ck_assert(now >= before && now <= 1);
            before = now;
        }
    }
}
END_TEST

START_TEST(tables_as_shipped_are_good)
{
    const struct rnet_classifier_options options = {.data_directory =
                                                        RNET_SOURCE_ROOT "/lib/usage/data"};
    struct rnet_classifier *classifier = NULL;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_classifier_new(&options, &classifier, &err) == RNET_OK, "%s", err.message);
    rnet_classifier_free(classifier);
}
END_TEST

START_TEST(built_in_tables_equal_the_files)
{
    for (const struct rnet_embedded_table *table = rnet_embedded_tables; table->name != NULL;
         table++) {
        char path[4096];
        FILE *file;
        size_t at = 0;
        int byte;

        snprintf(path, sizeof path, "%s/lib/usage/data/%s", RNET_SOURCE_ROOT, table->name);
        file = fopen(path, "rb");
        ck_assert_msg(file != NULL, "%s", path);
        while ((byte = fgetc(file)) != EOF)
            ck_assert_msg(table->text[at++] == (char)byte, "%s differs at %zu", table->name, at);
        ck_assert_int_eq(table->text[at], '\0');
        fclose(file);
    }
}
END_TEST

START_TEST(table_with_a_zero_byte_is_refused)
{
    const struct rnet_classifier_options options = {.data_directory = directory, .no_dpi = true};
    struct rnet_classifier *classifier = NULL;
    struct rnet_error err = {0};
    char path[64];
    FILE *file;

    snprintf(path, sizeof path, "%s/ports.txt", directory);
    file = fopen(path, "wb");
    fwrite("tcp 25\0email 0.9 SMTP\n", 1, 22, file);
    fclose(file);
    ck_assert_int_eq(rnet_classifier_new(&options, &classifier, &err), RNET_EFORMAT);
}
END_TEST

START_TEST(creation_survives_every_failing_allocation)
{
    const struct rnet_classifier_options options = {.no_dpi = true};
    struct rnet_classifier *classifier = NULL;
    struct rnet_error err = {0};
    enum rnet_status status = RNET_ENOMEM;
    uint64_t n;

    for (n = 1; status == RNET_ENOMEM; n++) {
        rnet_alloc_fail_at(n);
        status = rnet_classifier_new(&options, &classifier, &err);
        ck_assert(status == RNET_OK || classifier == NULL);
    }
    rnet_alloc_fail_at(0);
    ck_assert_int_eq(status, RNET_OK);
    ck_assert_uint_gt(n, 5);
    rnet_classifier_free(classifier);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("usage-tables");
    TCase *files = tcase_create("files"), *memory = tcase_create("memory");

    tcase_add_checked_fixture(files, make_directory, remove_directory);
    tcase_add_loop_test(files, bad_line_is_refused_with_file_line_and_reason, 0,
                        sizeof bad_lines / sizeof bad_lines[0]);
    tcase_add_test(files, confidence_follows_straight_lines_between_corners);
    tcase_add_test(files, shipped_confidence_is_a_probability_that_never_falls);
    tcase_add_test(files, tables_as_shipped_are_good);
    tcase_add_test(files, built_in_tables_equal_the_files);
    tcase_add_test(files, table_with_a_zero_byte_is_refused);
    suite_add_tcase(suite, files);
    tcase_add_test(memory, creation_survives_every_failing_allocation);
    suite_add_tcase(suite, memory);
    return suite_run(suite);
}
