/* What a subcommand says of itself: to a terminal, and as a man page. */
#include "commands.h"
#include "language.h"
#include "options.h"

#include <string.h>

/* Options' words begin here, or on the next line where the option itself is longer. */
#define HELP_COLUMN 21

/* Longer lines are hard to read. */
#define MOST_COLUMNS 100

int
columns_of(const char *text, size_t bytes)
{
    int columns = 0;

    for (size_t i = 0; i < bytes; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

void
print_wrapped(int at, int first, int next, const char *text)
{
    const int edge = terminal_columns() < MOST_COLUMNS ? terminal_columns() : MOST_COLUMNS;
    bool begun = false;

    if (at > first - 2 && at > 0) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", first - at, "");
    at = first;
    while (*text != '\0') {
        const size_t bytes = strcspn(text, " \n");
        const int word = columns_of(text, bytes);

        if (begun && at + 1 + word > edge) {
            printf("\n%*s", next, "");
            at = next;
        } else if (begun) {
            putchar(' ');
            at++;
        }
        printf("%.*s", (int)bytes, text);
        at += word;
        begun = true;
        text += bytes;
        text += strspn(text, " \n");
    }
    putchar('\n');
}

int
spell_option(const struct command_option *option, char *to, size_t room)
{
    const bool letter = option->code > ' ' && option->code <= '~';
    char dash[8] = "";

    if (letter)
        snprintf(dash, sizeof dash, "-%c, ", option->code);
    snprintf(to, room, "%s--%s%s%s", dash, option->name, option->argument != NULL ? " " : "",
             option->argument != NULL ? _(option->argument) : "");
    return columns_of(to, strlen(to));
}

void
print_options(const struct command_option *options)
{
    for (; options->name != NULL; options++) {
        char spelled[80];
        int columns;

        if (options->help == NULL)
            continue;
        columns = 2 + spell_option(options, spelled, sizeof spelled);
        printf("  %s", spelled);
        print_wrapped(columns, HELP_COLUMN, HELP_COLUMN, _(options->help));
    }
}

/* The next paragraph of a text into `to`; yields what follows it, NULL after the last. */
static const char *
next_paragraph(const char *text, char *to, size_t room)
{
    const char *end = strstr(text, "\n\n");
    const size_t length = end != NULL ? (size_t)(end - text) : strlen(text);

    if (*text == '\0')
        return NULL;
    snprintf(to, room, "%.*s", (int)length, text);
    return end != NULL ? end + 2 : text + length;
}

/* One synopsis after another, as "netsuff NAME …". */
static void
print_usage(const struct command *command)
{
    const char *line = _(command->synopsis), *before = _("Usage: ");

    for (;;) {
        const int length = (int)strcspn(line, "\n");

        printf("%s%*snetsuff %s %.*s\n", line == _(command->synopsis) ? before : "",
               line == _(command->synopsis) ? 0 : columns_of(before, strlen(before)), "",
               command->name, length, line);
        if (line[length] == '\0')
            return;
        line += length + 1;
    }
}

/* "add" of "survey add" when that is a subcommand of the group, else NULL. */
static const char *
name_in_group(const struct command *command, const struct command *group)
{
    const size_t length = strlen(group->name);

    if (strncmp(command->name, group->name, length) != 0 || command->name[length] != ' ')
        return NULL;
    return command->name + length + 1;
}

static void
print_subcommands(const struct command *group)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        const char *name = name_in_group(commands[i], group);

        if (name == NULL)
            continue;
        printf("  %s", name);
        print_wrapped(2 + (int)strlen(name), HELP_COLUMN, HELP_COLUMN, _(commands[i]->summary));
    }
    putchar('\n');
}

static void
print_lines(const char *lines)
{
    while (*lines != '\0') {
        const int length = (int)strcspn(lines, "\n");

        printf("  %.*s\n", length, lines);
        lines += length + (lines[length] == '\n');
    }
}

