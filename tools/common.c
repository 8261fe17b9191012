/* What the subcommands share: complaints, suggestions, numbers, output, signals. */
#include "commands.h"
#include "language.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

/* An interrupted run has a second to answer (hurry()); writing the report takes the rest. */
#define HURRY_US 600000

volatile int stop_requested;

void
complain(const char *format, ...)
{
    char words[2048];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, _(format), args);
    va_end(args);
    rnet_make_printable(words); /* names of files may be anything */
    fprintf(stderr, "netsuff: %s\n", words);
}

void
say(FILE *to, const char *format, ...)
{
    char words[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    fputs(rnet_report_localise(words), to);
}

/* Insertions, deletions, changes and exchanges of neighbours; words longer than the table are far away. */
static size_t
edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 48 };
    const size_t rows = strlen(a), columns = strlen(b);
    size_t table[LONGEST + 1][LONGEST + 1];

    if (rows > LONGEST || columns > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= columns; j++)
        table[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        table[i][0] = i;
        for (size_t j = 1; j <= columns; j++) {
            size_t best = table[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

            if (table[i - 1][j] + 1 < best)
                best = table[i - 1][j] + 1;
            if (table[i][j - 1] + 1 < best)
                best = table[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                table[i - 2][j - 2] + 1 < best)
                best = table[i - 2][j - 2] + 1;
            table[i][j] = best;
        }
    }
    return table[rows][columns];
}

