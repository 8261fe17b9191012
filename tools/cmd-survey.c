/* netsuff survey: many offices in one file. */
#include "language.h"
#include "options.h"
#include "progress.h"
#include "survey.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct request {
    const char *format;
    const char *output;
    const char *capture;
    bool quiet;
};

enum option_code {
    OPTION_CAPTURE = 256,
};

#define OPTION_QUIET {"quiet", 'q', NULL, N_("no progress"), NULL}

static const struct command_option plain_options[] = {OPTIONS_END};

static const struct command_option merge_options[] = {OPTION_QUIET, OPTIONS_END};

static const struct command_option export_options[] = {
    {"output", 'o', N_("FILE"), N_("write there, whole or not at all"), NULL},
    OPTION_QUIET,
    OPTIONS_END,
};

static const struct command_option remove_options[] = {
    {"capture", OPTION_CAPTURE, N_("DIGEST"), N_("only that capture of the firm"), NULL},
    OPTIONS_END,
};

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;

    if (code == 'o')
        request->output = text;
    else if (code == OPTION_CAPTURE)
        request->capture = text;
    else if (code == 'q')
        request->quiet = true;
    return true;
}

static int
failed(const struct rnet_error *err)
{
    complain("%s", err->message);
    return err->status == RNET_EINVAL || err->status == RNET_ENOTFOUND ? EXIT_USAGE : EXIT_FAILED;
}

static const char *
or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* list ---------------------------------------------------------------------------------------- */

static int
list(struct rnet_survey *survey, const struct request *request, char **operands, int count)
{
    struct rnet_error err = {0};
    struct rnet_firm *firms;
    size_t firm_count, captures = 0, silent = 0, modelled = 0;

    (void)request;
    (void)operands;
    (void)count;
    if (rnet_survey_firms(survey, &firms, &firm_count, &err) != RNET_OK)
        return failed(&err);
    /* Translators: keep the columns under each other. */
    puts(_("firm                 sector           staff   weight captures  line"));
    for (size_t i = 0; i < firm_count; i++) {
        const struct rnet_firm *firm = &firms[i];
        char staff[16] = "-";

        if (firm->staff > 0)
            snprintf(staff, sizeof staff, "%u", (unsigned)firm->staff);
        printf("%-20s %-16s %5s %8.6g %8zu  %s%s\n", firm->name, or_dash(firm->sector), staff,
               firm->weight, firm->captures, or_dash(firm->line),
               firm->modelled ? _("  (modelled)") : "");
        captures += firm->captures;
        silent += firm->captures == 0;
        modelled += firm->modelled;
    }
    printf(_("\n%zu firms, %zu captures; %zu firms gave none\n"), firm_count, captures, silent);
    if (modelled > 0)
        printf(_("%zu firms are modelled, not surveyed\n"), modelled);
    rnet_survey_list_free(firms);
    return EXIT_DONE;
}

/* show ---------------------------------------------------------------------------------------- */

static void
show_usages(const struct rnet_profile_summary *summary)
{
    for (int i = 0; i < RNET_USAGE_COUNT; i++) {
        const struct rnet_usage_summary *usage = &summary->usages[i];
        const char *name = _(rnet_usage_info(usage->usage)->name);
        const int columns = columns_of(name, strlen(name));

        if (usage->flows > 0)
            printf(_("  %s%*s %8llu flows %10.3f MB up %10.3f MB down %9.1f s\n"), name,
                   columns < 20 ? 20 - columns : 0, "", (unsigned long long)usage->flows,
                   (double)usage->bytes[RNET_UP] / 1e6, (double)usage->bytes[RNET_DOWN] / 1e6,
                   usage->active_s);
    }
}

static void
say_if_modelled(struct rnet_survey *survey, const char *name)
{
    struct rnet_firm *firms;
    size_t count;

    if (rnet_survey_firms(survey, &firms, &count, NULL) != RNET_OK)
        return;
    for (size_t i = 0; i < count; i++)
        if (firms[i].modelled && strcmp(firms[i].name, name) == 0)
            printf(_("firm %s: modelled, not surveyed\n"), name);
    rnet_survey_list_free(firms);
}

