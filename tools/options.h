/* Reading a subcommand's options from its table. */
#ifndef NETSUFF_OPTIONS_H
#define NETSUFF_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>

/* What a subcommand takes. */
struct option_set {
    const char *command;                                     /* as in complaints: "survey add" */
    const struct option *options;                            /* -o, -q and -h go by their letters */
    bool (*set)(void *request, int code, const char *value); /* complains itself */
    void (*help)(void);
};

/* Exit code, or -1 to go on; then operands begin at argv[optind]. */
int
read_option_set(const struct option_set *set, void *request, int argc, char **argv);

#endif
