/*
 * netsuff link --survey: every row becomes a link specification, so that a table says nothing that
 * a person could not say about one line, and errors read the same. One pass; a row that fails is
 * reported and the rest is done.
 */
#include "link-survey.h"

#include "confine.h"
#include "csv.h"
#include "language.h"
#include "link-rows.h"
#include "progress.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPLAINTS 20 /* on stderr; every one is in the output */

enum column {
    COLUMN_ID,
    COLUMN_SPECIFICATION,
    COLUMN_TECHNOLOGY,
    COLUMN_LENGTH_M,
    COLUMN_LENGTH_KM,
    COLUMN_GAUGE,
    COLUMN_SYNC_DOWN,
    COLUMN_SYNC_UP,
    COLUMN_LOOP, /* from here on: options of a specification, as they are */
    COLUMN_ATTENUATION,
    COLUMN_MODEM,
    COLUMN_NOISE,
    COLUMN_FEXT,
    COLUMN_NEXT,
    COLUMN_MARGIN,
    COLUMN_GAIN,
    COLUMN_CAP,
    COLUMN_RATE,
    COLUMN_COUNT
};

static const char *const column_names[COLUMN_COUNT] = {
    [COLUMN_ID] = "id",
    [COLUMN_SPECIFICATION] = "specification",
    [COLUMN_TECHNOLOGY] = "technology",
    [COLUMN_LENGTH_M] = "length_m",
    [COLUMN_LENGTH_KM] = "length_km",
    [COLUMN_GAUGE] = "gauge",
    [COLUMN_SYNC_DOWN] = "sync_down",
    [COLUMN_SYNC_UP] = "sync_up",
    [COLUMN_LOOP] = "loop",
    [COLUMN_ATTENUATION] = "attenuation",
    [COLUMN_MODEM] = "modem",
    [COLUMN_NOISE] = "noise",
    [COLUMN_FEXT] = "fext",
    [COLUMN_NEXT] = "next",
    [COLUMN_MARGIN] = "margin",
    [COLUMN_GAIN] = "gain",
    [COLUMN_CAP] = "cap",
    [COLUMN_RATE] = "rate",
};

struct survey {
    const struct link_survey_request *request;
    struct csv_reader reader;
    struct output output;
    struct link_rows rows;
    struct rnet_copper_solver *solver;
    int at[COLUMN_COUNT]; /* place of a column in the table; -1 = not there */
    unsigned long done;
    unsigned long failed;
    struct progress progress;
    uint64_t bytes; /* of the table; 0 = not known */
};

static const char *
field(const struct survey *survey, enum column column)
{
    const int at = survey->at[column];

    return at >= 0 && (size_t)at < survey->reader.count ? survey->reader.fields[at] : "";
}

/* before, the cell's value, after; false when it does not fit or holds what no value may. */
static bool
add_value(struct link_row *row, const char *before, const char *value, const char *after)
{
    const size_t used = strlen(row->specification), room = LINK_ROW_SPECIFICATION - used;
    const int length = snprintf(row->specification + used, room, "%s%s%s", before, value, after);

    return length >= 0 && (size_t)length < room && value[strcspn(value, ",= ")] == '\0';
}

/* French tables have decimal commas. */
static void
decimal_points(char *value)
{
    for (; *value != '\0'; value++)
        if (*value == ',')
            *value = '.';
}

static bool
add_option(const struct survey *survey, struct link_row *row, enum column column)
{
    const char *value = field(survey, column);
    char before[32];

    if (value[0] == '\0')
        return true;
    snprintf(before, sizeof before,
             "%s%s=", row->specification[strlen(row->specification) - 1] == ':' ? "" : ",",
             column_names[column]);
    return add_value(row, before, value, "");
}

/* length_m or length_km with gauge to loop=. */
static bool
add_length(const struct survey *survey, struct link_row *row)
{
    const bool metres = field(survey, COLUMN_LENGTH_M)[0] != '\0';
    const char *length = field(survey, metres ? COLUMN_LENGTH_M : COLUMN_LENGTH_KM);
    const char *gauge = field(survey, COLUMN_GAUGE);

    if (length[0] == '\0')
        return true;
    return add_value(row, "loop=", length, metres ? "m@" : "km@") &&
           add_value(row, "", gauge,
                     gauge[0] != '\0' && gauge[strspn(gauge, "0123456789.")] == '\0' ? "mm" : "");
}

static bool
fail_row(struct link_row *row, const char *why)
{
    row->err.status = RNET_EFORMAT;
    snprintf(row->err.message, sizeof row->err.message, "%s", _(why));
    return false;
}

