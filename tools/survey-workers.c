/*
 * Adding many captures with all cores. Workers are processes, not threads: one that dies of a
 * capture takes nothing with it, and the rest goes on. What is added is added; a second run skips
 * it.
 */
#include "survey.h"

#include "language.h"
#include "progress.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_WORKERS 256
#define NOBODY UINT32_MAX

enum item_state {
    ITEM_WAITING,
    ITEM_WORKING,
    ITEM_ADDED,
    ITEM_ENTERED, /* a firm without a capture */
    ITEM_THERE,
    ITEM_PARTIAL, /* added, as far as it could be read */
    ITEM_STOPPED,
    ITEM_FAILED,
    ITEM_STATES
};

struct item {
    _Atomic int state;
    _Atomic uint32_t worker;
    _Atomic uint64_t done_bytes; /* read so far, where the input's size is known */
    uint64_t all_bytes;
    char words[480]; /* why it failed, or what was lacking */
};

/* Between the processes. */
struct board {
    _Atomic size_t next;
    struct item items[];
};

/* A hook of the reading, called in the child that reads. */
static void
note_bytes(void *context, uint64_t done_bytes, uint64_t all_bytes)
{
    struct item *item = context;

    (void)all_bytes;
    atomic_store(&item->done_bytes, done_bytes);
}

static enum item_state
observe_and_add(const struct survey_add *add, struct rnet_survey *survey,
                const struct survey_input *input, const char *digest, struct rnet_error *err)
{
    struct rnet_profile *profile = NULL;
    struct rnet_error adding = {0};
    const enum rnet_status status = survey_observe(add, input->path, &profile, err);
    enum rnet_status added;

    if (status < RNET_OK || stop_requested) {
        rnet_profile_free(profile);
        return status < RNET_OK ? ITEM_FAILED : ITEM_STOPPED;
    }
    added = rnet_survey_add(survey, &input->firm, profile, digest, &adding);
    if (added < RNET_OK)
        *err = adding;
    rnet_profile_free(profile);
    return added < RNET_OK          ? ITEM_FAILED
           : added == RNET_END      ? ITEM_THERE
           : status == RNET_PARTIAL ? ITEM_PARTIAL
                                    : ITEM_ADDED;
}

static enum item_state
work_on(const struct survey_add *add, struct rnet_survey *survey, const struct survey_input *input,
        struct rnet_error *err)
{
    char digest[RNET_DIGEST_TEXT] = "";

    if (input->path[0] == '\0')
        return rnet_survey_put_firm(survey, &input->firm, err) == RNET_OK ? ITEM_ENTERED
                                                                          : ITEM_FAILED;
    if (strcmp(input->path, "-") != 0 &&
        rnet_survey_digest_file(input->path, digest, err) != RNET_OK)
        return ITEM_FAILED;
    if (digest[0] != '\0' && rnet_survey_has_input(survey, input->firm.name, digest))
        return rnet_survey_put_firm(survey, &input->firm, err) == RNET_OK ? ITEM_THERE
                                                                          : ITEM_FAILED;
    return observe_and_add(add, survey, input, digest, err);
}

/* Take inputs from the board until none is left. */
static void
work(const struct survey_add *add, const struct survey_inputs *inputs, struct board *board,
     uint32_t number)
{
    struct rnet_survey *survey = NULL;
    struct rnet_error opening = {0};
    const bool open =
        rnet_survey_open(add->survey, RNET_SURVEY_WRITE, &survey, &opening) == RNET_OK;
    size_t i;

    while (!stop_requested && (i = atomic_fetch_add(&board->next, 1)) < inputs->count) {
        struct item *item = &board->items[i];
        struct survey_add own = *add;
        struct rnet_error err = opening;
        enum item_state state;

        own.reading.observe.progress = note_bytes;
        own.reading.observe.progress_context = item;
        atomic_store(&item->worker, number);
        atomic_store(&item->state, ITEM_WORKING);
        state = open ? work_on(&own, survey, &inputs->items[i], &err) : ITEM_FAILED;
        snprintf(item->words, sizeof item->words, "%s", err.message);
        atomic_store(&item->state, state);
    }
    rnet_survey_close(survey);
}

static void
count_states(const struct survey_inputs *inputs, struct board *board, size_t states[ITEM_STATES])
{
    memset(states, 0, ITEM_STATES * sizeof *states);
    for (size_t i = 0; i < inputs->count; i++)
        states[atomic_load(&board->items[i].state)]++;
}

