/* The subcommands of netsuff, and what they share. */
#ifndef NETSUFF_COMMANDS_H
#define NETSUFF_COMMANDS_H

#include <ruralnet/ruralnet.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit codes; documented in netsuff(1). */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_NO = 1, /* with --check: the verdict says no */
    EXIT_USAGE = 2,
    EXIT_PARTIAL = 3, /* damaged input, a limit, interrupted: the report is written and says so */
    EXIT_FAILED = 4,  /* no report */
};

/* The subcommands, each with its table of options; NULL after the last. */
struct command;
extern const struct command *const commands[];
extern const struct command command_analyse, command_capture, command_claim, command_link,
    command_report, command_survey, command_survey_add, command_survey_export, command_survey_list,
    command_survey_merge, command_survey_model, command_survey_remove, command_survey_show,
    command_usage;

/* The command that the first two words name, or the first; NULL when there is none. *used = how many. */
const struct command *
find_command(char **words, int count, int *used);

/* What a word of a command line may become; argv[0] is the subcommand's name. Exit code. */
int
complete(int argc, char **argv);

/* Take --lang and --color, which every subcommand has, out of argv (anywhere before "--") and obey them.
 * Complains and yields false when one is wrong. */
bool
take_global_options(int *argc, char **argv);

/* Whether to colour what goes there: as --color says, else on a terminal that is not dumb, without
 * NO_COLOR. */
bool
wants_colour(FILE *to);

/* "netsuff: " and the words in the user's language, on stderr. */
void
complain(const char *format, ...) RNET_PRINTF(1, 2);

/* Words with numbers in them, for people: with the decimal sign of their language. At most 1 kB. */
void
say(FILE *to, const char *format, ...) RNET_PRINTF(2, 3);

/* Of count names, the one a person most likely meant; NULL when none is near (edit distance > 2
 * or more than a third of the word). */
const char *
nearest_name(const char *word, const char *const *names, size_t count);

/* Complain about an unknown option or operand of a command, with the nearest valid name. Returns
 * EXIT_USAGE so that the caller can end with it. */
int
refuse_option(const char *command, const char *word, const char *const *names, size_t count);

/* A positive whole number of an option; complains and yields false otherwise. */
bool
parse_count(const char *option, const char *text, unsigned long most, unsigned long *value);

/* Threads asked for, else one per core; 0 = not known. To be asked before confine(). */
uint32_t
threads_wanted(uint32_t asked);

/* Bytes, with K, M or G (powers of 1024); seconds, with a fraction. Complain and yield false when it
 * is not one above 0. */
bool
parse_size(const char *option, const char *text, uint64_t *bytes);
bool
parse_seconds(const char *option, const char *text, int64_t *ns);

/* Whether a file could be put at a path when the work is done; complains and yields false otherwise.
 * NULL and "-" always can; a device or pipe cannot. */
bool
output_can_be_written(const char *path);

/* Whether it is there and not a regular file. */
bool
output_is_special(const char *path);

/* The same before an output_open() that may come when nothing can be opened any more: a device or
 * pipe (/dev/null) is opened now. */
bool
output_prepare(const char *path);

/* An output that appears whole or not at all: written beside its place, then renamed. Standard
 * output when path is NULL or "-"; into a device or pipe as it comes. */
struct output {
    const char *path;
    FILE *file;
    char temporary[4096]; /* "" = none */
};

/* Complains and yields false on failure. */
bool
output_open(struct output *output, const char *path);
/* Yields false on failure; takes a void * so that it can be a sink. */
bool
output_write(void *output, const char *bytes, size_t count);
/* Put it in its place when ok (all writes succeeded), else remove it. Complains and yields false on
 * failure. */
bool
output_close(struct output *output, bool ok);

/* Write text to a file, whole or not at all, or to stdout when path is NULL or "-". Complains and
 * yields false on failure. */
bool
write_output(const char *path, const char *text, size_t length);

/* Columns of the terminal at stdout, 80 when it is none; at least 40. */
int
terminal_columns(void);

/* Whether stderr is a terminal on which a line of progress can be rewritten. */
bool
terminal_can_rewrite(void);

/* Raw outcomes of the first replay over every line of an assessment, each within the limits
 * allowed, as CSV when the name ends in ".csv", else NDJSON. Complains and is false on failure. */
bool
write_outcomes(const char *path, struct rnet_profile *profile,
               const struct rnet_assess_options *allowed, const struct rnet_assessment *assessment);
/* Every flow of a profile into a file. */
bool
write_flows(const char *path, struct rnet_profile *profile);

/* Set by SIGINT and SIGTERM once catch_signals() was called. */
extern volatile int stop_requested;
void
catch_signals(void);
/* Set stop_requested again soon: what an interrupted run still computes ends there. */
void
hurry(void);

#endif
