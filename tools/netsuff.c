/* netsuff: the table of subcommands, and the words around it. */
#include "commands.h"

#include <stdlib.h>
#include <string.h>

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"analyse", cmd_analyse, "say, usage by usage, whether lines are good enough for a capture"},
    {"capture", cmd_capture, "watch an interface and make an office's profile on the spot"},
    {"report", cmd_report, "render a saved report again: another format, another language"},
    {"survey", cmd_survey, "gather many offices in one file"},
    {"claim", cmd_claim, "test the claim over a survey, or plan one"},
    {"link", cmd_link, "list the ladder of lines, or explain one"},
    {"usage", cmd_usage, "list usages, what judges them, and why a flow got its own"},
};

#define COMMANDS (sizeof commands / sizeof *commands)

static void
print_guide(FILE *to)
{
    fputs("netsuff says, from what an office's network really carries, whether an\n"
          "ADSL-grade line is good enough, usage by usage.\n\n"
          "  netsuff analyse office.pcap                       the answer, on many lines\n"
          "  netsuff analyse --link adsl:2048/256 office.pcap  for the line you have\n"
          "  netsuff analyse --format json -o a.json office.pcap\n\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].help);
    fputs("  help      words about a command: netsuff help analyse\n"
          "  version   versions of netsuff and of what it is built on\n",
          to);
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int
refuse_command(const char *name)
{
    const char *names[COMMANDS + 2];
    const char *nearest;

    for (size_t i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    names[COMMANDS] = "help";
    names[COMMANDS + 1] = "version";
    nearest = nearest_name(name, names, COMMANDS + 2);
    if (nearest != NULL)
        complain("no command '%s'; did you mean '%s'?", name, nearest);
    else
        complain("no command '%s'; 'netsuff help' lists them", name);
    return EXIT_USAGE;
}

static int
help(int argc, char **argv)
{
    char ask[] = "--help";
    char *help_argv[] = {argc > 1 ? argv[1] : NULL, ask, NULL};
    const struct command *command;

    if (argc < 2) {
        print_guide(stdout);
        return EXIT_DONE;
    }
    command = find_command(argv[1]);
    return command != NULL ? command->run(2, help_argv) : refuse_command(argv[1]);
}

int
main(int argc, char **argv)
{
    const struct command *command;
    const char *name;
    int code;

    if (!take_global_options(&argc, argv))
        return EXIT_USAGE;
    name = argc > 1 ? argv[1] : "help";
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        code = help(argc - 1, argv + 1);
    } else if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        printf("netsuff %s\n", rnet_version());
        code = EXIT_DONE;
    } else {
        command = find_command(name);
        code = command != NULL ? command->run(argc - 1, argv + 1) : refuse_command(name);
    }
    if ((fflush(stdout) != 0 || ferror(stdout)) && code != EXIT_FAILED) {
        complain("standard output could not be written");
        code = EXIT_FAILED;
    }
    return code;
}
