/* netsuff: the table of subcommands, and the words around it. */
#include "commands.h"
#include "language.h"
#include "options.h"

#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

const struct command *const commands[] = {
    &command_analyse,       &command_capture,       &command_report,      &command_survey,
    &command_survey_add,    &command_survey_model,  &command_survey_list, &command_survey_show,
    &command_survey_export, &command_survey_remove, &command_survey_merge, &command_claim,
    &command_link,          &command_usage,         NULL,
};

#define MOST_NAMES 32

static void
print_guide(void)
{
    print_wrapped(0, 0, 0,
                  _("netsuff says, from what an office's network really carries, whether an "
                    "ADSL-grade line is good enough, usage by usage."));
    puts("\n  netsuff analyse office.pcap\n"
         "  netsuff analyse --link adsl:2048/256 office.pcap\n"
         "  netsuff analyse --format html -o answer.html office.pcap\n");
    for (size_t i = 0; commands[i] != NULL; i++)
        if (strchr(commands[i]->name, ' ') == NULL)
            printf("  %-9s %s\n", commands[i]->name, _(commands[i]->summary));
    printf("  %-9s %s\n", "help", _("words about a command: netsuff help analyse"));
    printf("  %-9s %s\n", "version", _("versions of netsuff and of what it is built on"));
    puts(_("\nEvery command also takes:"));
    print_options(global_options);
}

static void
print_versions(void)
{
    const char *const *built_on = rnet_version_details();

    printf("netsuff %s\n", rnet_version());
    for (size_t i = 0; built_on[i] != NULL; i++)
        printf("  %s\n", built_on[i]);
}

const struct command *
find_command(char **words, int count, int *used)
{
    char both[64];

    for (*used = count < 2 ? count : 2; *used > 0; (*used)--) {
        snprintf(both, sizeof both, *used == 2 ? "%s %s" : "%s", words[0], words[*used - 1]);
        for (size_t i = 0; commands[i] != NULL; i++)
            if (strcmp(commands[i]->name, both) == 0)
                return commands[i];
    }
    return NULL;
}

/* No such command, or none of a group's. */
static int
refuse_command(const char *group, const char *name)
{
    const size_t length = strlen(group);
    const char *names[MOST_NAMES], *nearest;
    size_t count = 0;

    for (size_t i = 0; commands[i] != NULL && count + 2 < MOST_NAMES; i++) {
        const char *known = commands[i]->name;

        if (length == 0 && strchr(known, ' ') == NULL)
            names[count++] = known;
        else if (length > 0 && strncmp(known, group, length) == 0 && known[length] == ' ')
            names[count++] = known + length + 1;
    }
    if (length == 0) {
        names[count++] = "help";
        names[count++] = "version";
    }
    nearest = nearest_name(name, names, count);
    if (nearest != NULL)
        complain("no command '%s%s%s'; did you mean '%s%s%s'?", group, length > 0 ? " " : "", name,
                 group, length > 0 ? " " : "", nearest);
    else
        complain("no command '%s%s%s'; 'netsuff help%s%s' lists them", group,
                 length > 0 ? " " : "", name, length > 0 ? " " : "", group);
    return EXIT_USAGE;
}

static int
help(int argc, char **argv)
{
    const struct command *command;
    int used;

    if (argc == 0) {
        print_guide();
        return EXIT_DONE;
    }
    command = find_command(argv, argc, &used);
    if (command == NULL)
        return refuse_command("", argv[0]);
    if (command->run == NULL && argc > used)
        return refuse_command(command->name, argv[used]);
    print_help(command);
    return EXIT_DONE;
}

/* netsuff manual COMMAND: its page, from which the installed ones are made. */
static int
manual(int argc, char **argv)
{
    int used;
    const struct command *command = find_command(argv, argc, &used);

    if (command == NULL)
        return refuse_command("", argc > 0 ? argv[0] : "");
    print_manual(command);
    return EXIT_DONE;
}

/* A command that has subcommands only, without one of them. */
static int
ask_for_subcommand(const struct command *group, int argc, char **argv)
{
    if (argc > 0 && strcmp(argv[0], "--help") != 0 && strcmp(argv[0], "-h") != 0)
        return refuse_command(group->name, argv[0]);
    print_help(group);
    return argc > 0 ? EXIT_DONE : EXIT_USAGE;
}

static bool
is_either(const char *word, const char *name, const char *other, const char *letter)
{
    return strcmp(word, name) == 0 || strcmp(word, other) == 0 || strcmp(word, letter) == 0;
}

static int
run(int argc, char **argv)
{
    const struct command *command;
    int used;

    if (argc == 0 || is_either(argv[0], "help", "--help", "-h"))
        return help(argc > 0 ? argc - 1 : 0, argv + 1);
    if (is_either(argv[0], "version", "--version", "-V")) {
        print_versions();
        return EXIT_DONE;
    }
    if (strcmp(argv[0], "complete") == 0)
        return complete(argc, argv);
    if (strcmp(argv[0], "manual") == 0)
        return manual(argc - 1, argv + 1);
    command = find_command(argv, argc, &used);
    if (command == NULL)
        return refuse_command("", argv[0]);
    if (command->run == NULL)
        return ask_for_subcommand(command, argc - used, argv + used);
    return command->run(command, argc - used + 1, argv + used - 1);
}

int
main(int argc, char **argv)
{
    int code;

    gsl_set_error_handler_off(); /* its own ends the program; the library looks at what it is given */
    if (!take_global_options(&argc, argv))
        return EXIT_USAGE;
    code = run(argc - 1, argv + 1);
    if ((fflush(stdout) != 0 || ferror(stdout)) && code != EXIT_FAILED) {
        complain("standard output could not be written");
        code = EXIT_FAILED;
    }
    return code;
}
