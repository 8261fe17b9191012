/* Replays on all cores. */
#include "assess/assess.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MAX_THREADS 256

struct pool {
    const struct rnet_demand *demand;
    struct task *tasks;
    size_t count;
    const struct rnet_assess_options *options;
    int64_t max_time_ns;
    size_t before; /* run by an earlier pool; for progress */
    atomic_size_t next;
    atomic_size_t done;
};

static void
run_task(const struct pool *pool, struct task *task, struct rnet_outcomes *outcomes)
{
    const struct rnet_replay_options options = {.seed = task->seed,
                                                .think_jitter = task->think_jitter,
                                                .rate_jitter = task->rate_jitter,
                                                .access_rtt_ns = task->access_rtt_ns,
                                                .max_time_ns = pool->max_time_ns,
                                                .max_memory_bytes = pool->options->max_memory_bytes,
                                                .stop = pool->options->stop};
    enum rnet_status measured;

    task->status = rnet_replay_run(pool->demand, &task->link, &options, outcomes, &task->err);
    if (task->status < RNET_OK && task->status != RNET_EINTERRUPTED)
        return;
    task->packets = outcomes->packets;
    measured = rnet_quality_measure(pool->demand, outcomes, NULL, &task->quality, &task->err);
    if (measured != RNET_OK)
        task->status = measured;
}

/* Only the caller's own thread reports, so that its hook needs no lock. */
static void
take_tasks(struct pool *pool, bool report)
{
    const struct rnet_assess_options *options = pool->options;
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
tasks_run(const struct rnet_demand *demand, struct task *tasks, size_t count, size_t before,
          const struct rnet_assess_options *options, int64_t max_time_ns, struct rnet_error *err)
{
    struct pool pool = {.demand = demand,
                        .tasks = tasks,
                        .count = count,
                        .options = options,
                        .max_time_ns = max_time_ns,
                        .before = before};
    const uint32_t threads = assess_threads(options->threads, count);
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
