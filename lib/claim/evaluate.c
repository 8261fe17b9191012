/* Captures × lines on all cores. Each result depends on its capture, line and settings only. */
#include "assess/assess.h"
#include "claim/claim.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define MAX_THREADS 256
#define QUARTER_HOUR_NS (900 * RNET_NS_PER_S)

struct crew {
    struct rnet_survey *survey;
    const struct rnet_claim_options *options;
    const struct settings *settings;
    struct table *table;
    uint32_t threads_each; /* within one assessment */
    atomic_size_t next;
    atomic_int failed;    /* status of the first failure; others stop */
    pthread_mutex_t lock; /* counters, words, progress */
    size_t done;
    struct rnet_error err;
};

/* A capture being evaluated. */
struct job {
    const struct rnet_survey_capture *capture;
    struct rnet_profile *profile;
    char digest[RNET_DIGEST_TEXT]; /* of the profile's bytes */
    const char *own_line;          /* "" = not known */
    struct evaluation *slots;
    bool full; /* captured behind a full line */
    size_t replayed, kept;
};

/* Stretches of a capture to be replayed, and where the results go. */
struct stretch {
    int64_t begin_ns, end_ns;
    int64_t length_ns; /* as asked of rnet_assess(); 0 with whole */
    bool whole;
};

static struct stretch
find_stretch(struct rnet_profile *profile, int64_t length_ns, bool whole)
{
    const struct rnet_profile_summary *summary = rnet_profile_get_summary(profile);
    struct stretch stretch = {summary->begin_ns, summary->end_ns + 1, length_ns, whole};

    if (!whole)
        rnet_profile_busiest(profile, length_ns, &stretch.begin_ns, &stretch.end_ns);
    return stretch;
}

static double
seconds_of(const struct rnet_profile_summary *summary, uint32_t usages)
{
    double seconds = 0;

    for (int u = 0; u < RNET_USAGE_COUNT; u++)
        if ((usages & (1u << u)) != 0)
            seconds += summary->usages[u].active_s;
    return seconds;
}

/* What a line cut, or a full line held down (people may do more on this one), lowers what is sure:
 * never more than was seen, as little as nothing. */
static struct rnet_interval
read_band(const struct rnet_band *band, bool complete, bool frees_demand)
{
    if (!complete || isnan(band->low) || isnan(band->high))
        return (struct rnet_interval){0, 1};
    return (struct rnet_interval){frees_demand ? 0 : band->low, band->high};
}

static struct evaluated
read_verdict(const struct rnet_link_result *result, size_t index, bool frees_demand,
             const struct rnet_profile_summary *summary)
{
    const struct rnet_usage_verdict *verdict = &result->verdict.items[index];

    return (struct evaluated){
        .criterion = (uint32_t)index,
        .judged = verdict->judged,
        .weight = verdict->weight,
        .bytes = verdict->bytes,
        .seconds = seconds_of(summary, verdict->criterion->usages),
        .acceptable = read_band(&verdict->acceptable_share, result->complete, frees_demand),
        .good = read_band(&verdict->good_share, result->complete, frees_demand),
    };
}

static enum rnet_status
read_result(const struct rnet_link_result *result, const struct rnet_profile_summary *summary,
            struct evaluation *evaluation)
{
    const bool frees_demand = line_frees_demand(&summary->captured_line, &result->link);
    size_t used = 0;

    for (size_t i = 0; i < result->verdict.count; i++)
        used += result->verdict.items[i].used;
    *evaluation = (struct evaluation){.known = true, .cut = !result->complete};
    evaluation->items = rnet_alloc_zero(used, sizeof *evaluation->items);
    if (evaluation->items == NULL)
        return RNET_ENOMEM;
    for (size_t i = 0; i < result->verdict.count; i++)
        if (result->verdict.items[i].used)
            evaluation->items[evaluation->count++] = read_verdict(result, i, frees_demand, summary);
    return RNET_OK;
}