/* What is done counts whole, whatever was read of it. */
static void
show_progress(struct progress *progress, const struct survey_inputs *inputs, struct board *board)
{
    struct progress_inputs shown = {.all = inputs->count};
    size_t states[ITEM_STATES];

    count_states(inputs, board, states);
    shown.read = inputs->count - states[ITEM_WAITING] - states[ITEM_WORKING];
    shown.there = states[ITEM_THERE];
    shown.failed = states[ITEM_FAILED];
    for (size_t i = 0; i < inputs->count; i++) {
        const struct item *item = &board->items[i];
        const uint64_t done = atomic_load(&item->done_bytes);

        shown.all_bytes += item->all_bytes;
        shown.done_bytes += atomic_load(&item->state) > ITEM_WORKING || done > item->all_bytes
                                ? item->all_bytes
                                : done;
    }
    progress_adding(progress, &shown);
}

/* A worker died: what it was at has failed, and another takes its place. */
static void
bury(const struct survey_inputs *inputs, struct board *board, uint32_t worker, int signal_number)
{
    for (size_t i = 0; i < inputs->count; i++) {
        struct item *item = &board->items[i];

        if (atomic_load(&item->state) == ITEM_WORKING && atomic_load(&item->worker) == worker) {
            snprintf(item->words, sizeof item->words, _("%s: reading it ended with signal %d"),
                     inputs->items[i].path, signal_number);
            atomic_store(&item->state, ITEM_FAILED);
        }
    }
}

static pid_t
start_worker(const struct survey_add *add, const struct survey_inputs *inputs, struct board *board,
             uint32_t worker)
{
    const pid_t child = fork();

    if (child != 0)
        return child;
    work(add, inputs, board, worker);
    _exit(EXIT_DONE);
}

static void
run_workers(const struct survey_add *add, const struct survey_inputs *inputs, struct board *board,
            size_t count)
{
    const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};
    pid_t workers[MOST_WORKERS];
    struct progress progress;
    size_t alive = 0;

    progress_begin(&progress, add->quiet);
    for (uint32_t i = 0; i < count; i++) {
        workers[i] = start_worker(add, inputs, board, i);
        alive += workers[i] > 0;
    }
    if (alive == 0)
        work(add, inputs, board, 0);
    while (alive > 0) {
        int status;
        const pid_t ended = waitpid(-1, &status, WNOHANG);

        for (uint32_t i = 0; ended > 0 && i < count; i++) {
            if (workers[i] != ended)
                continue;
            alive--;
            if (!WIFSIGNALED(status))
                continue;
            bury(inputs, board, i, WTERMSIG(status));
            if (!stop_requested && (workers[i] = start_worker(add, inputs, board, i)) > 0)
                alive++;
        }
        if (progress.wanted)
            show_progress(&progress, inputs, board);
        if (ended == 0)
            nanosleep(&pause, NULL);
        if (ended < 0 && errno != EINTR)
            break;
    }
    progress_end(&progress);
}

static int
conclude(const struct survey_add *add, const struct survey_inputs *inputs, struct board *board)
{
    size_t states[ITEM_STATES], good;

    for (size_t i = 0; i < inputs->count; i++) {
        const int state = atomic_load(&board->items[i].state);

        if (state == ITEM_FAILED || (state == ITEM_PARTIAL && !add->quiet))
            complain("%s%s%s", inputs->items[i].path, inputs->items[i].path[0] != '\0' ? ": " : "",
                     board->items[i].words);
    }
    count_states(inputs, board, states);
    good = states[ITEM_ADDED] + states[ITEM_PARTIAL] + states[ITEM_THERE] + states[ITEM_ENTERED];
    if (!add->quiet)
        printf(_("%zu added, %zu there already, %zu failed, %zu not reached\n"),
               states[ITEM_ADDED] + states[ITEM_PARTIAL] + states[ITEM_ENTERED], states[ITEM_THERE],
               states[ITEM_FAILED], inputs->count - good - states[ITEM_FAILED]);
    if (good == inputs->count)
        return states[ITEM_PARTIAL] > 0 ? EXIT_PARTIAL : EXIT_DONE;
    return good > 0 || stop_requested ? EXIT_PARTIAL : EXIT_FAILED;
}

static void
find_sizes(const struct survey_inputs *inputs, struct board *board)
{
    struct stat file;

    for (size_t i = 0; i < inputs->count; i++)
        if (stat(inputs->items[i].path, &file) == 0 && S_ISREG(file.st_mode))
            board->items[i].all_bytes = (uint64_t)file.st_size;
}

int
survey_add_all(const struct survey_add *add, const struct survey_inputs *inputs)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t workers = add->jobs > 0 ? add->jobs : cores > 0 ? (size_t)cores : 1;
    const size_t bytes = sizeof(struct board) + inputs->count * sizeof(struct item);
    struct board *board =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int code;

    if (board == MAP_FAILED) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    if (workers > inputs->count)
        workers = inputs->count;
    if (workers > MOST_WORKERS)
        workers = MOST_WORKERS;
    find_sizes(inputs, board);
    if (workers <= 1 && (add->quiet || !terminal_can_rewrite()))
        work(add, inputs, board, 0);
    else
        run_workers(add, inputs, board, workers);
    code = conclude(add, inputs, board);
    munmap(board, bytes);
    return code;
}
