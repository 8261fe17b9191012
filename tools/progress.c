/* A line of progress on a terminal. */
#include "progress.h"

#include "commands.h"
#include "language.h"

/* Nothing is said before, and the line changes no oftener than, so many seconds. */
#define FIRST_S 1.0
#define PAUSE_S 0.2

static double
seconds_between(const struct timespec *from, const struct timespec *to)
{
    return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

void
progress_begin(struct progress *progress, bool quiet)
{
    *progress = (struct progress){.wanted = !quiet && terminal_can_rewrite()};
    clock_gettime(CLOCK_MONOTONIC, &progress->begun);
    progress->last = progress->begun;
}

void
progress_end(struct progress *progress)
{
    if (progress->written)
        fputs("\r\033[K", stderr);
    progress->written = false;
}

/* Whether it is time to say something; *elapsed_s since the beginning. */
static bool
is_due(struct progress *progress, double *elapsed_s)
{
    struct timespec now;

    if (!progress->wanted)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    *elapsed_s = seconds_between(&progress->begun, &now);
    if (*elapsed_s < FIRST_S || seconds_between(&progress->last, &now) < PAUSE_S)
        return false;
    progress->last = now;
    progress->written = true;
    return true;
}

/* As if the rest took as long as what is done. */
static void
say_time_left(double elapsed_s, double done, double total)
{
    const double left_s = done > 0 ? elapsed_s * (total - done) / done : 0;

    if (done > 0 && done <= total)
        fprintf(stderr, left_s < 60 ? _(", about %.0f s left") : _(", about %.0f min left"),
                left_s < 60 ? left_s : left_s / 60);
    fputs("\033[K", stderr);
}

void
progress_reading(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    const double done = (double)done_bytes / 1e6, total = (double)total_bytes / 1e6;
    double elapsed_s;

    if (!is_due(context, &elapsed_s))
        return;
    putc('\r', stderr);
    if (total_bytes > 0)
        say(stderr, _("reading: %.1f of %.1f MB, %.1f MB/s"), done, total, done / elapsed_s);
    else
        say(stderr, _("reading: %.1f MB, %.1f MB/s"), done, done / elapsed_s);
    say_time_left(elapsed_s, done, total);
}

void
progress_listening(void *context, uint64_t seen_bytes, uint64_t nothing)
{
    struct progress *progress = context;
    double elapsed_s;

    (void)nothing;
    if (!is_due(progress, &elapsed_s))
        return;
    putc('\r', stderr);
    say(stderr, _("listening for %.0f s: %.1f MB seen"), elapsed_s, (double)seen_bytes / 1e6);
    say_time_left(elapsed_s, elapsed_s, progress->lasts_s);
}

void
progress_adding(struct progress *progress, const struct progress_inputs *inputs)
{
    const double done = (double)inputs->done_bytes / 1e6, all = (double)inputs->all_bytes / 1e6;
    double elapsed_s;

    if (!is_due(progress, &elapsed_s))
        return;
    putc('\r', stderr);
    fprintf(stderr, _("%zu of %zu read, %zu there already, %zu failed"), inputs->read, inputs->all,
            inputs->there, inputs->failed);
    say(stderr, _("; %.1f of %.1f MB, %.1f MB/s"), done, all, done / elapsed_s);
    say_time_left(elapsed_s, done, all);
}

void
progress_counting(void *context, size_t done, size_t total)
{
    struct progress *progress = context;
    double elapsed_s;

    if (!is_due(progress, &elapsed_s))
        return;
    putc('\r', stderr);
    fprintf(stderr, _("%s: %zu of %zu"), _(progress->doing), done, total);
    say_time_left(elapsed_s, (double)done, (double)total);
}
