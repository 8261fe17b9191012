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
    const volatile int *stop;
    atomic_size_t next;
};

static void
run_task(const struct pool *pool, struct task *task, struct rnet_outcomes *outcomes)
{
    const struct rnet_replay_options options = {.seed = task->seed,
                                                .think_jitter = task->think_jitter,
                                                .rate_jitter = task->rate_jitter,
                                                .access_rtt_ns = task->access_rtt_ns,
                                                .stop = pool->stop};
    enum rnet_status measured;

    task->status = rnet_replay_run(pool->demand, &task->link, &options, outcomes, &task->err);
    if (task->status < RNET_OK && task->status != RNET_EINTERRUPTED)
        return;
    task->packets = outcomes->packets;
    measured = rnet_quality_measure(pool->demand, outcomes, NULL, &task->quality, &task->err);
    if (measured != RNET_OK)
        task->status = measured;
}

static void *
work(void *argument)
{
    struct pool *pool = argument;
    struct rnet_outcomes outcomes = {0};
    size_t i;

    while ((i = atomic_fetch_add(&pool->next, 1)) < pool->count)
        run_task(pool, &pool->tasks[i], &outcomes);
    rnet_outcomes_clear(&outcomes);
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
tasks_run(const struct rnet_demand *demand, struct task *tasks, size_t count, uint32_t threads,
          const volatile int *stop, struct rnet_error *err)
{
    struct pool pool = {.demand = demand, .tasks = tasks, .count = count, .stop = stop};
    pthread_t workers[MAX_THREADS];
    uint32_t started = 0;

    atomic_init(&pool.next, 0);
    threads = assess_threads(threads, count);
    /* This thread works too; fewer helpers than wanted only make it slower. */
    while (started + 1 < threads && pthread_create(&workers[started], NULL, work, &pool) == 0)
        started++;
    work(&pool);
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
