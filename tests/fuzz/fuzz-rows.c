/*
 * Any bytes as what stands in the rows of a survey whose schema is right, which random files never
 * have: firms, captures and kept evaluations are changed, then listed, exported, merged and judged.
 * What comes out must be possible.
 */
#include "fuzz-folder.h"

#include "../upload-profile.h"
#include "claim/claim.h"

#include <ruralnet/report.h>

#include <limits.h>
#include <math.h>
#include <string.h>

#define OFFICES 3

static const char *const columns[][8] = {
    {"firm", "name", "sector", "line", "staff", "weight", "modelled"},
    {"capture", "firm", "digest", "input", "packets", "begin_ns", "end_ns", "profile"},
    {"evaluation", "key", "capture", "build", "items", "sum"},
};

/* A survey as it should be, made once. */
static uint8_t sound[1 << 18];
static size_t sound_bytes;
static void
must(bool holds)
{
    if (!holds)
        abort();
}

static const struct rnet_claim_options *
claim_options(void)
{
    static const char *const lines[] = {"adsl-2m"};
    static const struct rnet_claim_options options = {
        .assess = {.links = lines, .link_count = 1, .replications = 1, .threads = 1},
        .no_loops = true,
        .draws = 20,
    };

    return &options;
}

static void
fill_survey(struct rnet_survey *survey)
{
    struct rnet_claim claim = {0};

    for (unsigned i = 1; i <= OFFICES; i++) {
        struct rnet_firm firm = {.staff = 4 * i, .weight = i};
        struct rnet_profile *profile = upload_profile(i, 100000u * i);

        must(profile != NULL);
        snprintf(firm.name, sizeof firm.name, "%u", i);
        must(rnet_survey_add(survey, &firm, profile, "", NULL) == RNET_OK);
        rnet_profile_free(profile);
    }
    must(rnet_claim_test(survey, claim_options(), &claim, NULL) == RNET_OK);
    rnet_claim_clear(&claim);
}