static void
keep(struct crew *crew, const struct job *job, const struct stretch *stretch, const char *line,
     const struct evaluation *evaluation)
{
    char key[RNET_DIGEST_TEXT];
    struct rnet_error err = {0};

    evaluation_key(crew->settings, job->digest, stretch->begin_ns, stretch->end_ns, line, key);
    if (evaluation->cut || kept_save(crew->survey, job->capture->digest, key, crew->settings,
                                     evaluation, &err) == RNET_OK)
        return;
    pthread_mutex_lock(&crew->lock);
    if (!crew->table->not_kept)
        crew->table->trouble = err;
    crew->table->not_kept = true;
    pthread_mutex_unlock(&crew->lock);
}

/* Replay `count` lines over a stretch; results go to the slots named. */
static enum rnet_status
replay(struct crew *crew, struct job *job, const struct stretch *stretch, const char *const *lines,
       const size_t *slots, size_t count, struct rnet_error *err)
{
    struct rnet_assess_options options = crew->options->assess;
    struct rnet_assessment assessment = {0};
    char criteria[RNET_DIGEST_TEXT];
    enum rnet_status status;

    options.links = lines;
    options.link_count = count;
    options.threads = crew->threads_each;
    options.no_causes = true;
    options.whole_capture = stretch->whole;
    options.period_ns = stretch->length_ns;
    status = rnet_assess(job->profile, &options, &assessment, err);
    if (status < RNET_OK)
        return status;
    if (options.stop != NULL && *options.stop != 0)
        status = RNET_EINTERRUPTED;
    criteria_digest(&assessment.criteria, criteria);
    if (status >= RNET_OK && strcmp(criteria, crew->settings->criteria_digest) != 0)
        status = rnet_error_set(err, RNET_EIO, "the criteria changed meanwhile");
    for (size_t i = 0; i < count && status >= RNET_OK; i++) {
        status = read_result(&assessment.links[i], rnet_profile_get_summary(job->profile),
                             &job->slots[slots[i]]);
        if (status == RNET_OK)
            keep(crew, job, stretch, lines[i], &job->slots[slots[i]]);
    }
    rnet_assessment_clear(&assessment);
    job->replayed += count;
    return status > RNET_OK ? RNET_OK : status;
}

/* Take what is kept, replay the rest. */
static enum rnet_status
evaluate_stretch(struct crew *crew, struct job *job, const struct stretch *stretch,
                 const char *const *lines, const size_t *slots, size_t count,
                 struct rnet_error *err)
{
    const char **missing = rnet_alloc_zero(count, sizeof *missing);
    size_t *places = rnet_alloc_zero(count, sizeof *places), left = 0;
    enum rnet_status status = missing != NULL && places != NULL ? RNET_OK : RNET_ENOMEM;

    for (size_t i = 0; i < count && status == RNET_OK; i++) {
        char key[RNET_DIGEST_TEXT];

        evaluation_key(crew->settings, job->digest, stretch->begin_ns, stretch->end_ns, lines[i],
                       key);
        if (!crew->options->fresh &&
            kept_find(crew->survey, key, crew->settings, &job->slots[slots[i]], NULL) == RNET_OK) {
            job->kept++;
            continue;
        }
        missing[left] = lines[i];
        places[left++] = slots[i];
    }
    if (status == RNET_OK && left > 0)
        status = replay(crew, job, stretch, missing, places, left, err);
    rnet_free(missing);
    rnet_free(places);
    return status;
}

static enum rnet_status
copy_evaluation(const struct evaluation *from, struct evaluation *to)
{
    *to = *from;
    to->items = rnet_alloc_zero(from->count, sizeof *to->items);
    if (to->items == NULL) {
        *to = (struct evaluation){0};
        return RNET_ENOMEM;
    }
    if (from->count > 0)
        memcpy(to->items, from->items, from->count * sizeof *to->items);
    return RNET_OK;
}