const char *
nearest_name(const char *word, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t best = 3;

    for (size_t i = 0; i < count; i++) {
        const size_t distance = edit_distance(word, names[i]);

        if (distance < best && distance * 3 <= strlen(names[i])) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

int
refuse_option(const char *command, const char *word, const char *const *names, size_t count)
{
    const char *nearest = nearest_name(word, names, count);

    if (nearest != NULL)
        complain("%s: no option '%s'; did you mean '%s'?", command, word, nearest);
    else
        complain("%s: no option '%s'; 'netsuff help %s' lists them", command, word, command);
    return EXIT_USAGE;
}

bool
parse_count(const char *option, const char *text, unsigned long most, unsigned long *value)
{
    char *end;

    errno = 0;
    *value = strtoul(text, &end, 10);
    if (errno == 0 && end != text && *end == '\0' && text[0] != '-' && *value <= most)
        return true;
    complain("%s takes a whole number from 0 to %lu, not '%s'", option, most, text);
    return false;
}

bool
parse_size(const char *option, const char *text, uint64_t *bytes)
{
    static const char units[] = "KMG";
    const char *unit;
    char *end;

    errno = 0;
    *bytes = strtoull(text, &end, 10);
    unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (errno == 0 && end != text && text[0] != '-' && *bytes > 0 && *bytes < UINT64_MAX >> 31 &&
        (*end == '\0' || (unit != NULL && end[1] == '\0'))) {
        *bytes <<= unit != NULL ? 10 * (unit - units + 1) : 0;
        return true;
    }
    complain("%s takes a size like 500M or 2G, not '%s'", option, text);
    return false;
}

bool
parse_seconds(const char *option, const char *text, int64_t *ns)
{
    char *end;
    const double seconds = strtod(text, &end);

    if (end != text && *end == '\0' && seconds >= 1e-9 && seconds < 1e9) {
        *ns = (int64_t)(seconds * 1e9);
        return true;
    }
    complain("%s takes seconds above 0, not '%s'", option, text);
    return false;
}

/* Make a file that was not there: all that a confined program may open. What an earlier process of
 * the same number left behind goes. */
static FILE *
fopen_fresh(const char *path)
{
    unlink(path);
    return fopen(path, "wbx");
}

/* Renaming onto a device would replace it: root has lost /dev/null that way. */
bool
output_is_special(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

/* Devices and pipes that output_prepare() opened, until output_open() asks for them. */
static struct {
    const char *path;
    FILE *file;
} prepared[4];

#define PREPARED (sizeof prepared / sizeof *prepared)

static FILE *
take_prepared(const char *path)
{
    for (size_t i = 0; i < PREPARED; i++) {
        if (prepared[i].path != NULL && strcmp(prepared[i].path, path) == 0) {
            prepared[i].path = NULL;
            return prepared[i].file;
        }
    }
    return fopen(path, "wb");
}

bool
output_prepare(const char *path)
{
    size_t i = 0;

    if (path == NULL || strcmp(path, "-") == 0 || !output_is_special(path))
        return output_can_be_written(path);
    while (i < PREPARED && prepared[i].path != NULL)
        i++;
    if (i < PREPARED && (prepared[i].file = fopen(path, "wb")) != NULL) {
        prepared[i].path = path;
        return true;
    }
    complain("%s: cannot be written: %s", path, strerror(errno));
    return false;
}

bool
output_can_be_written(const char *path)
{
    const char *slash;
    char folder[4096];

    if (path == NULL || strcmp(path, "-") == 0)
        return true;
    if (output_is_special(path)) {
        complain("%s: not a regular file", path);
        return false;
    }
    slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
             slash != NULL ? path : ".");
    if (access(folder, W_OK | X_OK) == 0)
        return true;
    complain("%s: cannot be written: %s", path, strerror(errno));
    return false;
}

bool
output_open(struct output *output, const char *path)
{
    *output = (struct output){.path = path, .file = stdout};
    if (path == NULL || strcmp(path, "-") == 0)
        return true;
    if (output_is_special(path)) {
        output->file = take_prepared(path);
        if (output->file == NULL)
            complain("%s: cannot be written: %s", path, strerror(errno));
        return output->file != NULL;
    }
    if (snprintf(output->temporary, sizeof output->temporary, "%s.tmp.%ld", path, (long)getpid()) >=
        (int)sizeof output->temporary) {
        complain("%s: the name is too long", path);
        return false;
    }
    output->file = fopen_fresh(output->temporary);
    if (output->file == NULL)
        complain("%s: cannot be written: %s", path, strerror(errno));
    return output->file != NULL;
}

bool
output_write(void *output, const char *bytes, size_t count)
{
    return fwrite(bytes, 1, count, ((struct output *)output)->file) == count;
}

bool
output_close(struct output *output, bool ok)
{
    if (fflush(output->file) != 0 || ferror(output->file))
        ok = false;
    if (output->file == stdout) {
        if (!ok)
            complain("standard output: %s", strerror(errno));
        return ok;
    }
    if (output->temporary[0] != '\0')
        ok = ok && fsync(fileno(output->file)) == 0;
    ok = (fclose(output->file) == 0) && ok;
    if (ok && (output->temporary[0] == '\0' || rename(output->temporary, output->path) == 0))
        return true;
    complain("%s: cannot be written: %s", output->path, strerror(errno));
    if (output->temporary[0] != '\0')
        unlink(output->temporary);
    return false;
}

bool
write_output(const char *path, const char *text, size_t length)
{
    struct output output;

    return output_open(&output, path) && output_close(&output, output_write(&output, text, length));
}

int
terminal_columns(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < 40 ? 40 : size.ws_col;
}

bool
terminal_can_rewrite(void)
{
    const char *kind = getenv("TERM");

    return isatty(STDERR_FILENO) && kind != NULL && strcmp(kind, "dumb") != 0;
}

static void
request_stop(int signal_number)
{
    stop_requested = signal_number;
}

void
hurry(void)
{
    const struct itimerval once = {.it_value = {0, HURRY_US}};
    struct sigaction action = {.sa_handler = request_stop};

    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &once, NULL);
}

void
catch_signals(void)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write like any other */
}

uint32_t
threads_wanted(uint32_t asked)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);

    return asked == 0 && cores > 0 ? (uint32_t)cores : asked;
}