/* The row's cells as a specification; false and the row failed when they make none. */
static bool
compose(struct survey *survey, struct link_row *row)
{
    const char *technology = field(survey, COLUMN_TECHNOLOGY);
    const char *whole = field(survey, COLUMN_SPECIFICATION);
    bool ok;

    row->specification[0] = '\0';
    if (whole[0] != '\0') {
        ok = snprintf(row->specification, LINK_ROW_SPECIFICATION, "%s", whole) <
             LINK_ROW_SPECIFICATION;
        return ok || fail_row(row, "the specification is too long");
    }
    for (size_t i = 0; i < survey->reader.count; i++)
        if (survey->reader.separator != ',' && (int)i != survey->at[COLUMN_ID])
            decimal_points(survey->reader.fields[i]);
    ok = add_value(row, "", technology[0] != '\0' ? technology : survey->request->technology, ":");
    if (field(survey, COLUMN_SYNC_DOWN)[0] != '\0')
        ok = ok && add_value(row, "", field(survey, COLUMN_SYNC_DOWN), "/") &&
             add_value(row, "", field(survey, COLUMN_SYNC_UP), "");
    else
        ok = ok && add_length(survey, row);
    for (int column = COLUMN_LOOP; ok && column < COLUMN_COUNT; column++)
        ok = add_option(survey, row, (enum column)column);
    if (!ok)
        return fail_row(row, "a cell is too long or holds a comma, an equals sign or a blank");
    if (row->specification[strlen(row->specification) - 1] == ':')
        return fail_row(row, "nothing says what the line is");
    return true;
}

static uint64_t
stated_point(const struct survey *survey, const struct rnet_copper_direction *direction)
{
    const char *rate = field(survey, COLUMN_RATE);

    return strcasecmp(rate, "p10") == 0   ? direction->p10_bps
           : strcasecmp(rate, "p50") == 0 ? direction->p50_bps
           : strcasecmp(rate, "p90") == 0 ? direction->p90_bps
                                          : direction->rate_bps;
}

static void
solve(struct survey *survey, struct link_row *row)
{
    struct rnet_copper copper;
    struct rnet_link link;
    enum rnet_status status =
        rnet_link_copper(row->specification, survey->solver, &copper, &row->err);

    row->reported = status == RNET_ECANTTELL || field(survey, COLUMN_SYNC_DOWN)[0] != '\0';
    if (status == RNET_OK && !row->reported) {
        if (rnet_copper_solve(survey->solver, &copper, &row->result, &row->err) != RNET_OK)
            return;
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            row->rate_bps[way] = stated_point(survey, &row->result.direction[way]);
    } else if (row->reported) {
        row->err.status = RNET_OK;
        if (rnet_link_parse(row->specification, &link, &row->err) != RNET_OK)
            return;
        for (int way = 0; way < RNET_DIRECTIONS; way++)
            row->rate_bps[way] = link.direction[way].rate_bps;
    }
}

static void
write_row(struct survey *survey, const struct link_row *row)
{
    link_row_write(&survey->rows, row);
    if (row->err.status == RNET_OK) {
        survey->done++;
        return;
    }
    progress_end(&survey->progress); /* a complaint gets a line of its own */
    if (++survey->failed <= COMPLAINTS && !survey->request->quiet)
        complain("%s:%lu: %s", survey->request->input, row->line, row->err.message);
    if (survey->failed == COMPLAINTS + 1 && !survey->request->quiet)
        complain("%s: more rows failed; the output names each", survey->request->input);
}

static void
do_row(struct survey *survey, enum csv_status status)
{
    struct link_row row;

    memset(&row, 0, sizeof row);
    row.line = survey->reader.line;
    row.id = "";
    if (status == CSV_BAD) {
        fail_row(&row, survey->reader.why);
    } else {
        row.id = field(survey, COLUMN_ID);
        if (compose(survey, &row))
            solve(survey, &row);
    }
    write_row(survey, &row);
}

static int
column_of(const char *name)
{
    /* A unit in a heading says what the column holds anyway. */
    static const struct {
        const char *name;
        enum column column;
    } aliases[] = {{"attenuation_db", COLUMN_ATTENUATION}, {"modem_db", COLUMN_MODEM},
                   {"margin_db", COLUMN_MARGIN},           {"gauge_mm", COLUMN_GAUGE},
                   {"sync_down_kbps", COLUMN_SYNC_DOWN},   {"sync_up_kbps", COLUMN_SYNC_UP},
                   {"noise_dbm_hz", COLUMN_NOISE},         {"link", COLUMN_SPECIFICATION}};

    for (int i = 0; i < COLUMN_COUNT; i++)
        if (strcasecmp(name, column_names[i]) == 0)
            return i;
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (strcasecmp(name, aliases[i].name) == 0)
            return (int)aliases[i].column;
    return -1;
}