void
print_help(const struct command *command)
{
    char paragraph[2048], exits[512];
    const char *text = _(command->description);

    print_usage(command);
    while ((text = next_paragraph(text, paragraph, sizeof paragraph)) != NULL) {
        putchar('\n');
        if (paragraph[0] == ' ')
            printf("%s\n", paragraph);
        else
            print_wrapped(0, 0, 0, paragraph);
    }
    putchar('\n');
    if (command->run == NULL)
        print_subcommands(command);
    print_options(command->options);
    print_options(global_options);
    snprintf(exits, sizeof exits, _("Exit: %s."), _(command->exits));
    putchar('\n');
    print_wrapped(0, 0, 0, exits);
    putchar('\n');
    print_lines(command->examples);
}

/* Man page ------------------------------------------------------------------------------------- */

/* Text in troff's alphabet: a leading dot or quote is not a request, a dash is one to copy. */
static void
put_troff(const char *text, size_t bytes)
{
    bool begins = true;

    for (size_t i = 0; i < bytes; i++) {
        if (begins && (text[i] == '.' || text[i] == '\''))
            fputs("\\&", stdout);
        if (text[i] == '\\')
            fputs("\\e", stdout);
        else if (text[i] == '-')
            fputs("\\-", stdout);
        else
            putchar(text[i]);
        begins = text[i] == '\n';
    }
}

static void
put_words(const char *text)
{
    put_troff(text, strlen(text));
    putchar('\n');
}

static void
put_heading(const char *heading)
{
    printf(".SH %s\n", heading);
}

/* "survey add" as its page is named: netsuff-survey-add. */
static void
put_page_name(const char *name)
{
    fputs("netsuff\\-", stdout);
    for (; *name != '\0'; name++)
        fputs(*name == ' ' ? "\\-" : (char[]){*name, '\0'}, stdout);
}

static void
put_synopsis(const struct command *command)
{
    const char *line = _(command->synopsis);

    for (;;) {
        const size_t length = strcspn(line, "\n");

        printf(".B netsuff %s\n", command->name);
        put_troff(line, length);
        if (line[length] == '\0')
            break;
        puts("\n.br");
        line += length + 1;
    }
    putchar('\n');
}

static void
put_description(const char *text)
{
    char paragraph[2048];

    while ((text = next_paragraph(text, paragraph, sizeof paragraph)) != NULL) {
        puts(paragraph[0] == ' ' ? ".PP\n.nf" : ".PP");
        put_words(paragraph);
        if (paragraph[0] == ' ')
            puts(".fi");
    }
}

static void
put_subcommands(const struct command *group)
{
    for (size_t i = 0; commands[i] != NULL; i++) {
        if (name_in_group(commands[i], group) == NULL)
            continue;
        fputs(".TP\n.BR ", stdout);
        put_page_name(commands[i]->name);
        puts(" (1)");
        put_words(_(commands[i]->summary));
    }
}

static void
put_options(const struct command_option *options)
{
    for (; options->name != NULL; options++) {
        char spelled[80];

        if (options->help == NULL)
            continue;
        spell_option(options, spelled, sizeof spelled);
        puts(".TP");
        fputs(".B ", stdout);
        put_words(spelled);
        put_words(_(options->help));
    }
}

void
print_manual(const struct command *command)
{
    fputs(".TH \"", stdout);
    put_page_name(command->name);
    printf("\" 1 \"\" \"netsuff %s\" \"netsuff\"\n", rnet_version());
    put_heading(_("NAME"));
    put_page_name(command->name);
    fputs(" \\- ", stdout);
    put_words(_(command->summary));
    put_heading(_("SYNOPSIS"));
    put_synopsis(command);
    put_heading(_("DESCRIPTION"));
    put_description(_(command->description));
    if (command->run == NULL)
        put_subcommands(command);
    put_heading(_("OPTIONS"));
    put_options(command->options);
    put_options(global_options);
    put_heading(_("EXIT STATUS"));
    put_words(_(command->exits));
    put_heading(_("EXAMPLES"));
    puts(".nf");
    put_words(command->examples);
    puts(".fi");
    put_heading(_("SEE ALSO"));
    puts(".BR netsuff (1)");
}
