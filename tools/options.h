/* What a subcommand is and takes, said once: getopt, --help, the man page and completion read it here. */
#ifndef NETSUFF_OPTIONS_H
#define NETSUFF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct command_option {
    const char *name;     /* without dashes */
    int code;             /* its letter too, when it is one */
    const char *argument; /* what stands for its value, N_(); FILE, FOLDER: a path; NULL: none */
    const char *help;     /* one paragraph, N_(); NULL: it works, and is shown nowhere */
    const char *(*value)(size_t index); /* what it may be, NULL after the last; NULL: anything */
};

/* --lang, --color and --help, which every subcommand takes; the last has no name. */
extern const struct command_option global_options[];

struct command {
    const char *name;        /* "analyse", "survey add" */
    const char *summary;     /* one line, N_() */
    const char *synopsis;    /* what follows its name, N_(); a line for each way */
    const char *description; /* N_(); paragraphs apart by an empty line, verbatim ones begin with a space */
    const char *exits;       /* N_() */
    const char *examples;    /* a command a line */
    const struct command_option *options; /* its own; the last has no name */
    const char *(*operand)(size_t index); /* as an option's value; NULL: a path */
    bool (*set)(void *request, int code, const char *value); /* complains itself */
    int (*run)(const struct command *command, int argc, char **argv); /* NULL: has subcommands only */
};

/* The end of a table of options. */
#define OPTIONS_END                                                                                \
    {                                                                                              \
        NULL, 0, NULL, NULL, NULL                                                                  \
    }

/* Exit code, or -1 to go on; then operands begin at argv[optind]. */
int
read_options(const struct command *command, void *request, int argc, char **argv);

/* What --help says, as wide as the terminal. */
void
print_help(const struct command *command);

/* The same as a man page's source, in man(7). */
void
print_manual(const struct command *command);

/* The options of a table that are to be seen, as --help shows them. */
void
print_options(const struct command_option *options);

/* Columns of UTF-8 in the languages there are: none is wide or joined. */
int
columns_of(const char *text, size_t bytes);

/* "-o, --output FILE" in the user's language; yields its columns. */
int
spell_option(const struct command_option *option, char *to, size_t room);

/* Words from column `first` on, lines after the first from column `next` on, before the terminal's edge.
 * The cursor is at column `at`. */
void
print_wrapped(int at, int first, int next, const char *text);

#endif
