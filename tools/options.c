/* Reading a subcommand's options from its table. */
#include "options.h"

#include "commands.h"

#include <string.h>

#define MOST_OPTIONS 40

/* getopt found no such option: say which was meant. */
static int
refuse(const struct option_set *set, const char *word)
{
    const char *names[MOST_OPTIONS];
    char spelled[MOST_OPTIONS][32];
    size_t count = 0;
    char bare[64];

    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word, "="), word);
    for (; set->options[count].name != NULL && count < MOST_OPTIONS; count++) {
        snprintf(spelled[count], sizeof spelled[count], "--%s", set->options[count].name);
        names[count] = spelled[count];
    }
    return refuse_option(set->command, bare, names, count);
}

int
read_option_set(const struct option_set *set, void *request, int argc, char **argv)
{
    int code;

    opterr = 0;
    optind = 1;
    for (;;) {
        /* Where a long option stands; operands before it are moved behind only afterwards. */
        const int at = optind;
        int named = at;

        while (named < argc && (argv[named][0] != '-' || argv[named][1] == '\0'))
            named++;
        code = getopt_long(argc, argv, ":o:qh", set->options, NULL);
        if (code == -1)
            return -1;
        if (code == 'h') {
            set->help();
            return EXIT_DONE;
        }
        if (code == ':') {
            complain("%s: %s needs a value", set->command, argv[optind - 1]);
            return EXIT_USAGE;
        }
        if (code == '?')
            return refuse(set, argv[optind - 1][0] == '-' ? argv[optind - 1]
                                                          : argv[named < argc ? named : at]);
        if (!set->set(request, code, optarg))
            return EXIT_USAGE;
    }
}