static int
show(struct rnet_survey *survey, const struct request *request, char **operands, int count)
{
    struct rnet_error err = {0};
    struct rnet_survey_capture *captures;
    size_t capture_count;
    enum rnet_status status =
        rnet_survey_captures(survey, operands[0], &captures, &capture_count, &err);

    (void)request;
    (void)count;
    if (status == RNET_OK)
        say_if_modelled(survey, operands[0]);
    for (size_t i = 0; i < capture_count && status == RNET_OK; i++) {
        struct rnet_profile *profile;

        status = rnet_survey_profile(survey, captures[i].digest, &profile, &err);
        if (status != RNET_OK)
            break;
        say(stdout, _("capture %s: %llu packets in %.1f s, profile of %.1f kB\n"), captures[i].digest,
               (unsigned long long)captures[i].packets,
               (double)(captures[i].end_ns - captures[i].begin_ns) / 1e9,
               (double)captures[i].profile_bytes / 1e3);
        show_usages(rnet_profile_get_summary(profile));
        rnet_profile_free(profile);
    }
    rnet_survey_list_free(captures);
    if (status != RNET_OK)
        return failed(&err);
    if (capture_count == 0)
        printf(_("firm %s: no capture\n"), operands[0]);
    return EXIT_DONE;
}

/* export, remove, merge ------------------------------------------------------------------------ */

static enum rnet_status
export_page(struct rnet_survey *survey, char **text, size_t *length, struct rnet_error *err)
{
    struct rnet_survey_overview overview;
    enum rnet_status status = rnet_survey_overview(survey, &overview, err);

    if (status != RNET_OK)
        return status;
    status = rnet_report_survey_html(&overview, text, length);
    rnet_survey_overview_clear(&overview);
    if (status != RNET_OK)
        snprintf(err->message, sizeof err->message, "%s", rnet_status_text(status));
    return status;
}

static enum rnet_status
export_as(struct rnet_survey *survey, const char *format, char **text, size_t *length,
          struct rnet_error *err)
{
    if (strcmp(format, "html") == 0)
        return export_page(survey, text, length, err);
    if (strcmp(format, "json") == 0)
        return rnet_report_survey_json(survey, text, length, err);
    return rnet_report_survey_csv(survey, text, length, err);
}

static int export(struct rnet_survey *survey, const struct request *request, char **operands,
                  int count)
{
    struct rnet_error err = {0};
    struct progress progress;
    char *text = NULL;
    size_t length = 0;
    enum rnet_status status;
    bool ok;

    (void)operands;
    (void)count;
    progress_begin(&progress, request->quiet);
    progress.doing = N_("reading captures");
    rnet_survey_set_progress(survey, progress_counting, &progress);
    status = export_as(survey, request->format, &text, &length, &err);
    progress_end(&progress);
    if (status != RNET_OK)
        return failed(&err);
    ok = write_output(request->output, text, length);
    rnet_report_free(text);
    return ok ? EXIT_DONE : EXIT_FAILED;
}

static int
remove_some(struct rnet_survey *survey, const struct request *request, char **operands, int count)
{
    struct rnet_error err = {0};

    (void)count;
    if (rnet_survey_remove(survey, operands[0], request->capture, &err) != RNET_OK)
        return failed(&err);
    return EXIT_DONE;
}

static int
merge(const struct request *request, char **operands, int count)
{
    struct rnet_error err = {0};
    struct progress progress;
    const char **sources;
    size_t source_count = 0;
    enum rnet_status status;
    FILE *old;

    if (output_is_special(operands[0])) {
        complain("survey merge: %s is no file; a survey is one", operands[0]);
        return EXIT_FAILED;
    }
    sources = malloc(sizeof *sources * (size_t)count);
    old = fopen(operands[0], "rb");

    if (sources == NULL) {
        complain("out of memory");
        if (old != NULL)
            fclose(old);
        return EXIT_FAILED;
    }
    if (old != NULL) {
        sources[source_count++] = operands[0];
        fclose(old);
    }
    for (int i = 1; i < count; i++)
        sources[source_count++] = operands[i];
    progress_begin(&progress, request->quiet);
    progress.doing = N_("merging captures, in two passes");
    status = rnet_survey_merge(operands[0], sources, source_count, progress_counting, &progress,
                               &err);
    progress_end(&progress);
    free(sources);
    return status == RNET_OK ? EXIT_DONE : failed(&err);
}

/* ---------------------------------------------------------------------------------------------- */

struct subcommand {
    const struct command *command;
    int (*run)(struct rnet_survey *survey, const struct request *request, char **operands,
               int count);
    enum rnet_survey_mode mode;
    int least; /* operands, the survey included */
    int most;
};

static const struct subcommand subcommands[] = {
    {&command_survey_list, list, RNET_SURVEY_READ, 1, 1},
    {&command_survey_show, show, RNET_SURVEY_READ, 2, 2},
    {&command_survey_export, export, RNET_SURVEY_READ, 2, 2},
    {&command_survey_remove, remove_some, RNET_SURVEY_WRITE, 2, 2},
    {&command_survey_merge, NULL, RNET_SURVEY_READ, 2, 100000},
};

