/* The options that every subcommand takes. */
#include "commands.h"
#include "language.h"
#include "options.h"
#include "values.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct command_option global_options[] = {
    {"lang", 256 * 256, N_("LANGUAGE"), N_("of reports and messages: en or fr (default: as LANG says)"),
     value_language},
    {"color", 256 * 256 + 1, N_("WHEN"),
     N_("auto (default: on a terminal, unless NO_COLOR is set), always or never"), value_colour},
    {"help", 'h', NULL, N_("these words"), NULL},
    OPTIONS_END,
};

static enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER } colour = COLOUR_AUTO;

/*
 * If argv[at] is the option, take it and its value out of argv and yield 1; 0 = it is another word,
 * -1 = its value is missing.
 */
static int
take_option(const char *option, int *argc, char **argv, int at, const char **value)
{
    const size_t length = strlen(option);
    const bool joined = strncmp(argv[at], option, length) == 0 && argv[at][length] == '=';
    const int words = joined ? 1 : 2;

    if (!joined && strcmp(argv[at], option) != 0)
        return 0;
    *value = joined ? argv[at] + length + 1 : at + 1 < *argc ? argv[at + 1] : NULL;
    if (*value == NULL) {
        complain("%s needs a value", option);
        return -1;
    }
    memmove(&argv[at], &argv[at + words], (size_t)(*argc - at - words + 1) * sizeof *argv);
    *argc -= words;
    return 1;
}

static bool
choose_colour(const char *when)
{
    static const char *const names[] = {"auto", "always", "never"};

    for (int i = 0; i < 3; i++) {
        if (strcmp(when, names[i]) == 0) {
            colour = i == 0 ? COLOUR_AUTO : i == 1 ? COLOUR_ALWAYS : COLOUR_NEVER;
            return true;
        }
    }
    complain("--color takes auto, always or never, not '%s'", when);
    return false;
}

bool
take_global_options(int *argc, char **argv)
{
    const char *language = NULL, *when = NULL;

    for (int i = 1; i < *argc && strcmp(argv[i], "--") != 0;) {
        int taken = take_option("--lang", argc, argv, i, &language);

        if (taken == 0)
            taken = take_option("--color", argc, argv, i, &when);
        if (taken < 0)
            return false;
        i += taken == 0;
    }
    if (language == NULL)
        language_of_user();
    else if (!language_choose(language))
        return false;
    return when == NULL || choose_colour(when);
}

bool
wants_colour(FILE *to)
{
    const char *no_colour = getenv("NO_COLOR"), *kind = getenv("TERM");

    if (colour != COLOUR_AUTO)
        return colour == COLOUR_ALWAYS;
    return isatty(fileno(to)) && (no_colour == NULL || *no_colour == '\0') && kind != NULL &&
           strcmp(kind, "dumb") != 0;
}