/* The first record names the columns; unknown ones are left alone, and said so. */
static bool
read_heading(struct survey *survey)
{
    static const enum column telling[] = {
        COLUMN_SPECIFICATION, COLUMN_LENGTH_M, COLUMN_LENGTH_KM, COLUMN_LOOP,
        COLUMN_ATTENUATION,   COLUMN_MODEM,    COLUMN_SYNC_DOWN};
    size_t unknown = 0;

    for (int i = 0; i < COLUMN_COUNT; i++)
        survey->at[i] = -1;
    if (csv_next(&survey->reader) != CSV_RECORD) {
        complain("%s: no heading: %s", survey->request->input,
                 survey->reader.why != NULL ? survey->reader.why : _("the table is empty"));
        return false;
    }
    for (size_t i = 0; i < survey->reader.count; i++) {
        const int column = column_of(survey->reader.fields[i]);

        unknown += column < 0;
        if (column >= 0 && survey->at[column] >= 0) {
            complain("%s: two columns for %s", survey->request->input, column_names[column]);
            return false;
        }
        if (column >= 0)
            survey->at[column] = (int)i;
    }
    if (unknown > 0 && !survey->request->quiet)
        complain("%s: %zu of %zu columns mean nothing here and are left alone",
                 survey->request->input, unknown, survey->reader.count);
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (survey->at[telling[i]] >= 0)
            return true;
    complain("%s: no column says what the lines are: length_m and gauge, loop, attenuation, modem, "
             "sync_down and sync_up, or specification",
             survey->request->input);
    return false;
}

/* None where the rows themselves go to the terminal. */
static void
begin_progress(struct survey *survey)
{
    const struct link_survey_request *request = survey->request;
    const bool to_stdout = request->output == NULL || strcmp(request->output, "-") == 0;
    struct stat about;

    if (fstat(fileno(survey->reader.file), &about) == 0 && S_ISREG(about.st_mode))
        survey->bytes = (uint64_t)about.st_size;
    progress_begin(&survey->progress, request->quiet || (to_stdout && isatty(STDOUT_FILENO)));
}

static void
do_rows(struct survey *survey)
{
    enum csv_status status;

    catch_signals();
    begin_progress(survey);
    while (!stop_requested && (status = csv_next(&survey->reader)) != CSV_END) {
        do_row(survey, status);
        progress_reading(&survey->progress, survey->reader.taken_bytes, survey->bytes);
    }
    progress_end(&survey->progress);
}

static int
do_table(struct survey *survey)
{
    bool ok;

    if (!confine_to_output(survey->request->output) || !read_heading(survey))
        return EXIT_FAILED;
    if (!output_open(&survey->output, survey->request->output))
        return EXIT_FAILED;
    link_rows_begin(&survey->rows, survey->output.file, survey->request->json);
    do_rows(survey);
    ok = !ferror(survey->reader.file) || stop_requested;
    link_rows_end(&survey->rows, survey->done, survey->failed, ok && !stop_requested);
    if (!ok)
        complain("%s: %s", survey->request->input, strerror(errno));
    if (!output_close(&survey->output, true))
        return EXIT_FAILED;
    if (!survey->request->quiet)
        fprintf(stderr, _("%lu lines done, %lu failed%s\n"), survey->done, survey->failed,
                stop_requested ? _(", interrupted") : "");
    return ok && survey->failed == 0 && !stop_requested ? EXIT_DONE : EXIT_PARTIAL;
}

int
link_survey(const struct link_survey_request *request)
{
    static struct survey survey;
    const bool from_stdin = strcmp(request->input, "-") == 0;
    FILE *file = from_stdin ? stdin : fopen(request->input, "rb");
    int code = EXIT_FAILED;

    if (file == NULL) {
        complain("%s: %s", request->input, strerror(errno));
        return EXIT_FAILED;
    }
    survey.request = request;
    csv_begin(&survey.reader, file);
    if (rnet_copper_solver_new(&survey.solver) == RNET_OK)
        code = do_table(&survey);
    else
        complain("out of memory");
    rnet_copper_solver_free(survey.solver);
    if (!from_stdin)
        fclose(file);
    return code;
}
