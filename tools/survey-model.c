/* netsuff survey model: offices that a model composes of recorded applications, into a survey. */
#include "language.h"
#include "options.h"
#include "progress.h"
#include "survey.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct request {
    struct rnet_population_options population;
    struct survey_inputs parts;
    unsigned long firms;
    bool show_model;
    bool quiet;
};

enum option_code {
    OPTION_FIRMS = 256,
    OPTION_SEED,
    OPTION_MODEL,
    OPTION_PARTS,
    OPTION_HOURS,
    OPTION_SHOW_MODEL,
};

static const struct command_option options[] = {
    {"firms", OPTION_FIRMS, N_("N"), N_("how many offices"), NULL},
    {"seed", OPTION_SEED, N_("N"),
     N_("draw others (default 1); the same seed gives the same offices"), NULL},
    {"model", OPTION_MODEL, N_("FILE"), N_("another model than the built-in one"), NULL},
    {"show-model", OPTION_SHOW_MODEL, NULL,
     N_("print the built-in model, with the source of every figure"), NULL},
    {"parts", OPTION_PARTS, N_("FILE"),
     N_("a profile of your own, or a folder of them, instead of the built-in ones of the same "
        "activity; named ACTIVITY.profile or ACTIVITY.ANYTHING.profile; repeatable"),
     NULL},
    {"hours", OPTION_HOURS, N_("A-B"),
     N_("of the working day, e.g. 8-18 (default: the busiest hour)"), NULL},
    {"quiet", 'q', NULL, N_("no progress, no summary"), NULL},
    OPTIONS_END,
};

static bool
set_hours(struct request *request, const char *text)
{
    unsigned first, end;
    int used = 0;

    if (sscanf(text, "%2u-%2u%n", &first, &end, &used) == 2 && text[used] == '\0' && first < end &&
        end <= 24) {
        request->population.first_hour = first;
        request->population.hours = end - first;
        return true;
    }
    complain("--hours takes two hours of a day, as in 8-18, not '%s'", text);
    return false;
}

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;
    const struct rnet_firm nobody = {.name = ""};
    unsigned long value;

    switch (code) {
    case OPTION_FIRMS:
        return parse_count("--firms", text, 10000000, &request->firms);
    case OPTION_SEED:
        if (!parse_count("--seed", text, UINT32_MAX, &value))
            return false;
        request->population.seed = value;
        return true;
    case OPTION_MODEL:
        request->population.model_path = text;
        return true;
    case OPTION_PARTS:
        return inputs_add(&request->parts, text, &nobody, FIRM_GIVEN);
    case OPTION_HOURS:
        return set_hours(request, text);
    case OPTION_SHOW_MODEL:
        request->show_model = true;
        return true;
    default:
        request->quiet = true;
        return true;
    }
}

static enum rnet_status
make_population(const struct request *request, struct rnet_population **population,
                struct rnet_error *err)
{
    struct rnet_population_options given = request->population;
    const char **paths = calloc(request->parts.count + 1, sizeof *paths);
    enum rnet_status status;

    if (paths == NULL) {
        snprintf(err->message, sizeof err->message, "out of memory");
        return RNET_ENOMEM;
    }
    for (size_t i = 0; i < request->parts.count; i++)
        paths[i] = request->parts.items[i].path;
    given.parts = paths;
    given.part_count = request->parts.count;
    status = rnet_population_new(&given, population, err);
    free(paths);
    return status;
}

/* One office, unless it is there. RNET_OK, RNET_END (it was there), or a failure. */
static enum rnet_status
add_office(struct rnet_survey *survey, struct rnet_population *population, uint64_t number,
           struct rnet_error *err)
{
    struct rnet_office office;
    struct rnet_profile *profile;
    enum rnet_status status = rnet_population_office(population, number, &office, err);

    if (status != RNET_OK)
        return status;
    if (rnet_survey_has_input(survey, office.firm.name, office.digest))
        return RNET_END;
    status = rnet_population_compose(population, &office, &profile, err);
    if (status == RNET_OK)
        status = rnet_survey_add(survey, &office.firm, profile, office.digest, err);
    rnet_profile_free(profile);
    return status;
}

