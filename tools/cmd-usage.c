/* netsuff usage: the classes, what judges them, where each threshold comes from; and, for a
 * capture, why its flows got theirs. */
#include "explain.h"

#include <getopt.h>
#include <string.h>

struct request {
    const char *set;
    const char *criteria;
    struct explain_request explain;
    bool metrics;
};

enum option_code {
    OPTION_SET = 256,
    OPTION_CRITERIA,
    OPTION_METRICS,
    OPTION_EXPLAIN,
    OPTION_HOSTS,
    OPTION_NO_DPI,
    OPTION_TABLES,
};

static const struct option options[] = {
    {"set", required_argument, NULL, OPTION_SET},
    {"criteria", required_argument, NULL, OPTION_CRITERIA},
    {"metrics", no_argument, NULL, OPTION_METRICS},
    {"explain", required_argument, NULL, OPTION_EXPLAIN},
    {"hosts", no_argument, NULL, OPTION_HOSTS},
    {"no-dpi", no_argument, NULL, OPTION_NO_DPI},
    {"tables", required_argument, NULL, OPTION_TABLES},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static void
print_help(void)
{
    puts("Usage: netsuff usage [OPTION…]\n"
         "       netsuff usage --explain WHAT [OPTION…] CAPTURE…\n\n"
         "List the usages, what judges each, and the source of every threshold. With\n"
         "--explain, say why flows of a capture are labelled as they are.\n\n"
         "  --set NAME        criteria: default, or eecc-annex-v\n"
         "  --criteria FILE   thresholds of your own, in YAML; what is not named stays\n"
         "  --metrics         list what can be measured instead\n"
         "  --explain WHAT    a flow's number, a usage, or all\n"
         "  --hosts           show servers' names too (never shown otherwise)\n"
         "  --no-dpi          without looking into packets\n"
         "  --tables DIR      tables of names, ports… of your own; those not there stay\n\n"
         "Exit: 0 done, 2 wrong usage, 3 done but partial, 4 failed.\n\n"
         "  netsuff usage\n"
         "  netsuff usage --explain videoconference office.pcap");
}

static int
refuse(const char *word)
{
    static const char *const names[] = {"--set",   "--criteria", "--metrics", "--explain",
                                        "--hosts", "--no-dpi",   "--tables",  "--help"};
    char bare[64];

    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word, "="), word);
    return refuse_option("usage", bare, names, sizeof names / sizeof *names);
}

static bool
set_option(struct request *request, int code, const char *text)
{
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
    case OPTION_HOSTS:
        request->explain.hosts = true;
        return true;
    case OPTION_NO_DPI:
        request->explain.no_dpi = true;
        return true;
    case OPTION_TABLES:
        request->explain.tables = text;
        return true;
    default:
        request->explain.what = text;
        return explain_check(text);
    }
}

/* Exit code, or -1 to go on. */
static int
read_options(struct request *request, int argc, char **argv)
{
    opterr = 0;
    optind = 1;
    while (optind < argc) {
        const int at = optind;
        const int code = getopt_long(argc, argv, ":h", options, NULL);

        if (code == -1)
            break;
        if (code == 'h') {
            print_help();
            return EXIT_DONE;
        }
        if (code == ':') {
            complain("usage: %s needs a value", argv[at]);
            return EXIT_USAGE;
        }
        if (code == '?')
            return refuse(argv[at]);
        if (!set_option(request, code, optarg))
            return EXIT_USAGE;
    }
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
    printf("%g", limit);
    if (per_mb > 0)
        printf(" or %g/MB", per_mb);
    if (per_mb > 0 && cap > 0)
        printf(", at most %g", cap);
    if (unit[0] != '\0')
        printf(" %s", unit);
}

/* Words of a line, broken before the terminal's edge. */
static void
print_wrapped(int indent, const char *text)
{
    const int columns = terminal_columns();
    int at = 0;

    while (*text != '\0') {
        const int word = (int)strcspn(text, " ");

        if (at == 0 || at + 1 + word > columns) {
            printf("%s%*s%.*s", at == 0 ? "" : "\n", at == 0 ? indent : indent + 2, "", word, text);
            at = (at == 0 ? indent : indent + 2) + word;
        } else {
            printf(" %.*s", word, text);
            at += 1 + word;
        }
        text += word;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void
print_rule(const struct rnet_rule *rule)
{
    const struct rnet_metric_info *metric = rnet_metric_info(rule->metric);
    const char *way = metric->higher_is_better ? "from" : "up to";
    char source[sizeof rule->source + 40];

    printf("    %s\n      good %s ", metric->name, way);
    print_limit(rule->good, rule->good_per_mb, rule->good_cap, metric->unit);
    printf("\n      acceptable %s ", way);
    print_limit(rule->acceptable, rule->acceptable_per_mb, rule->acceptable_cap, metric->unit);
    snprintf(source, sizeof source, "source: %s (%s)", rule->source,
             rule->verified ? "verified" : "from memory");
    putchar('\n');
    print_wrapped(6, source);
}

static void
print_criterion(const struct rnet_criterion *criterion)
{
    if (!criterion->judged)
        puts("    shown, not judged");
    else
        printf("    %.0f %% of use must be acceptable%s\n", 100 * criterion->share,
               criterion->essential ? "; essential" : "");
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
    printf("%s: %s\n", criteria.id, criteria.title);
    for (int u = 1; u < RNET_USAGE_COUNT; u++) {
        const struct rnet_usage_info *info = rnet_usage_info((enum rnet_usage)u);
        bool found = false;

        printf("\n%s (%s): %s\n", info->id, info->name, info->covers);
        for (size_t i = 0; i < criteria.count; i++) {
            if ((criteria.items[i].usages >> u & 1) == 0)
                continue;
            if (strcmp(criteria.items[i].id, info->id) != 0)
                printf("    in %s:\n", criteria.items[i].name);
            print_criterion(&criteria.items[i]);
            found = true;
        }
        if (!found)
            puts("    shown, not judged");
    }
    rnet_criteria_clear(&criteria);
    return EXIT_DONE;
}

static int
list_metrics(void)
{
    for (int i = 0; i < RNET_METRIC_COUNT; i++) {
        const struct rnet_metric_info *info = rnet_metric_info((enum rnet_metric)i);

        printf("%-16s %s%s%s%s\n", info->id, info->name, info->unit[0] != '\0' ? ", " : "",
               info->unit, info->higher_is_better ? "; higher is better" : "");
    }
    return EXIT_DONE;
}

int
cmd_usage(int argc, char **argv)
{
    struct request request = {0};
    const int code = read_options(&request, argc, argv);

    if (code >= 0)
        return code;
    if (request.explain.what != NULL)
        return explain_captures(&request.explain, argv + optind, (size_t)(argc - optind));
    return request.metrics ? list_metrics() : list_usages(&request);
}