/* The reference line over another stretch, unless that is the same one. */
static enum rnet_status
evaluate_other_hours(struct crew *crew, struct job *job, const struct stretch *stated,
                     struct rnet_error *err)
{
    const struct table *table = crew->table;
    const struct stretch others[] = {find_stretch(job->profile, QUARTER_HOUR_NS, false),
                                     find_stretch(job->profile, 0, true)};
    const size_t slots[] = {table->line_count + SLOT_QUARTER, table->line_count + SLOT_WHOLE};
    const char *line = table->lines[table->reference];
    enum rnet_status status = RNET_OK;

    for (int i = 0; i < 2 && status == RNET_OK; i++) {
        if (others[i].begin_ns == stated->begin_ns && others[i].end_ns == stated->end_ns)
            status = copy_evaluation(&job->slots[table->reference], &job->slots[slots[i]]);
        else
            status = evaluate_stretch(crew, job, &others[i], &line, &slots[i], 1, err);
    }
    return status;
}

static enum rnet_status
evaluate_profile(struct crew *crew, struct job *job, struct rnet_error *err)
{
    const struct rnet_assess_options *asked = &crew->options->assess;
    const struct table *table = crew->table;
    const size_t own = table->line_count + SLOT_OWN;
    const struct stretch stretch =
        find_stretch(job->profile, asked->period_ns, asked->whole_capture);
    const char **lines = rnet_alloc_zero(table->line_count + 1, sizeof *lines);
    size_t *slots = rnet_alloc_zero(table->line_count + 1, sizeof *slots);
    size_t count = 0;
    enum rnet_status status = lines != NULL && slots != NULL ? RNET_OK : RNET_ENOMEM;

    for (; status == RNET_OK && count < table->line_count; count++) {
        lines[count] = table->lines[count];
        slots[count] = count;
    }
    if (status == RNET_OK && job->own_line[0] != '\0') {
        lines[count] = job->own_line;
        slots[count++] = own;
    }
    if (status == RNET_OK)
        status = evaluate_stretch(crew, job, &stretch, lines, slots, count, err);
    if (status == RNET_OK && table->other_hours)
        status = evaluate_other_hours(crew, job, &stretch, err);
    rnet_free(lines);
    rnet_free(slots);
    return status;
}

static const struct rnet_firm *
firm_of(const struct table *table, const char *name)
{
    for (size_t i = 0; i < table->firm_count; i++)
        if (strcmp(table->firms[i].name, name) == 0)
            return &table->firms[i];
    return NULL;
}

/* A profile that cannot be read leaves its office at "cannot say"; other failures end the run. */
static enum rnet_status
evaluate_capture(struct crew *crew, size_t index, struct rnet_error *err)
{
    struct table *table = crew->table;
    const struct rnet_firm *firm = firm_of(table, table->captures[index].firm);
    struct rnet_error inner = {0};
    struct rnet_link own;
    struct job job = {.capture = &table->captures[index],
                      .own_line = "",
                      .slots = &table->evaluations[index * table_slots(table)]};
    enum rnet_status status =
        survey_load_profile(crew->survey, job.capture->digest, &job.profile, job.digest, &inner);

    if (firm != NULL && firm->line[0] != '\0' && rnet_link_parse(firm->line, &own, NULL) == RNET_OK)
        job.own_line = own.specification;
    if (status == RNET_OK) {
        job.full = line_was_full(&rnet_profile_get_summary(job.profile)->captured_line);
        status = evaluate_profile(crew, &job, &inner);
    }
    rnet_profile_free(job.profile);
    pthread_mutex_lock(&crew->lock);
    table->full += job.full;
    table->replayed += job.replayed;
    table->kept += job.kept;
    if (status == RNET_EFORMAT || status == RNET_EUNSUPPORTED || status == RNET_ENOTFOUND) {
        if (table->unreadable++ == 0)
            table->trouble = inner;
        status = RNET_OK;
    }
    crew->done++;
    if (crew->options->progress != NULL)
        crew->options->progress(crew->options->progress_context, crew->done, table->capture_count);
    pthread_mutex_unlock(&crew->lock);
    return survey_failed(crew->survey->path, status, &inner, err);
}