static void
make_sound(void)
{
    struct rnet_survey *survey;
    char path[FUZZ_PATH];
    sqlite3 *db;
    FILE *file;

    fuzz_path("sound", path);
    must(rnet_survey_open(path, RNET_SURVEY_CREATE, &survey, NULL) == RNET_OK);
    fill_survey(survey);
    rnet_survey_close(survey);
    /* In one file, so that its bytes are all of it. */
    must(sqlite3_open(path, &db) == SQLITE_OK);
    must(sqlite3_exec(db, "PRAGMA journal_mode=DELETE; VACUUM", NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
    file = fopen(path, "rb");
    must(file != NULL);
    sound_bytes = fread(sound, 1, sizeof sound, file);
    must(sound_bytes > 0 && sound_bytes < sizeof sound);
    fclose(file);
}

/* Changes ----------------------------------------------------------------------------------------
 */

struct input {
    const uint8_t *at;
    size_t left;
};

static uint64_t
take(struct input *input, size_t bytes)
{
    uint64_t value = 0;

    for (; bytes > 0 && input->left > 0; bytes--, input->left--)
        value = value << 8 | *input->at++;
    return value;
}

static const uint8_t *
take_bytes(struct input *input, size_t *count)
{
    const uint8_t *bytes = input->at;

    *count = (size_t)take(input, 1);
    *count = *count < input->left ? *count : input->left;
    input->at += *count;
    input->left -= *count;
    return bytes;
}

static void
bind_value(struct input *input, sqlite3_stmt *change)
{
    uint64_t bits;
    double real;
    size_t count;
    const uint8_t *bytes;

    switch (take(input, 1) % 6) {
    case 0:
        sqlite3_bind_int64(change, 1, (int8_t)take(input, 1));
        return;
    case 1:
        sqlite3_bind_int64(change, 1, (int64_t)take(input, 8));
        return;
    case 2:
        bits = take(input, 8);
        memcpy(&real, &bits, sizeof real);
        sqlite3_bind_double(change, 1, real);
        return;
    case 3:
        bytes = take_bytes(input, &count);
        sqlite3_bind_blob64(change, 1, bytes, count, SQLITE_STATIC);
        return;
    default:
        bytes = take_bytes(input, &count);
        sqlite3_bind_text64(change, 1, (const char *)bytes, count, SQLITE_STATIC, SQLITE_UTF8);
    }
}

/* One cell of one row; a constraint may refuse it. */
static void
change_cell(struct input *input, sqlite3 *db)
{
    const char *const *table = columns[take(input, 1) % 3];
    const char *column = table[1 + take(input, 1) % 7];
    char words[160];
    sqlite3_stmt *change;

    if (column == NULL)
        return;
    /* What was evaluated is looked at only after its own key. */
    snprintf(words, sizeof words,
             "UPDATE OR IGNORE %s SET %s = %s?1 WHERE %s ="
             " (SELECT %s FROM %s ORDER BY 1 LIMIT 1 OFFSET ?2)",
             table[0], column, strcmp(column, "items") == 0 ? "key || char(10) || " : "", table[1],
             table[1], table[0]);
    must(sqlite3_prepare_v2(db, words, -1, &change, NULL) == SQLITE_OK);
    sqlite3_bind_int(change, 2, (int)(take(input, 1) % 16));
    bind_value(input, change);
    sqlite3_step(change);
    sqlite3_finalize(change);
}

/* A checksum that is right: what its row holds is taken for what was computed. */
static void
sum_evaluation(sqlite3_context *context, int count, sqlite3_value **values)
{
    char sum[RNET_DIGEST_TEXT];
    const char *text = (const char *)sqlite3_value_text(values[0]);

    (void)count;
    digest_of_bytes(text != NULL ? text : "", text != NULL ? strlen(text) : 0, sum);
    sqlite3_result_text(context, sum, -1, SQLITE_TRANSIENT);
}

static void
change_rows(struct input *input, const char *path)
{
    sqlite3 *db;

    must(sqlite3_open(path, &db) == SQLITE_OK);
    sqlite3_exec(db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN", NULL, NULL, NULL);
    for (int i = 0; i < 12 && input->left > 0; i++)
        change_cell(input, db);
    sqlite3_create_function(db, "sum_of", 1, SQLITE_UTF8, NULL, sum_evaluation, NULL, NULL);
    sqlite3_exec(db, "UPDATE evaluation SET sum = sum_of(items) WHERE length(sum) > 1; COMMIT",
                 NULL, NULL, NULL);
    sqlite3_close(db);
}

/* What is done with it ---------------------------------------------------------------------------
 */

static void
list(struct rnet_survey *survey)
{
    struct rnet_survey_overview overview = {0};
    struct rnet_survey_capture *captures = NULL;
    struct rnet_firm *firms = NULL;
    size_t count = 0, length;
    char *text = NULL;

    if (rnet_survey_firms(survey, &firms, &count, NULL) == RNET_OK)
        for (size_t i = 0; i < count; i++)
            must(firms[i].weight > 0 && isfinite(firms[i].weight));
    rnet_survey_list_free(firms);
    rnet_survey_captures(survey, NULL, &captures, &count, NULL);
    rnet_survey_list_free(captures);
    if (rnet_report_survey_csv(survey, &text, &length, NULL) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_survey_json(survey, &text, &length, NULL) == RNET_OK)
        rnet_report_free(text);
    if (rnet_survey_overview(survey, &overview, NULL) == RNET_OK &&
        rnet_report_survey_html(&overview, &text, &length) == RNET_OK)
        rnet_report_free(text);
    rnet_survey_overview_clear(&overview);
}

static void
check_share(const struct rnet_claim_share *share)
{
    must((unsigned)share->answer <= RNET_CLAIM_UNDECIDED);
    if (share->offices == 0 || share->answer == RNET_CLAIM_NOTHING)
        return;
    must(share->low >= 0 && share->low <= share->high + 1e-9 && share->high <= 1 + 1e-9);
    must(!(share->exact.low > share->exact.high) && !(share->exact.low < 0) &&
         !(share->exact.high > 1));
}

static void
render(const struct rnet_claim *claim)
{
    char *text = NULL;
    size_t length;

    if (rnet_report_claim_text(claim, NULL, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_claim_json(claim, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_claim_csv(claim, &text, &length) == RNET_OK)
        rnet_report_free(text);
    if (rnet_report_claim_html(claim, &text, &length) == RNET_OK)
        rnet_report_free(text);
}

static void
judge(struct rnet_survey *survey)
{
    struct rnet_claim claim = {0};
    struct rnet_error err = {0};
    const enum rnet_status status = rnet_claim_test(survey, claim_options(), &claim, &err);

    fuzz_expect_words(status, &err);
    for (size_t i = 0; i < claim.line_count; i++) {
        check_share(&claim.lines[i].firms);
        for (int k = 0; k < RNET_CLAIM_COUNTS; k++)
            check_share(&claim.lines[i].usages[k]);
    }
    if (status >= RNET_OK) {
        fuzz_reached++;
        render(&claim);
    }
    rnet_claim_clear(&claim);
}

static void
merge(const char *path)
{
    char sound_path[FUZZ_PATH], merged_path[FUZZ_PATH];
    const char *const sources[] = {path, sound_path};
    struct rnet_survey *survey = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;

    fuzz_named_file("sound", sound, sound_bytes, sound_path);
    fuzz_path("merged", merged_path);
    status = rnet_survey_merge(merged_path, sources, 2, NULL, NULL, &err);
    fuzz_expect_words(status, &err);
    if (status == RNET_OK &&
        rnet_survey_open(merged_path, RNET_SURVEY_READ, &survey, &err) == RNET_OK)
        list(survey);
    rnet_survey_close(survey);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    struct rnet_survey *survey = NULL;
    struct rnet_error err = {0};
    enum rnet_status status;
    uint64_t way;
    char path[FUZZ_PATH];

    if (sound_bytes == 0)
        make_sound();
    fuzz_named_file("survey", sound, sound_bytes, path);
    way = take(&input, 1);
    change_rows(&input, path);
    fuzz_begin_failing(data, size);
    status = rnet_survey_open(path, RNET_SURVEY_READ, &survey, &err);
    fuzz_expect_words(status, &err);
    if (status == RNET_OK && way % 2 == 0)
        list(survey);
    if (status == RNET_OK)
        judge(survey);
    rnet_survey_close(survey);
    if (way % 16 == 1)
        merge(path);
    fuzz_end_failing();
    fuzz_empty_folder();
    return 0;
}
