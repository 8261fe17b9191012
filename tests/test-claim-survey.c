/* The survey's file: what goes in comes out, once, whoever adds it and whatever dies meanwhile. */
#include "claim/survey.h"
#include "survey-fixture.h"

#include <ruralnet/claim.h>
#include <ruralnet/report.h>

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

static void
remove_survey(const char *path)
{
    char beside[200];

    unlink(path);
    snprintf(beside, sizeof beside, "%s-wal", path);
    unlink(beside);
    snprintf(beside, sizeof beside, "%s-shm", path);
    unlink(beside);
}

static size_t
count_captures(struct rnet_survey *survey, const char *firm)
{
    struct rnet_survey_capture *captures;
    size_t count;

    ck_assert_int_eq(rnet_survey_captures(survey, firm, &captures, &count, NULL), RNET_OK);
    rnet_survey_list_free(captures);
    return count;
}

START_TEST(a_firm_keeps_what_is_known_and_learns_what_is_new)
{
    struct rnet_survey *survey = open_survey(own_path("firms.db"));
    struct rnet_firm firm = {.name = "f1", .sector = "trade", .staff = 4, .weight = 2.5}, *firms;
    struct rnet_error err = {0};
    size_t count;

    ck_assert_int_eq(rnet_survey_put_firm(survey, &firm, &err), RNET_OK);
    firm = (struct rnet_firm){.name = "f1", .line = "adsl:2048/256"};
    ck_assert_int_eq(rnet_survey_put_firm(survey, &firm, &err), RNET_OK);
    firm = (struct rnet_firm){.name = "a0"};
    ck_assert_int_eq(rnet_survey_put_firm(survey, &firm, &err), RNET_OK);
    ck_assert_int_eq(rnet_survey_firms(survey, &firms, &count, &err), RNET_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(firms[0].name, "a0");
    ck_assert_double_eq(firms[0].weight, 1);
    ck_assert_str_eq(firms[1].sector, "trade");
    ck_assert_str_eq(firms[1].line, "adsl:2048/256");
    ck_assert_uint_eq(firms[1].staff, 4);
    ck_assert_double_eq(firms[1].weight, 2.5);
    ck_assert_uint_eq(firms[1].captures, 0);
    rnet_survey_list_free(firms);
    rnet_survey_close(survey);
}
END_TEST

static const struct {
    const char *why;
    struct rnet_firm firm;
} bad_firms[] = {
    {"no name", {.name = ""}},
    {"a line break in the name", {.name = "a\nb"}},
    {"a mark that turns text round", {.name = "a\u202egnp.exe"}},
    {"a negative weight", {.name = "a", .weight = -1}},
    {"a weight that sums cannot hold", {.name = "a", .weight = 1e300}},
    {"a line that is none", {.name = "a", .line = "adsl:fast"}},
};

START_TEST(a_firm_that_cannot_be_is_refused)
{
    struct rnet_survey *survey = open_survey(own_path("refused.db"));
    struct rnet_error err = {0};
    struct rnet_firm *firms;
    size_t count;

    ck_assert_msg(rnet_survey_put_firm(survey, &bad_firms[_i].firm, &err) == RNET_EINVAL, "%s",
                  bad_firms[_i].why);
    ck_assert(err.message[0] != '\0');
    ck_assert_int_eq(rnet_survey_firms(survey, &firms, &count, &err), RNET_OK);
    ck_assert_uint_eq(count, 0);
    rnet_survey_list_free(firms);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_capture_goes_in_once_and_comes_out_whole)
{
    struct rnet_survey *survey = open_survey(own_path("captures.db"));
    struct rnet_profile *original = make_profile(7, 100000), *back;
    uint8_t *first, *second;
    size_t first_count, second_count;
    char digest[RNET_DIGEST_TEXT];

    ck_assert_int_eq(add_capture(survey, 1, 7, 100000), RNET_OK);
    ck_assert_int_eq(add_capture(survey, 1, 7, 100000), RNET_END);
    ck_assert_int_eq(add_capture(survey, 2, 7, 100000), RNET_EINVAL);
    ck_assert_int_eq(add_capture(survey, 1, 8, 100000), RNET_OK);
    ck_assert_uint_eq(count_captures(survey, NULL), 2);
    ck_assert_uint_eq(count_captures(survey, "firm-001"), 2);
    ck_assert_uint_eq(count_captures(survey, "firm-002"), 0);
    digest_of(7, digest);
    ck_assert_int_eq(rnet_survey_profile(survey, digest, &back, NULL), RNET_OK);
    ck_assert_int_eq(rnet_profile_write(original, &first, &first_count, NULL), RNET_OK);
    ck_assert_int_eq(rnet_profile_write(back, &second, &second_count, NULL), RNET_OK);
    ck_assert_uint_eq(first_count, second_count);
    ck_assert_int_eq(memcmp(first, second, first_count), 0);
    free(first);
    free(second);
    rnet_profile_free(original);
    rnet_profile_free(back);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(what_is_removed_is_gone_and_what_is_not_there_is_said)
{
    struct rnet_survey *survey = open_survey(own_path("removed.db"));
    char digest[RNET_DIGEST_TEXT];
    struct rnet_profile *profile;

    for (unsigned i = 0; i < 4; i++)
        ck_assert_int_eq(add_capture(survey, i / 2, i, 1000), RNET_OK);
    digest_of(0, digest);
    ck_assert_int_eq(rnet_survey_remove(survey, "firm-001", digest, NULL), RNET_ENOTFOUND);
    ck_assert_int_eq(rnet_survey_remove(survey, "firm-000", digest, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_profile(survey, digest, &profile, NULL), RNET_ENOTFOUND);
    ck_assert_int_eq(rnet_survey_remove(survey, "firm-001", NULL, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_remove(survey, "firm-001", NULL, NULL), RNET_ENOTFOUND);
    ck_assert_uint_eq(count_captures(survey, NULL), 1);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_survey_of_an_older_form_is_brought_to_todays)
{
    const char *path = own_path("old.db"); /* of form _i */
    struct rnet_profile *profile = make_profile(3, 5000);
    struct rnet_survey *survey;
    uint8_t *bytes;
    size_t count;
    char digest[RNET_DIGEST_TEXT];
    sqlite3 *db;

    ck_assert_int_eq(rnet_profile_write(profile, &bytes, &count, NULL), RNET_OK);
    ck_assert_int_eq(sql_open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &db, NULL),
                     RNET_OK);
    ck_assert_int_eq(schema_migrate(db, _i, NULL), RNET_OK);
    digest_of(3, digest);
    ck_assert_int_eq(
        sql_run(db, NULL, NULL, "INSERT INTO firm VALUES (1, 'old', '', '', 0, 1, 0)", ""),
        RNET_OK);
    ck_assert_int_eq(sql_run(db, NULL, NULL,
                             "INSERT INTO capture VALUES (1, 1, ?1, '', 4, 0, 9, ?2)", "tb", digest,
                             bytes, count),
                     RNET_OK);
    ck_assert_int_ne(sql_exec(db, "SELECT * FROM evaluation", NULL), RNET_OK);
    sqlite3_close(db);
    free(bytes);
    rnet_profile_free(profile);

    survey = open_survey(path);
    ck_assert_int_eq(sql_exec(survey->db, "SELECT * FROM evaluation", NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_profile(survey, digest, &profile, NULL), RNET_OK);
    rnet_profile_free(profile);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(what_is_no_survey_or_too_new_is_refused_and_left_alone)
{
    const char *text = own_path("text.db"), *other = own_path("other.db"),
               *newer = own_path("newer.db");
    struct rnet_error err = {0};
    struct rnet_survey *survey;
    FILE *file = fopen(text, "wb");
    size_t before, after;
    char *bytes, *again;
    sqlite3 *db;

    fputs("a file of words, long enough to be taken for something else than an empty one\n", file);
    fclose(file);
    ck_assert_int_eq(rnet_survey_open(text, RNET_SURVEY_CREATE, &survey, &err), RNET_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "text.db"));

    ck_assert_int_eq(sqlite3_open(other, &db), SQLITE_OK);
    ck_assert_int_eq(sql_exec(db, "CREATE TABLE song(name)", NULL), RNET_OK);
    sqlite3_close(db);
    bytes = slurp_file(other, &before);
    ck_assert_int_eq(rnet_survey_open(other, RNET_SURVEY_CREATE, &survey, &err), RNET_EFORMAT);
    again = slurp_file(other, &after);
    ck_assert(before == after && memcmp(bytes, again, before) == 0);
    free(bytes);
    free(again);

    survey = open_survey(newer);
    ck_assert_int_eq(sql_exec(survey->db, "PRAGMA user_version=99", NULL), RNET_OK);
    rnet_survey_close(survey);
    ck_assert_int_eq(rnet_survey_open(newer, RNET_SURVEY_READ, &survey, &err), RNET_EUNSUPPORTED);
    ck_assert_int_eq(rnet_survey_open(own_path("absent.db"), RNET_SURVEY_READ, &survey, &err),
                     RNET_EIO);
    ck_assert_ptr_null(survey);
}
END_TEST

static const struct {
    const char *why, *planted;
} plants[] = {
    {"a trigger", "CREATE TRIGGER t AFTER INSERT ON firm BEGIN DELETE FROM capture; END"},
    {"a view", "CREATE VIEW v AS SELECT * FROM firm"},
    {"a view for a table that never ends",
     "PRAGMA foreign_keys=OFF; DROP TABLE evaluation; CREATE VIEW evaluation AS WITH RECURSIVE "
     "c(x) AS"
     " (VALUES(1) UNION ALL SELECT x + 1 FROM c) SELECT x AS key FROM c"},
    {"a column more", "ALTER TABLE firm ADD COLUMN extra"},
    {"a generated column", "ALTER TABLE firm ADD COLUMN g AS (abs(id))"},
    {"an index on an expression", "CREATE INDEX i ON firm(length(name))"},
    {"a table more", "CREATE TABLE more(x)"},
    {"a table less", "DROP TABLE evaluation"},
    {"a virtual table", "CREATE VIRTUAL TABLE f USING fts5(x)"},
};

START_TEST(a_survey_with_something_planted_in_it_is_refused)
{
    const char *path = own_path("planted.db");
    struct rnet_survey *survey;
    struct rnet_error err = {0};
    sqlite3 *db;

    remove_survey(path);
    survey = open_survey(path);
    ck_assert_int_eq(add_capture(survey, 1, 1, 1000), RNET_OK);
    rnet_survey_close(survey);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_msg(sqlite3_exec(db, plants[_i].planted, NULL, NULL, NULL) == SQLITE_OK, "%s: %s",
                  plants[_i].why, sqlite3_errmsg(db));
    sqlite3_close(db);
    for (int mode = RNET_SURVEY_READ; mode <= RNET_SURVEY_CREATE; mode++) {
        ck_assert_msg(rnet_survey_open(path, (enum rnet_survey_mode)mode, &survey, &err) ==
                          RNET_EFORMAT,
                      "%s", plants[_i].why);
        ck_assert_ptr_null(survey);
        ck_assert(err.message[0] != '\0');
    }
}
END_TEST

START_TEST(odd_values_in_a_survey_are_survived)
{
    const char *path = own_path("odd.db");
    struct rnet_survey *survey = open_survey(path);
    struct rnet_survey_capture *captures;
    struct rnet_profile *profile;
    struct rnet_firm *firms;
    size_t count;
    char *text;

    ck_assert_int_eq(add_capture(survey, 1, 1, 1000), RNET_OK);
    ck_assert_int_eq(sql_exec(survey->db,
                              "UPDATE firm SET staff = -7, sector = x'41ff1b5b324a',"
                              " line = x'00', modelled = 'maybe';"
                              "UPDATE capture SET packets = 'many', begin_ns = 9223372036854775807,"
                              " end_ns = -5, profile = zeroblob(50000000)",
                              NULL),
                     RNET_OK);
    ck_assert_int_eq(rnet_survey_firms(survey, &firms, &count, NULL), RNET_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_uint_eq(firms[0].staff, 0);
    ck_assert_str_eq(firms[0].sector, "A??[2J");
    ck_assert_int_eq(rnet_survey_captures(survey, NULL, &captures, &count, NULL), RNET_OK);
    ck_assert_int_lt(rnet_survey_profile(survey, captures[0].digest, &profile, NULL), RNET_OK);
    ck_assert_int_lt(rnet_report_survey_json(survey, &text, &count, NULL), RNET_OK);
    rnet_survey_list_free(firms);
    rnet_survey_list_free(captures);
    ck_assert_int_eq(sql_exec(survey->db, "UPDATE capture SET digest = char(10)", NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_captures(survey, NULL, &captures, &count, NULL), RNET_EFORMAT);
    ck_assert_int_eq(sql_exec(survey->db, "UPDATE firm SET name = printf('%.*c', 200, 'z')", NULL),
                     RNET_OK);
    ck_assert_int_eq(rnet_survey_firms(survey, &firms, &count, NULL), RNET_EFORMAT);
    rnet_survey_close(survey);
}
END_TEST

static const char *const no_weights[] = {"-1e999", "1e999", "1e308", "0", "-1", "'many'", "1e-300"};

/* Sums of such weights are infinite or nothing, and shares of them anything. */
START_TEST(a_weight_that_is_none_is_refused_wherever_it_is_read)
{
    const char *path = own_path("heavy.db"), *merged = own_path("heavy-merged.db");
    struct rnet_survey *survey = open_survey(path);
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    struct rnet_firm *firms;
    char words[80];
    size_t count;

    for (unsigned i = 1; i <= 2; i++)
        ck_assert_int_eq(add_capture(survey, i, i, 1000), RNET_OK);
    snprintf(words, sizeof words, "UPDATE firm SET weight = %s", no_weights[_i]);
    ck_assert_int_eq(sql_exec(survey->db, words, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_firms(survey, &firms, &count, &err), RNET_EFORMAT);
    ck_assert_msg(strstr(err.message, "firm firm-001: weight ") != NULL, "%s", err.message);
    ck_assert_int_eq(rnet_claim_test(survey, NULL, &claim, &err), RNET_EFORMAT);
    rnet_survey_close(survey);
    err = (struct rnet_error){0};
    ck_assert_int_eq(rnet_survey_merge(merged, &path, 1, NULL, NULL, &err), RNET_EFORMAT);
    ck_assert_msg(strstr(err.message, "heavy.db: firm firm-001: weight ") != NULL, "%s",
                  err.message);
    ck_assert_int_ne(access(merged, F_OK), 0);
}
END_TEST

static void
expect_same_files(const char *one, const char *other)
{
    size_t first_count, second_count;
    char *first = slurp_file(one, &first_count), *second = slurp_file(other, &second_count);

    ck_assert_uint_eq(first_count, second_count);
    ck_assert_int_eq(memcmp(first, second, first_count), 0);
    free(first);
    free(second);
}

START_TEST(merging_parts_in_any_order_gives_the_bytes_of_the_whole)
{
    const char *a = own_path("part-a.db"), *b = own_path("part-b.db"),
               *whole = own_path("whole.db"), *ab = own_path("ab.db"), *ba = own_path("ba.db"),
               *serial = own_path("serial.db");
    const char *const forth[] = {a, b}, *const back[] = {b, a, b}, *const one[] = {whole},
                      *const again[] = {ab, a};
    struct rnet_survey *parts[2] = {open_survey(a), open_survey(b)}, *all = open_survey(whole);
    const struct rnet_firm silent = {.name = "silent", .weight = 3};

    /* Two captures are in both parts: a task that ran twice. */
    for (unsigned i = 0; i < 12; i++) {
        ck_assert_int_eq(add_capture(all, i % 5, i, 1000 + i), RNET_OK);
        if (i < 7)
            ck_assert_int_eq(add_capture(parts[0], i % 5, i, 1000 + i), RNET_OK);
        if (i >= 5)
            ck_assert_int_eq(add_capture(parts[1], (16 - i) % 5, 16 - i, 1000 + 16 - i), RNET_OK);
    }
    ck_assert_int_eq(rnet_survey_put_firm(all, &silent, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_put_firm(parts[1], &silent, NULL), RNET_OK);
    rnet_survey_close(parts[0]);
    rnet_survey_close(parts[1]);
    rnet_survey_close(all);
    ck_assert_int_eq(rnet_survey_merge(ab, forth, 2, NULL, NULL, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_merge(ba, back, 3, NULL, NULL, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_merge(serial, one, 1, NULL, NULL, NULL), RNET_OK);
    expect_same_files(ab, ba);
    expect_same_files(ab, serial);
    ck_assert_int_eq(rnet_survey_merge(ab, again, 2, NULL, NULL, NULL), RNET_OK);
    expect_same_files(ab, serial);
}
END_TEST

START_TEST(a_merge_that_cannot_be_leaves_the_old_file)
{
    const char *a = own_path("mine.db"), *b = own_path("yours.db"), *into = own_path("into.db");
    const char *const sources[] = {a, b};
    struct rnet_survey *survey = open_survey(a);
    struct rnet_error err = {0};
    FILE *file = fopen(into, "wb");
    char *bytes;
    size_t count;

    fputs("old", file);
    fclose(file);
    ck_assert_int_eq(add_capture(survey, 1, 7, 1000), RNET_OK);
    rnet_survey_close(survey);
    survey = open_survey(b);
    ck_assert_int_eq(add_capture(survey, 2, 7, 1000), RNET_OK);
    rnet_survey_close(survey);
    ck_assert_int_eq(rnet_survey_merge(into, sources, 2, NULL, NULL, &err), RNET_EINVAL);
    ck_assert_ptr_nonnull(strstr(err.message, "firm-001"));
    bytes = slurp_file(into, &count);
    ck_assert_uint_eq(count, 3);
    free(bytes);
}
END_TEST

START_TEST(several_processes_add_at_once)
{
    enum { PROCESSES = 4, EACH = 15, STEP = 5 };
    const char *path = own_path("many.db");
    struct rnet_survey *survey = open_survey(path);

    rnet_survey_close(survey);
    /* Neighbours overlap: the same capture comes from two of them. */
    for (unsigned p = 0; p < PROCESSES; p++) {
        if (fork() == 0) {
            bool ok = rnet_survey_open(path, RNET_SURVEY_WRITE, &survey, NULL) == RNET_OK;

            for (unsigned i = 0; ok && i < EACH; i++)
                ok = add_capture(survey, p * STEP + i, p * STEP + i, 1000) >= RNET_OK;
            rnet_survey_close(survey);
            _exit(ok ? 0 : 1);
        }
    }
    for (unsigned p = 0; p < PROCESSES; p++) {
        int status;

        ck_assert_int_gt(wait(&status), 0);
        ck_assert_int_eq(status, 0);
    }
    survey = open_survey(path);
    ck_assert_uint_eq(count_captures(survey, NULL), (PROCESSES - 1) * STEP + EACH);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_killed_process_loses_nothing_it_had_added)
{
    const char *path = own_path("killed.db");
    struct rnet_survey *survey;
    unsigned acknowledged = 0, number;
    int ends[2];
    pid_t child;

    remove_survey(path);
    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        survey = open_survey(path);
        for (number = 1;; number++)
            if (add_capture(survey, number, number, 1000) != RNET_OK ||
                write(ends[1], &number, sizeof number) != sizeof number)
                _exit(1);
    }
    close(ends[1]);
    while (acknowledged < 20 && read(ends[0], &number, sizeof number) == sizeof number)
        acknowledged = number;
    kill(child, SIGKILL);
    while (read(ends[0], &number, sizeof number) == sizeof number)
        acknowledged = number;
    waitpid(child, NULL, 0);
    close(ends[0]);
    ck_assert_uint_ge(acknowledged, 20);
    survey = open_survey(path);
    ck_assert_uint_ge(count_captures(survey, NULL), acknowledged);
    ck_assert_uint_le(count_captures(survey, NULL), acknowledged + 1);
    ck_assert_int_eq(add_capture(survey, acknowledged, acknowledged, 1000), RNET_END);
    rnet_survey_close(survey);
}
END_TEST

START_TEST(a_damaged_survey_is_survived)
{
    const char *path = own_path("sound.db"), *damaged = own_path("damaged.db");
    struct rnet_survey *survey = open_survey(path);
    struct rnet_random random = rnet_random_stream(1, 2);
    unsigned refused = 0;
    size_t count;
    char *bytes;

    for (unsigned i = 0; i < 6; i++)
        ck_assert_int_eq(add_capture(survey, i / 2, i, 3000), RNET_OK);
    rnet_survey_close(survey);
    bytes = slurp_file(path, &count);
    for (int round = 0; round < 150; round++) {
        struct rnet_survey_capture *captures = NULL;
        struct rnet_profile *profile;
        size_t captures_count = 0;
        FILE *file;

        remove_survey(damaged);
        file = fopen(damaged, "wb");
        for (size_t i = 0; i < count; i++)
            fputc(rnet_random_below(&random, count / 20) == 0 ? (int)rnet_random_below(&random, 256)
                                                              : bytes[i],
                  file);
        fclose(file);
        if (rnet_survey_open(damaged, RNET_SURVEY_CREATE, &survey, NULL) != RNET_OK) {
            refused++;
            continue;
        }
        if (rnet_survey_captures(survey, NULL, &captures, &captures_count, NULL) != RNET_OK)
            refused++;
        for (size_t i = 0; i < captures_count; i++)
            if (rnet_survey_profile(survey, captures[i].digest, &profile, NULL) == RNET_OK)
                rnet_profile_free(profile);
        rnet_survey_list_free(captures);
        rnet_survey_close(survey);
    }
    free(bytes);
    ck_assert_uint_gt(refused, 0);
}
END_TEST

START_TEST(running_out_of_memory_is_said_and_leaves_the_survey_sound)
{
    const char *path = own_path("memory.db");
    const struct rnet_firm firm = {.name = "f"};
    struct rnet_profile *profile = make_profile(1, 1000);
    enum rnet_status status = RNET_ENOMEM;
    struct rnet_survey *survey;

    for (uint64_t n = 1; n < 100 && status != RNET_OK; n++) {
        struct rnet_firm *firms = NULL;
        size_t count = 0;

        rnet_alloc_fail_at(n);
        status = rnet_survey_open(path, RNET_SURVEY_CREATE, &survey, NULL);
        if (status == RNET_OK) {
            const enum rnet_status added = rnet_survey_add(survey, &firm, profile, "", NULL);

            status = added == RNET_END ? RNET_OK : added;
            if (status == RNET_OK)
                status = rnet_survey_firms(survey, &firms, &count, NULL);
        }
        rnet_alloc_fail_at(0);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        rnet_survey_list_free(firms);
        rnet_survey_close(survey);
        ck_assert(status != RNET_OK || n > 2);
    }
    ck_assert_int_eq(status, RNET_OK);
    rnet_profile_free(profile);
}
END_TEST

START_TEST(a_merge_that_runs_out_of_memory_leaves_the_old_file)
{
    const char *path = own_path("merge-memory.db"), *part = own_path("merge-part.db");
    const char *const sources[] = {path, part};
    struct rnet_survey *survey = open_survey(path), *other = open_survey(part);
    enum rnet_status status = RNET_ENOMEM;
    uint64_t n = 0;

    ck_assert_int_eq(add_capture(survey, 1, 1, 1000), RNET_OK);
    ck_assert_int_eq(add_capture(other, 2, 2, 1000), RNET_OK);
    rnet_survey_close(survey);
    rnet_survey_close(other);
    while (status != RNET_OK) {
        struct rnet_error err = {0};
        struct rnet_firm *firms;
        size_t count;

        rnet_alloc_fail_at(++n);
        status = rnet_survey_merge(path, sources, 2, NULL, NULL, &err);
        rnet_alloc_fail_at(0);
        ck_assert(status == RNET_OK || (status == RNET_ENOMEM && err.message[0] != '\0'));
        survey = open_survey(path);
        ck_assert_int_eq(rnet_survey_firms(survey, &firms, &count, NULL), RNET_OK);
        ck_assert_uint_eq(count, status == RNET_OK ? 2 : 1);
        rnet_survey_list_free(firms);
        rnet_survey_close(survey);
    }
    ck_assert_uint_gt(n, 6);
}
END_TEST

START_TEST(a_profile_read_from_memory_is_checked_as_one_from_a_file)
{
    struct rnet_profile *profile = make_profile(1, 1000), *back;
    uint8_t *bytes;
    size_t count;

    ck_assert_int_eq(rnet_profile_write(profile, &bytes, &count, NULL), RNET_OK);
    for (size_t cut = 0; cut < count; cut++)
        ck_assert_int_eq(rnet_profile_read(bytes, cut, &back, NULL), RNET_EFORMAT);
    for (size_t i = 0; i < count; i++) {
        bytes[i] ^= 0x10;
        ck_assert_int_lt(rnet_profile_read(bytes, count, &back, NULL), RNET_OK);
        bytes[i] ^= 0x10;
    }
    ck_assert_int_eq(rnet_profile_read(bytes, count, &back, NULL), RNET_OK);
    rnet_profile_free(back);
    rnet_profile_free(profile);
    free(bytes);
}
END_TEST

START_TEST(an_overview_adds_up_what_the_captures_hold)
{
    struct rnet_survey *survey = open_survey(own_path("overview.db"));
    const struct rnet_firm silent = {.name = "silent", .modelled = true};
    struct rnet_survey_overview overview = {0};
    const struct rnet_survey_usage *transfers;
    struct rnet_error err = {0};

    ck_assert_int_eq(add_capture(survey, 0, 0, 5000), RNET_OK);
    ck_assert_int_eq(add_capture(survey, 0, 1, 7000), RNET_OK);
    ck_assert_int_eq(add_capture(survey, 1, 2, 9000), RNET_OK);
    ck_assert_int_eq(rnet_survey_put_firm(survey, &silent, NULL), RNET_OK);
    ck_assert_int_eq(rnet_survey_overview(survey, &overview, &err), RNET_OK);
    ck_assert_uint_eq(overview.firms, 3);
    ck_assert_uint_eq(overview.answered, 2);
    ck_assert_uint_eq(overview.modelled, 1);
    ck_assert_uint_eq(overview.captures, 3);
    ck_assert_uint_eq(overview.bytes[RNET_UP], 21000);
    ck_assert_uint_eq(overview.offices[0].bytes[RNET_UP], 12000);
    ck_assert_double_eq_tol(overview.seconds, 9, 1e-9);
    transfers = &overview.usages[RNET_USAGE_FILE_TRANSFER];
    ck_assert_uint_eq(transfers->offices, 2);
    ck_assert_double_eq_tol(transfers->share.low, 0.1581, 5e-5); /* 0.025^(1/2) */
    ck_assert_double_eq(transfers->share.high, 1);
    ck_assert_double_eq_tol(transfers->confidence, 1, 1e-9);
    ck_assert(isnan(overview.usages[RNET_USAGE_WEB].confidence));
    rnet_survey_overview_clear(&overview);
    for (unsigned long n = 1;; n++) {
        enum rnet_status status;

        rnet_alloc_fail_at(n);
        status = rnet_survey_overview(survey, &overview, &err);
        rnet_alloc_fail_at(0);
        if (status == RNET_OK)
            break;
        ck_assert_int_eq(status, RNET_ENOMEM);
        ck_assert_ptr_null(overview.offices);
    }
    rnet_survey_overview_clear(&overview);
    rnet_survey_close(survey);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("claim-survey");
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, a_firm_keeps_what_is_known_and_learns_what_is_new);
    tcase_add_loop_test(tcase, a_firm_that_cannot_be_is_refused, 0,
                        (int)(sizeof bad_firms / sizeof *bad_firms));
    tcase_add_test(tcase, a_capture_goes_in_once_and_comes_out_whole);
    tcase_add_test(tcase, what_is_removed_is_gone_and_what_is_not_there_is_said);
    tcase_add_loop_test(tcase, a_survey_of_an_older_form_is_brought_to_todays, 1, SCHEMA_STEPS);
    tcase_add_test(tcase, what_is_no_survey_or_too_new_is_refused_and_left_alone);
    tcase_add_loop_test(tcase, a_survey_with_something_planted_in_it_is_refused, 0,
                        (int)(sizeof plants / sizeof *plants));
    tcase_add_test(tcase, odd_values_in_a_survey_are_survived);
    tcase_add_loop_test(tcase, a_weight_that_is_none_is_refused_wherever_it_is_read, 0,
                        (int)(sizeof no_weights / sizeof *no_weights));
    tcase_add_test(tcase, merging_parts_in_any_order_gives_the_bytes_of_the_whole);
    tcase_add_test(tcase, a_merge_that_cannot_be_leaves_the_old_file);
    tcase_add_test(tcase, several_processes_add_at_once);
    tcase_add_test(tcase, a_killed_process_loses_nothing_it_had_added);
    tcase_add_test(tcase, a_damaged_survey_is_survived);
    tcase_add_test(tcase, running_out_of_memory_is_said_and_leaves_the_survey_sound);
    tcase_add_test(tcase, a_merge_that_runs_out_of_memory_leaves_the_old_file);
    tcase_add_test(tcase, an_overview_adds_up_what_the_captures_hold);
    tcase_add_test(tcase, a_profile_read_from_memory_is_checked_as_one_from_a_file);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