static void *
work(void *argument)
{
    struct crew *crew = argument;
    const volatile int *stop = crew->options->assess.stop;
    size_t i;

    while (atomic_load(&crew->failed) == RNET_OK &&
           (i = atomic_fetch_add(&crew->next, 1)) < crew->table->capture_count) {
        struct rnet_error err = {0};
        const enum rnet_status status =
            stop != NULL && *stop != 0 ? RNET_EINTERRUPTED : evaluate_capture(crew, i, &err);
        int none = RNET_OK;

        if (status < RNET_OK && atomic_compare_exchange_strong(&crew->failed, &none, (int)status))
            crew->err = err;
    }
    return NULL;
}

static void
run_crew(struct crew *crew)
{
    pthread_t workers[MAX_THREADS];
    const uint32_t cores = assess_threads(crew->options->assess.threads, SIZE_MAX),
                   threads = assess_threads(cores, crew->table->capture_count);
    uint32_t started = 0;

    crew->threads_each = threads > 0 && cores > threads ? cores / threads : 1;
    while (started + 1 < threads && pthread_create(&workers[started], NULL, work, crew) == 0)
        started++;
    work(crew);
    for (uint32_t i = 0; i < started; i++)
        pthread_join(workers[i], NULL);
}

/* Captures are in the order of their firms. */
static enum rnet_status
pool_offices(struct table *table)
{
    const size_t slots = table_slots(table);
    const struct evaluation **own = rnet_alloc_zero(table->capture_count, sizeof *own);
    size_t at = 0;
    enum rnet_status status = own != NULL ? RNET_OK : RNET_ENOMEM;

    for (size_t f = 0; f < table->firm_count && status == RNET_OK; f++) {
        size_t end = at;

        while (end < table->capture_count &&
               strcmp(table->captures[end].firm, table->firms[f].name) == 0)
            end++;
        for (size_t s = 0; s < slots && status == RNET_OK; s++) {
            for (size_t c = at; c < end; c++)
                own[c - at] = &table->evaluations[c * slots + s];
            status = office_pool(own, end - at, &table->offices[f * slots + s]);
        }
        at = end;
    }
    rnet_free(own);
    return status;
}

enum rnet_status
table_evaluate(struct rnet_survey *survey, const struct rnet_claim_options *options,
               const struct settings *settings, struct table *table, struct rnet_error *err)
{
    struct crew crew = {.survey = survey, .options = options, .settings = settings, .table = table};
    const size_t slots = table_slots(table);
    enum rnet_status status;

    table->evaluations = rnet_alloc_zero(table->capture_count * slots, sizeof *table->evaluations);
    table->offices = rnet_alloc_zero(table->firm_count * slots, sizeof *table->offices);
    if (table->evaluations == NULL || table->offices == NULL)
        return rnet_error_set(err, RNET_ENOMEM, "out of memory");
    atomic_init(&crew.next, 0);
    atomic_init(&crew.failed, RNET_OK);
    pthread_mutex_init(&crew.lock, NULL);
    kept_forget_others(survey, settings);
    run_crew(&crew);
    pthread_mutex_destroy(&crew.lock);
    status = (enum rnet_status)atomic_load(&crew.failed);
    if (status == RNET_EINTERRUPTED)
        return rnet_error_set(err, status,
                              "stopped after %zu of %zu captures; what was replayed is kept",
                              crew.done, table->capture_count);
    if (status != RNET_OK)
        return rnet_error_set(err, status, "%s", crew.err.message);
    for (size_t i = 0; i < table->capture_count * slots; i++)
        table->cut += table->evaluations[i].cut;
    return pool_offices(table);
}

void
table_clear(struct table *table)
{
    const size_t slots = table_slots(table);

    for (size_t i = 0; table->evaluations != NULL && i < table->capture_count * slots; i++)
        evaluation_clear(&table->evaluations[i]);
    for (size_t i = 0; table->offices != NULL && i < table->firm_count * slots; i++)
        evaluation_clear(&table->offices[i]);
    rnet_free(table->evaluations);
    rnet_free(table->offices);
    rnet_free(table->lines);
    rnet_survey_list_free(table->firms);
    rnet_survey_list_free(table->captures);
    *table = (struct table){0};
}
