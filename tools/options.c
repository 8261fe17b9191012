/* Reading a subcommand's options from its table. */
#include "options.h"

#include "commands.h"

#include <getopt.h>
#include <string.h>

#define MOST_OPTIONS 48

/* One table as getopt_long() wants it. */
struct getopt_table {
    struct option options[MOST_OPTIONS + 1];
    char letters[2 * MOST_OPTIONS + 2];
};

static void
add_options(struct getopt_table *table, size_t *count, const struct command_option *options)
{
    size_t letters = strlen(table->letters);

    for (; options->name != NULL && *count < MOST_OPTIONS; options++) {
        const int has = options->argument != NULL ? required_argument : no_argument;

        table->options[(*count)++] = (struct option){options->name, has, NULL, options->code};
        if (options->code > ' ' && options->code <= '~') {
            table->letters[letters++] = (char)options->code;
            if (has == required_argument)
                table->letters[letters++] = ':';
        }
    }
}

/* getopt found no such option: say which was meant. */
static int
refuse(const struct command *command, const struct getopt_table *table, const char *word)
{
    const char *names[MOST_OPTIONS];
    char spelled[MOST_OPTIONS][32];
    size_t count = 0;
    char bare[64];

    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word, "="), word);
    for (; table->options[count].name != NULL; count++) {
        snprintf(spelled[count], sizeof spelled[count], "--%s", table->options[count].name);
        names[count] = spelled[count];
    }
    return refuse_option(command->name, bare, names, count);
}

/* The next option. *word is the argument it stands in: one given after operands is not at optind, as
 * those are moved behind only afterwards. */
static int
next_option(const struct getopt_table *table, int argc, char **argv, const char **word)
{
    const int at = optind;
    int named = at, code;

    while (named < argc && (argv[named][0] != '-' || argv[named][1] == '\0'))
        named++;
    code = getopt_long(argc, argv, table->letters, table->options, NULL);
    *word = argv[optind - 1][0] == '-' ? argv[optind - 1] : argv[named < argc ? named : at];
    return code;
}

int
read_options(const struct command *command, void *request, int argc, char **argv)
{
    struct getopt_table table = {.letters = ":"};
    const char *word;
    size_t count = 0;
    int code;

    add_options(&table, &count, command->options);
    add_options(&table, &count, global_options);
    opterr = 0;
    optind = 1;
    while ((code = next_option(&table, argc, argv, &word)) != -1) {
        if (code == 'h') {
            print_help(command);
            return EXIT_DONE;
        }
        if (code == ':') {
            complain("%s: %s needs a value", command->name, argv[optind - 1]);
            return EXIT_USAGE;
        }
        if (code == '?')
            return refuse(command, &table, word);
        if (!command->set(request, code, optarg))
            return EXIT_USAGE;
    }
    return -1;
}
