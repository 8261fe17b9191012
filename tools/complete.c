/*
 * netsuff complete -- WORD…: what the last word may become, for the shells' completion. A candidate a
 * line, a tab and what it is after it; ":file" alone in the first line when it may be a path too. The
 * words come from the tables that --help and getopt use, so that they cannot say anything else.
 */
#include "commands.h"
#include "language.h"
#include "options.h"

#include <string.h>

/* A bash without its library breaks words at "=": "--link", "=", "adsl". */
struct words {
    char **word;
    int count; /* the word to complete is the last */
};

/* `before` is what of the word is given already and goes with every candidate: "--link=". */
static void
offer(const char *current, const char *before, const char *candidate, const char *help)
{
    const size_t given = strlen(before);

    if (strncmp(current, before, given) != 0 ||
        strncmp(current + given, candidate, strlen(current + given)) != 0)
        return;
    printf("%s%s", before, candidate);
    if (help != NULL)
        printf("\t%s", _(help));
    putchar('\n');
}

/* Commands of one word, or the second words of those that begin with `group`. */
static void
offer_commands(const char *current, const char *group)
{
    const size_t length = strlen(group);

    for (size_t i = 0; commands[i] != NULL; i++) {
        const char *name = commands[i]->name;

        if (length == 0 && strchr(name, ' ') == NULL)
            offer(current, "", name, commands[i]->summary);
        else if (length > 0 && strncmp(name, group, length) == 0 && name[length] == ' ')
            offer(current, "", name + length + 1, commands[i]->summary);
    }
}

static void
offer_options(const char *current, const struct command_option *options)
{
    for (; options->name != NULL; options++)
        if (options->help != NULL)
            offer(current, "--", options->name, options->help);
}

static void
offer_values(const char *current, const char *before, const char *(*value)(size_t index))
{
    for (size_t i = 0; value(i) != NULL; i++)
        offer(current, before, value(i), NULL);
}

/* The option a word "--name", "--name=…" or "-n" speaks of; NULL when none or when it takes no value. */
static const struct command_option *
option_of(const struct command_option *options, const char *word)
{
    const size_t length = strcspn(word, "=");

    for (; options->name != NULL; options++) {
        const char letter[] = {'-', (char)options->code, '\0'};

        if (options->argument == NULL)
            continue;
        if (strncmp(word, "--", 2) == 0 && strlen(options->name) == length - 2 &&
            strncmp(word + 2, options->name, length - 2) == 0)
            return options;
        if (options->code <= '~' && strcmp(word, letter) == 0)
            return options;
    }
    return NULL;
}

static bool
is_path(const struct command_option *option)
{
    return strcmp(option->argument, "FILE") == 0 || strcmp(option->argument, "FOLDER") == 0;
}

static void
complete_value(const struct command_option *option, const char *current, const char *before)
{
    if (option->value != NULL)
        offer_values(current, before, option->value);
    else if (*before == '\0' && is_path(option))
        puts(":file");
}

/* A word after the command's name. */
static void
complete_argument(const struct command *command, const char *previous, const char *current)
{
    const struct command_option *option = option_of(command->options, previous);

    if (option == NULL)
        option = option_of(global_options, previous);
    if (option != NULL && strchr(previous, '=') == NULL) {
        complete_value(option, current, "");
    } else if (current[0] == '-' && strchr(current, '=') != NULL) {
        char before[64];

        option = option_of(command->options, current);
        snprintf(before, sizeof before, "%.*s=", (int)strcspn(current, "="), current);
        if (option != NULL)
            complete_value(option, current, before);
    } else if (current[0] == '-') {
        offer_options(current, command->options);
        offer_options(current, global_options);
    } else if (command->operand != NULL) {
        offer_values(current, "", command->operand);
    } else {
        puts(":file");
    }
}

/* "--link", "=" → "--link": its value is the next word, or the same. */
static void
drop_equals(struct words *words)
{
    int kept = 0;

    for (int i = 0; i < words->count; i++)
        if (i + 1 == words->count || strcmp(words->word[i], "=") != 0)
            words->word[kept++] = words->word[i];
    words->count = kept;
    if (kept > 0 && strcmp(words->word[kept - 1], "=") == 0)
        words->word[kept - 1][0] = '\0';
}

int
complete(int argc, char **argv)
{
    const bool marked = argc > 1 && strcmp(argv[1], "--") == 0;
    struct words words = {argv + 1 + marked, argc - 1 - marked};
    const struct command *command;
    const char *current;
    int used;

    drop_equals(&words);
    if (words.count < 1)
        return EXIT_USAGE;
    current = words.word[words.count - 1];
    command = find_command(words.word, words.count - 1, &used);
    if (words.count == 1 || (words.count == 2 && strcmp(words.word[0], "help") == 0)) {
        offer_commands(current, "");
        if (words.count == 1) {
            offer(current, "", "help", N_("words about a command"));
            offer(current, "", "version", N_("versions of netsuff and of what it is built on"));
            offer_options(current, global_options);
        }
    } else if (command != NULL && command->run == NULL && words.count == used + 1) {
        offer_commands(current, command->name);
    } else if (command != NULL) {
        complete_argument(command, words.word[words.count - 2], current);
    }
    return EXIT_DONE;
}
