/* Replays on all cores. */
#include "assess/assess.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAX_THREADS 256

struct pool {
    struct replays *replays;
    struct task *tasks;
    size_t count;
    size_t before; /* run by an earlier pool; for progress */
    atomic_size_t next;
    atomic_size_t done;
};

/* What a replay may take of what is left; where nothing is, it is cut at the first look. */
static int64_t
cpu_allowed(struct replays *replays)
{
    const int64_t most_ns = replays->options->max_cpu_ns,
                  spent_ns = atomic_load(&replays->spent_ns);

    if (most_ns == 0)
        return 0;
    return spent_ns < most_ns ? most_ns - spent_ns : 1;
}

static void
run_task(const struct pool *pool, struct task *task, struct rnet_outcomes *outcomes)
{
    struct replays *replays = pool->replays;
    const struct rnet_replay_options options = {.seed = task->seed,
                                                .think_jitter = task->think_jitter,
                                                .rate_jitter = task->rate_jitter,
                                                .access_rtt_ns = task->access_rtt_ns,
                                                .max_time_ns = replays->max_time_ns,
                                                .max_memory_bytes =
                                                    replays->options->max_memory_bytes,
                                                .max_cpu_ns = cpu_allowed(replays),
                                                .stop = replays->options->stop};
    const int64_t begun_ns = rnet_thread_cpu_ns();
    enum rnet_status measured;

    task->status = rnet_replay_run(replays->demand, &task->link, &options, outcomes, &task->err);
    atomic_fetch_add(&replays->spent_ns, rnet_thread_cpu_ns() - begun_ns);
    if (task->status < RNET_OK && task->status != RNET_EINTERRUPTED)
        return;
    task->packets = outcomes->packets;
    measured = rnet_quality_measure(replays->demand, outcomes, NULL, &task->quality, &task->err);
    if (measured != RNET_OK)
        task->status = measured;
}

/* Only the caller's own thread reports, so that its hook needs no lock. */
static void
take_tasks(struct pool *pool, bool report)
{
    const struct rnet_assess_options *options = pool->replays->options;
    struct rnet_outcomes outcomes = {0};
    size_t i;

    while ((i = atomic_fetch_add(&pool->next, 1)) < pool->count) {
        run_task(pool, &pool->tasks[i], &outcomes);
        atomic_fetch_add(&pool->done, 1);
        if (report && options->progress != NULL)
            options->progress(options->progress_context, pool->before + atomic_load(&pool->done),
                              pool->before + pool->count);
    }
    rnet_outcomes_clear(&outcomes);
}

static void *
work(void *pool)
{
    take_tasks(pool, false);
    return NULL;
}

uint32_t
assess_threads(uint32_t asked, size_t tasks)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t threads = asked != 0 ? asked : cores > 0 ? (uint32_t)cores : 1;

    if (threads > MAX_THREADS)
        threads = MAX_THREADS;
    return tasks < threads ? (uint32_t)tasks : threads;
}

enum rnet_status
tasks_run(struct replays *replays, struct task *tasks, size_t count, size_t before,
          struct rnet_error *err)
{
    struct pool pool = {.replays = replays, .tasks = tasks, .count = count, .before = before};
    const uint32_t threads = assess_threads(replays->options->threads, count);
    pthread_t workers[MAX_THREADS];
    uint32_t started = 0;

    atomic_init(&pool.next, 0);
    atomic_init(&pool.done, 0);
    /* This thread works too; fewer helpers than wanted only make it slower. */
    while (started + 1 < threads && pthread_create(&workers[started], NULL, work, &pool) == 0)
        started++;
    take_tasks(&pool, true);
    for (uint32_t i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
    for (size_t i = 0; i < count; i++)
        if (tasks[i].status < RNET_OK && tasks[i].status != RNET_EINTERRUPTED)
            return rnet_error_set(err, tasks[i].status, "%s: %s", tasks[i].link.name,
                                  tasks[i].err.message);
    return RNET_OK;
}

void
tasks_clear(struct task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rnet_quality_clear(&tasks[i].quality);
    rnet_free(tasks);
}
