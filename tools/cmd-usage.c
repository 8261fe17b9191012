/* netsuff usage: the classes, what judges them, where each threshold comes from; and, for a
 * capture, why its flows got theirs. */
#include "explain.h"
#include "language.h"
#include "options.h"
#include "values.h"

#include <getopt.h>
#include <string.h>

struct request {
    const char *set;
    const char *criteria;
    struct explain_request explain;
    struct reading reading;
    bool metrics;
};

enum option_code {
    OPTION_SET = 256,
    OPTION_CRITERIA,
    OPTION_METRICS,
    OPTION_EXPLAIN,
    OPTION_KEEP_NAMES,
    OPTION_TABLES,
};

static const struct command_option options[] = {
    {"set", OPTION_SET, N_("NAME"), N_("criteria: default, or eecc-annex-v"), rnet_criteria_set},
    {"criteria", OPTION_CRITERIA, N_("FILE"),
     N_("thresholds of your own, in YAML; what is not named stays"), NULL},
    {"metrics", OPTION_METRICS, NULL, N_("list what can be measured instead"), NULL},
    {"explain", OPTION_EXPLAIN, N_("WHAT"), N_("a flow's number, a usage, or all"), value_usage},
    {"keep-names", OPTION_KEEP_NAMES, NULL,
     N_("with --explain: show servers' names too (never shown otherwise)"), NULL},
    {"no-dpi", READING_NO_DPI, NULL, N_("name usages without looking into packets"), NULL},
    {"tables", OPTION_TABLES, N_("FOLDER"),
     N_("tables of names, ports… of your own (docs/usages.md); those not there stay"), NULL},
    OPTIONS_END,
};

static bool
set_option(void *context, int code, const char *text)
{
    struct request *request = context;

    if (reading_has(code))
        return reading_set(&request->reading, code, text);
    switch (code) {
    case OPTION_SET:
        request->set = text;
        return true;
    case OPTION_CRITERIA:
        request->criteria = text;
        return true;
    case OPTION_METRICS:
        request->metrics = true;
        return true;
    case OPTION_KEEP_NAMES:
        request->reading.keep_names = true;
        return true;
    case OPTION_TABLES:
        request->reading.observe.data_directory = text;
        return true;
    default:
        request->explain.what = text;
        return explain_check(text);
    }
}

/* Exit code, or -1 to go on. */
static int
read_request(const struct command *command, struct request *request, int argc, char **argv)
{
    const int code = read_options(command, request, argc, argv);

    if (code >= 0)
        return code;
    if (request->explain.what == NULL && optind < argc) {
        complain("usage: a capture is read with --explain only; 'netsuff help usage' shows how");
        return EXIT_USAGE;
    }
    if (request->explain.what != NULL && optind == argc) {
        complain("usage: --explain needs a capture");
        return EXIT_USAGE;
    }
    return -1;
}

static void
print_limit(double limit, double per_mb, double cap, const char *unit)
{
    say(stdout, "%g", limit);
    if (per_mb > 0)
        say(stdout, _(" or %g/MB"), per_mb);
    if (per_mb > 0 && cap > 0)
        say(stdout, _(", at most %g"), cap);
    if (unit[0] != '\0')
        printf(" %s", unit);
}

static void
print_rule(const struct rnet_rule *rule)
{
    const struct rnet_metric_info *metric = rnet_metric_info(rule->metric);
    char source[2 * sizeof rule->source + 80];

    printf("    %s\n      ", _(metric->name));
    fputs(metric->higher_is_better ? _("good from ") : _("good up to "), stdout);
    print_limit(rule->good, rule->good_per_mb, rule->good_cap, metric->unit);
    fputs("\n      ", stdout);
    fputs(metric->higher_is_better ? _("acceptable from ") : _("acceptable up to "), stdout);
    print_limit(rule->acceptable, rule->acceptable_per_mb, rule->acceptable_cap, metric->unit);
    snprintf(source, sizeof source, _("source: %s (%s)"), _(rule->source),
             rule->verified ? _("verified") : _("from memory"));
    putchar('\n');
    print_wrapped(0, 6, 8, source);
}

static void
print_criterion(const struct rnet_criterion *criterion)
{
    if (!criterion->judged)
        puts(_("    shown, not judged"));
    else
        printf(_("    %.0f %% of use must be acceptable%s\n"), 100 * criterion->share,
               criterion->essential ? _("; essential") : "");
    for (size_t i = 0; i < criterion->rule_count; i++)
        print_rule(&criterion->rules[i]);
}

static int
list_usages(const struct request *request)
{
    struct rnet_criteria criteria = {0};
    struct rnet_error err = {0};

    if (rnet_criteria_load(request->set, request->criteria, &criteria, &err) != RNET_OK) {
        complain("%s", err.message);
        return err.status == RNET_EIO ? EXIT_FAILED : EXIT_USAGE;
    }
    printf(_("%s: %s\n"), criteria.id, _(criteria.title));
    for (int u = 1; u < RNET_USAGE_COUNT; u++) {
        const struct rnet_usage_info *info = rnet_usage_info((enum rnet_usage)u);
        bool found = false;

        printf(_("\n%s (%s): %s\n"), info->id, _(info->name), _(info->covers));
        for (size_t i = 0; i < criteria.count; i++) {
            if ((criteria.items[i].usages >> u & 1) == 0)
                continue;
            if (strcmp(criteria.items[i].id, info->id) != 0)
                printf(_("    in %s:\n"), _(criteria.items[i].name));
            print_criterion(&criteria.items[i]);
            found = true;
        }
        if (!found)
            puts(_("    shown, not judged"));
    }
    rnet_criteria_clear(&criteria);
    return EXIT_DONE;
}

static int
list_metrics(void)
{
    for (int i = 0; i < RNET_METRIC_COUNT; i++) {
        const struct rnet_metric_info *info = rnet_metric_info((enum rnet_metric)i);

        printf("%-16s %s%s%s%s\n", info->id, _(info->name), info->unit[0] != '\0' ? ", " : "",
               info->unit, info->higher_is_better ? _("; higher is better") : "");
    }
    return EXIT_DONE;
}

static int
run(const struct command *command, int argc, char **argv)
{
    struct request request = {
        .reading = READING_DEFAULTS, .explain.reading = &request.reading};
    const int code = read_request(command, &request, argc, argv);

    if (code >= 0)
        return code;
    if (request.explain.what != NULL)
        return explain_captures(&request.explain, argv + optind, (size_t)(argc - optind));
    return request.metrics ? list_metrics() : list_usages(&request);
}

const struct command command_usage = {
    .name = "usage",
    .summary = N_("list usages, what judges them, and why a flow got its own"),
    .synopsis = N_("[OPTION…]\n--explain WHAT [OPTION…] CAPTURE…"),
    .description = N_("List the usages, what judges each, and the source of every threshold. With "
                      "--explain, say why flows of a capture are labelled as they are."),
    .options = options,
    .exits = N_("0 done, 2 wrong usage, 3 done but partial, 4 failed"),
    .examples = "netsuff usage\n"
                "netsuff usage --explain videoconference office.pcap",
    .set = set_option,
    .run = run,
};