static int
work(const struct subcommand *subcommand, struct request *request, char **operands, int count)
{
    struct rnet_error err = {0};
    struct rnet_survey *survey;
    int code;

    if (count < subcommand->least || count > subcommand->most) {
        complain("%s: takes %d operands, not %d; 'netsuff help %s' shows them",
                 subcommand->command->name, subcommand->least, count, subcommand->command->name);
        return EXIT_USAGE;
    }
    if (subcommand->run == export) {
        request->format = operands[0];
        operands++;
        count--;
        if (strcmp(request->format, "json") != 0 && strcmp(request->format, "csv") != 0 &&
            strcmp(request->format, "html") != 0) {
            complain("survey export: there are csv, json and html, not '%s'", request->format);
            return EXIT_USAGE;
        }
    }
    if (!confine_to_surveys(operands, subcommand->run == NULL ? (size_t)count : 1, request->output,
                            NULL))
        return EXIT_FAILED;
    if (subcommand->run == NULL)
        return merge(request, operands, count);
    if (rnet_survey_open(operands[0], subcommand->mode, &survey, &err) != RNET_OK)
        return failed(&err);
    code = subcommand->run(survey, request, operands + 1, count - 1);
    rnet_survey_close(survey);
    return code;
}

static int
run(const struct command *command, int argc, char **argv)
{
    const struct subcommand *subcommand = subcommands;
    struct request request = {.format = NULL};
    const int code = read_options(command, &request, argc, argv);

    if (code >= 0)
        return code;
    while (subcommand->command != command)
        subcommand++;
    return work(subcommand, &request, argv + optind, argc - optind);
}

#define EXITS N_("0 done, 2 wrong usage, 4 failed")

const struct command command_survey_list = {
    .name = "survey list",
    .summary = N_("its firms"),
    .synopsis = N_("SURVEY"),
    .description = N_("List the firms of a survey, and how many captures each gave."),
    .options = plain_options,
    .exits = EXITS,
    .examples = "netsuff survey list survey.db",
    .set = set_option,
    .run = run,
};

const struct command command_survey_show = {
    .name = "survey show",
    .summary = N_("one firm's captures and what was seen in them"),
    .synopsis = N_("SURVEY FIRM"),
    .description = N_("Show the captures of one firm, and what was seen in them, usage by usage."),
    .options = plain_options,
    .exits = EXITS,
    .examples = "netsuff survey show survey.db 17",
    .set = set_option,
    .run = run,
};

const struct command command_survey_export = {
    .name = "survey export",
    .summary = N_("all of it, for other programs"),
    .synopsis = N_("csv|json|html SURVEY"),
    .description = N_("Write all of a survey as comma-separated values or JSON, or what it holds as a page to read."),
    .options = export_options,
    .exits = EXITS,
    .examples = "netsuff survey export csv -o survey.csv survey.db\n"
                "netsuff survey export html -o survey.html survey.db",
    .set = set_option,
    .run = run,
};

const struct command command_survey_remove = {
    .name = "survey remove",
    .summary = N_("take a firm with its captures out, or one capture"),
    .synopsis = N_("[--capture DIGEST] SURVEY FIRM"),
    .description = N_("Take a firm with its captures out of a survey, or only one of its captures, named "
                      "by its digest as 'netsuff survey show' prints it."),
    .options = remove_options,
    .exits = EXITS,
    .examples = "netsuff survey remove survey.db 17",
    .set = set_option,
    .run = run,
};

const struct command command_survey_merge = {
    .name = "survey merge",
    .summary = N_("make one survey of several"),
    .synopsis = N_("INTO SURVEY…"),
    .description = N_("Make one survey of several, in any order; INTO, if it is there, is one of them."),
    .options = merge_options,
    .exits = EXITS,
    .examples = "netsuff survey merge all.db north.db south.db",
    .set = set_option,
    .run = run,
};

const struct command command_survey = {
    .name = "survey",
    .summary = N_("gather many offices in one file"),
    .synopsis = N_("COMMAND SURVEY …"),
    .description = N_("Many offices in one file: their profiles, to be tried on any line later. No "
                      "payload, no address, no host name, no path is in it."),
    .options = plain_options,
    .exits = N_("0 done, 2 wrong usage, 3 partial, 4 failed"),
    .examples = "netsuff survey add survey.db --firm 17 --staff 6 monday.pcap\n"
                "netsuff claim survey.db",
};