static void
say_what_is_left_out(const struct rnet_population *population)
{
    const char *separator = "";

    fputs(_("Modelled, not surveyed. Left out for want of a recording: "), stdout);
    for (int usage = 0; usage < RNET_USAGE_COUNT; usage++) {
        const struct rnet_usage_info *info = rnet_usage_info((enum rnet_usage)usage);

        if (info->role != RNET_ROLE_JUDGED ||
            rnet_population_models(population, (enum rnet_usage)usage))
            continue;
        printf("%s%s", separator, _(info->name));
        separator = ", ";
    }
    puts(separator[0] == '\0' ? _("nothing.") : ".");
}

static int
add_offices(const struct request *request, struct rnet_survey *survey,
            struct rnet_population *population)
{
    struct rnet_error err = {0};
    struct progress progress;
    enum rnet_status status = RNET_OK;
    unsigned long added = 0, there = 0;

    progress_begin(&progress, request->quiet);
    progress.doing = N_("composing offices");
    for (uint64_t n = 1; n <= request->firms && status >= RNET_OK && !stop_requested; n++) {
        status = add_office(survey, population, n, &err);
        added += status == RNET_OK;
        there += status == RNET_END;
        progress_counting(&progress, (size_t)n, request->firms);
    }
    progress_end(&progress);
    if (!request->quiet) {
        printf(_("%lu offices added, %lu there already, %lu not reached\n"), added, there,
               request->firms - added - there);
        say_what_is_left_out(population);
    }
    if (status < RNET_OK) {
        complain("%s", err.message);
        return added > 0 ? EXIT_PARTIAL : EXIT_FAILED;
    }
    return added + there == request->firms ? EXIT_DONE : EXIT_PARTIAL;
}

static int
model_into(const struct request *request, const char *path)
{
    struct rnet_error err = {0};
    struct rnet_population *population = NULL;
    struct rnet_survey *survey = NULL;
    enum rnet_status status = make_population(request, &population, &err);
    int code;

    if (status == RNET_OK)
        status = rnet_survey_open(path, RNET_SURVEY_CREATE, &survey, &err);
    if (status == RNET_OK) {
        catch_signals();
        code = add_offices(request, survey, population);
    } else {
        complain("%s", err.message);
        code = status == RNET_EINVAL ? EXIT_USAGE : EXIT_FAILED;
    }
    rnet_survey_close(survey);
    rnet_population_free(population);
    return code;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {.population = {.seed = 1}};
    int code = read_options(command, &request, argc, argv);

    if (code >= 0) {
        /* said already */
    } else if (request.show_model) {
        fputs(rnet_population_model_text(), stdout);
        code = EXIT_DONE;
    } else if (optind + 1 != argc || request.firms == 0) {
        complain("survey model: one survey and --firms N are needed; 'netsuff survey model --help' "
                 "shows examples");
        code = EXIT_USAGE;
    } else {
        code = model_into(&request, argv[optind]);
    }
    inputs_clear(&request.parts);
    return code;
}

const struct command command_survey_model = {
    .name = "survey model",
    .summary = N_("put offices of a reference population in: modelled, not surveyed"),
    .synopsis = N_("SURVEY --firms N [OPTION…]"),
    .description = N_("Put a reference population into a survey: offices drawn from French statistics, "
                      "whose traffic is composed of recordings of real applications. They are "
                      "MODELLED, NOT SURVEYED, and everything made from them says so. What is there "
                      "already is skipped, so a run that was stopped is resumed by giving it again; a "
                      "larger N adds offices."),
    .options = options,
    .exits = N_("0 all there, 2 wrong usage, 3 stopped on the way, 4 failed"),
    .examples = "netsuff survey model reference.db --firms 1000\n"
                "netsuff claim reference.db",
    .set = set_option,
    .run = run,
};
