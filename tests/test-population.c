/* Composed profiles: what parts say stays as it was; offices are the model's, the same every time.
 */
#include "population/population.h"
#include "profile/profile.h"
#include "survey-fixture.h"

#include <math.h>

/* Composing profiles ------------------------------------------------------------------------------
 */

static struct rnet_profile *
load_part(const char *name)
{
    struct rnet_error err = {0};
    struct rnet_profile *profile;

    for (const struct embedded_part *part = embedded_parts; part->name != NULL; part++) {
        if (strcmp(part->name, name) != 0)
            continue;
        ck_assert_msg(rnet_profile_read(part->bytes, part->count, &profile, &err) == RNET_OK, "%s",
                      err.message);
        return profile;
    }
    ck_abort_msg("no part %s", name);
}

static struct rnet_demand
demand_of(struct rnet_profile *profile)
{
    struct rnet_demand demand = {0};
    struct rnet_error err = {0};

    ck_assert_msg(rnet_profile_demand(profile, INT64_MIN / 4, INT64_MAX / 4, &demand, &err) ==
                      RNET_OK,
                  "%s", err.message);
    return demand;
}

static struct rnet_profile *
play_twice(struct rnet_profile *part, int64_t first_ns, int64_t second_ns)
{
    const struct rnet_placement placements[] = {{first_ns, 0}, {second_ns, 100}};
    const struct rnet_capture_facts facts = {.packets = 1, .complete = true};
    struct rnet_profile *profile;

    ck_assert_int_eq(rnet_profile_new(&profile), RNET_OK);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(rnet_profile_add_profile(profile, part, &placements[i]), RNET_OK);
    ck_assert_int_eq(rnet_profile_finish(profile, &facts), RNET_OK);
    return profile;
}

/* Conversation of a part and its copy: the same but for what was meant to move. */
static void
assert_moved(const struct rnet_demand *part, size_t which, const struct rnet_demand *whole,
             size_t copy, int64_t shift_ns, uint32_t first_host)
{
    const struct rnet_conversation *a = &part->conversations[which];
    const struct rnet_conversation *b = &whole->conversations[copy];
    struct rnet_conversation moved = *a;

    moved.start_ns += shift_ns;
    moved.end_ns += shift_ns;
    moved.host += first_host;
    moved.server = b->server;
    moved.first_item = b->first_item;
    if (a->open_release == RNET_RELEASE_DELIVERY)
        moved.after_conversation = b->after_conversation;
    ck_assert_mem_eq(&moved, b, sizeof moved);
    for (uint32_t i = 0; i < a->items && a->transport != RNET_TRANSPORT_OPEN; i++) {
        struct rnet_message message = part->messages[a->first_item + i];
        const struct rnet_message *other = &whole->messages[b->first_item + i];

        message.start_ns += shift_ns;
        message.end_ns += shift_ns;
        message.activity = other->activity;
        /* What it waited for is the same message of the copy of that conversation. */
        if (message.release == RNET_RELEASE_DELIVERY || message.release == RNET_RELEASE_WRITTEN)
            message.after_conversation += (uint32_t)(copy - which);
        else
            message.after_conversation = other->after_conversation; /* says nothing */
        ck_assert_mem_eq(&message, other, sizeof message);
    }
    for (uint32_t i = 0; i < a->items && a->transport == RNET_TRANSPORT_OPEN; i++) {
        struct rnet_datagram datagram = part->datagrams[a->first_item + i];

        datagram.time_ns += shift_ns;
        ck_assert_mem_eq(&datagram, &whole->datagrams[b->first_item + i], sizeof datagram);
    }
}

static const char *const played[] = {"page.07.profile", "page.04.profile", "call.profile",
                                     "mail_read.profile", "file_put.profile"};

START_TEST(a_part_played_twice_is_twice_what_it_was)
{
    struct rnet_profile *part = load_part(played[_i]);
    struct rnet_demand own = demand_of(part);
    const int64_t shift_ns = -own.conversations[0].start_ns, later_ns = 1000 * RNET_NS_PER_S;
    struct rnet_profile *whole = play_twice(part, shift_ns, shift_ns + later_ns);
    struct rnet_demand both = demand_of(whole);
    const size_t count = own.conversation_count;
    ck_assert_uint_eq(both.conversation_count, 2 * count);
    for (size_t i = 0; i < count; i++) {
        assert_moved(&own, i, &both, i, shift_ns, 0);
        assert_moved(&own, i, &both, count + i, shift_ns + later_ns, 100);
        ck_assert_uint_ne(both.conversations[i].server, both.conversations[count + i].server);
    }
    for (int u = 0; u < RNET_USAGE_COUNT; u++) {
        const struct rnet_usage_summary *a = &rnet_profile_get_summary(part)->usages[u];
        const struct rnet_usage_summary *b = &rnet_profile_get_summary(whole)->usages[u];

        ck_assert_uint_eq(b->flows, 2 * a->flows);
        ck_assert_uint_eq(b->bytes[RNET_UP], 2 * a->bytes[RNET_UP]);
        ck_assert_double_eq_tol(b->confidence, a->confidence, 1e-12);
    }
    rnet_demand_clear(&own);
    rnet_demand_clear(&both);
    rnet_profile_free(part);
    rnet_profile_free(whole);
}
END_TEST

START_TEST(activities_of_two_plays_are_not_one)
{
    struct rnet_profile *part = load_part("page.07.profile");
    struct rnet_profile *whole = play_twice(part, 0, RNET_NS_PER_S);
    struct rnet_demand own = demand_of(part), both = demand_of(whole);
    uint32_t most = 0;

    for (size_t i = 0; i < own.message_count; i++)
        most = own.messages[i].activity > most ? own.messages[i].activity : most;
    ck_assert_uint_gt(most, 0);
    for (size_t c = 0; c < both.conversation_count; c++) {
        const struct rnet_conversation *conversation = &both.conversations[c];

        for (uint32_t i = 0;
             i < conversation->items && conversation->transport != RNET_TRANSPORT_OPEN; i++) {
            const uint32_t activity = both.messages[conversation->first_item + i].activity;

            if (conversation->host < 100)
                ck_assert_uint_le(activity, most);
            else
                ck_assert_uint_gt(activity, most);
        }
    }
    rnet_demand_clear(&own);
    rnet_demand_clear(&both);
    rnet_profile_free(part);
    rnet_profile_free(whole);
}
END_TEST

START_TEST(a_part_is_a_finished_profile_and_moves_within_reason)
{
    struct rnet_profile *part = load_part("clock.profile"), *open, *done;
    const struct rnet_capture_facts facts = {.packets = 1};
    struct rnet_placement placement = {0};

    ck_assert_int_eq(rnet_profile_new(&open), RNET_OK);
    ck_assert_int_eq(rnet_profile_new(&done), RNET_OK);
    ck_assert_int_eq(rnet_profile_finish(done, &facts), RNET_OK);
    ck_assert_int_eq(rnet_profile_add_profile(done, part, &placement), RNET_EINVAL);
    ck_assert_int_eq(rnet_profile_add_profile(part, part, &placement), RNET_EINVAL);
    ck_assert_int_eq(rnet_profile_add_profile(open, open, &placement), RNET_EINVAL);
    placement.shift_ns = INT64_MAX;
    ck_assert_int_eq(rnet_profile_add_profile(open, part, &placement), RNET_EINVAL);
    rnet_profile_free(part);
    rnet_profile_free(open);
    rnet_profile_free(done);
}
END_TEST

/* A file may hold any times and numbers (its checksum is no secret): none may overflow. */
START_TEST(wild_times_and_numbers_of_a_part_are_refused)
{
    static const struct {
        const char *why;
        int64_t start_ns;
        uint64_t flow;
        enum rnet_status expected;
    } cases[] = {
        {"an ordinary flow", RNET_NS_PER_S, 7, RNET_OK},
        {"near the end of time", INT64_MAX - RNET_NS_PER_S, 7, RNET_EFORMAT},
        {"near its beginning", INT64_MIN + RNET_NS_PER_S, 7, RNET_EFORMAT},
        {"a number of 33 bits", RNET_NS_PER_S, UINT64_C(1) << 32, RNET_EFULL},
        {"the largest number", RNET_NS_PER_S, UINT64_MAX, RNET_EFULL},
    };
    const struct rnet_placement placement = {.shift_ns = RNET_NS_PER_S, .first_host = UINT32_MAX};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct flow_record flow = {
            .flow_id = cases[i].flow,
            .conversation = {.start_ns = cases[i].start_ns, .end_ns = cases[i].start_ns + 5}};
        struct rnet_profile *part, *whole;

        ck_assert_int_eq(rnet_profile_new(&part), RNET_OK);
        ck_assert_int_eq(rnet_profile_new(&whole), RNET_OK);
        ck_assert_int_eq(record_write_flow(&part->log, &flow), RNET_OK);
        part->finished = true;
        ck_assert_msg(rnet_profile_add_profile(whole, part, &placement) == cases[i].expected, "%s",
                      cases[i].why);
        rnet_profile_free(part);
        rnet_profile_free(whole);
    }
}
END_TEST

/* Offices -----------------------------------------------------------------------------------------
 */

static struct rnet_population *
open_population(const struct rnet_population_options *options)
{
    struct rnet_error err = {0};
    struct rnet_population *population;

    ck_assert_msg(rnet_population_new(options, &population, &err) == RNET_OK, "%s", err.message);
    return population;
}

static struct rnet_office
draw(struct rnet_population *population, uint64_t number)
{
    struct rnet_office office;

    ck_assert_int_eq(rnet_population_office(population, number, &office, NULL), RNET_OK);
    return office;
}

static uint8_t *
compose_bytes(struct rnet_population *population, uint64_t number, size_t *count)
{
    const struct rnet_office office = draw(population, number);
    struct rnet_profile *profile;
    uint8_t *bytes;

    ck_assert_int_eq(rnet_population_compose(population, &office, &profile, NULL), RNET_OK);
    ck_assert_int_eq(rnet_profile_write(profile, &bytes, count, NULL), RNET_OK);
    rnet_profile_free(profile);
    return bytes;
}

START_TEST(the_same_seed_gives_the_same_offices_in_any_order)
{
    const struct rnet_population_options first = {.seed = 7}, second = {.seed = 8};
    struct rnet_population *a = open_population(&first), *b = open_population(&first);
    struct rnet_population *other = open_population(&second);
    size_t a_count, b_count;
    uint8_t *a_bytes, *b_bytes;

    for (uint64_t n = 12; n > 0; n -= 3) {
        a_bytes = compose_bytes(a, n, &a_count);
        b_bytes = compose_bytes(b, 15 - n, &b_count);
        free(b_bytes);
        b_bytes = compose_bytes(b, n, &b_count);
        ck_assert_uint_eq(a_count, b_count);
        ck_assert_mem_eq(a_bytes, b_bytes, a_count);
        ck_assert_str_ne(draw(a, n).digest, draw(other, n).digest);
        ck_assert_str_ne(draw(a, n).firm.name, draw(other, n).firm.name);
        free(a_bytes);
        free(b_bytes);
    }
    rnet_population_free(a);
    rnet_population_free(b);
    rnet_population_free(other);
}
END_TEST

/* Shares within four standard errors of what the model says; 20 000 offices, fixed seed. */
START_TEST(offices_are_drawn_as_the_model_says)
{
    enum { OFFICES = 20000 };
    const struct rnet_population_options options = {.seed = 3};
    struct rnet_population *population = open_population(&options);
    const struct model *model = &population->model;
    double total = 0, alone = 0, far = 0, copper = 0, busyness = 0, squares = 0;

    for (size_t s = 0; s < model->sector_count; s++)
        for (size_t c = 0; c < model->class_count; c++)
            total +=
                model->sectors[s].share * model->classes[c].share * model->sectors[s].access[c];
    for (size_t s = 0; s < model->sector_count; s++)
        alone +=
            model->sectors[s].share * model->classes[0].share * model->sectors[s].access[0] / total;
    for (uint64_t n = 1; n <= OFFICES; n++) {
        const struct rnet_office office = draw(population, n);

        ck_assert(office.firm.modelled);
        ck_assert_uint_ge(office.firm.staff, 1);
        ck_assert_uint_le(office.firm.staff, 249);
        alone -= (office.firm.staff == 1) / (double)OFFICES;
        copper += !isnan(office.attenuation_db);
        far += !isnan(office.attenuation_db) && office.attenuation_db > 50;
        busyness += office.busyness / OFFICES;
        squares += office.busyness * office.busyness / OFFICES;
        ck_assert(office.uses[RNET_USAGE_WEB]);
    }
    ck_assert_double_eq_tol(alone, 0, 4 * sqrt(0.25 / OFFICES));
    ck_assert_double_eq_tol(copper / OFFICES, 0.863, 4 * sqrt(0.863 * 0.137 / OFFICES));
    ck_assert_double_eq_tol(far / copper, 0.25, 4 * sqrt(0.25 * 0.75 / copper));
    /* Log-normal: mean 1, variance exp(s²) - 1. */
    ck_assert_double_eq_tol(busyness, 1, 4 * sqrt((squares - 1) / OFFICES));
    ck_assert_double_eq_tol(squares - 1, exp(model->spread * model->spread) - 1, 0.06);
    rnet_population_free(population);
}
END_TEST

START_TEST(an_office_does_what_it_has_and_nothing_else)
{
    const struct rnet_population_options options = {.seed = 5};
    struct rnet_population *population = open_population(&options);
    size_t with_voice = 0;

    for (uint64_t n = 1; n <= 60; n++) {
        const struct rnet_office office = draw(population, n);
        const struct rnet_profile_summary *summary;
        struct rnet_profile *profile;
        struct rnet_demand demand;

        ck_assert_int_eq(rnet_population_compose(population, &office, &profile, NULL), RNET_OK);
        summary = rnet_profile_get_summary(profile);
        for (int u = 0; u < RNET_USAGE_COUNT; u++)
            if (u != RNET_USAGE_NETWORK && !office.uses[u])
                ck_assert_uint_eq(summary->usages[u].flows, 0);
        ck_assert_uint_gt(summary->packets, 0);
        ck_assert_str_eq(summary->digest, office.digest);
        with_voice += summary->usages[RNET_USAGE_VOIP].flows > 0;
        demand = demand_of(profile);
        for (size_t c = 0; c < demand.conversation_count; c++)
            ck_assert_int_ge(demand.conversations[c].start_ns, summary->begin_ns);
        rnet_demand_clear(&demand);
        rnet_profile_free(profile);
    }
    ck_assert_uint_gt(with_voice, 0);
    rnet_population_free(population);
}
END_TEST

/* Events of an hour: mean and variance of a Poisson number of clocks, one user, spread left out. */
START_TEST(events_come_as_often_as_the_model_says)
{
    enum { HOURS = 4000 };
    struct rnet_population_options options = {.seed = 11};
    struct rnet_population *population = open_population(&options);
    const double expected = 24 * 0.14; /* per day, and the busiest hour's share of it */
    double sum = 0, squares = 0;
    struct model *model = &population->model;
    struct rnet_profile *part = load_part("clock.profile");
    const double flows = (double)rnet_profile_get_summary(part)->usages[RNET_USAGE_NETWORK].flows;

    for (size_t i = 0; i < model->activity_count; i++)
        if (strcmp(model->activities[i].name, "clock") != 0)
            model->activities[i].per_day = 0;
    for (uint64_t n = 1; n <= HOURS; n++) {
        struct rnet_office office = draw(population, n);
        struct rnet_profile *profile;
        double events;

        office.busyness = 1;
        ck_assert_int_eq(rnet_population_compose(population, &office, &profile, NULL), RNET_OK);
        events =
            (double)rnet_profile_get_summary(profile)->usages[RNET_USAGE_NETWORK].flows / flows;
        sum += events / HOURS;
        squares += events * events / HOURS;
        rnet_profile_free(profile);
    }
    ck_assert_double_eq_tol(sum, expected, 4 * sqrt(expected / HOURS));
    /* Variance of a sample variance of Poisson numbers: (mu + 2 mu²)/n, nearly. */
    ck_assert_double_eq_tol(squares - sum * sum, expected,
                            4 * sqrt((expected + 2 * expected * expected) / HOURS));
    rnet_profile_free(part);
    rnet_population_free(population);
}
END_TEST

/* Models and parts that are not as they should be
 * --------------------------------------------------- */

static const char *
write_model(const char *replaced, const char *by)
{
    const char *path = own_path("model.txt"), *text = rnet_population_model_text();
    const char *at = strstr(text, replaced);
    FILE *file = fopen(path, "w");

    ck_assert_msg(at != NULL, "'%s' is not in the model", replaced);
    fprintf(file, "%.*s%s%s", (int)(at - text), text, by, at + strlen(replaced));
    fclose(file);
    return path;
}

static const struct {
    const char *why;
    const char *replaced;
    const char *by;
    const char *words;
} bad_models[] = {
    {"no such row", "spread 0.6", "sprad 0.6", "no row is called 'sprad'"},
    {"no such mark", "0.071                    verified", "0.071 certain", "'certain' is no mark"},
    {"no such source", "verified montauban", "verified toulouse", "no source 'toulouse'"},
    {"no source at all", "spread 0.6           assumed judgement", "spread 0.6", "fields"},
    {"a share above 1", "sector industry      0.071", "sector industry 1.071", "from 0 to 1"},
    {"not a number", "hour 8  0.08", "hour 8 x", "'x' is not a number"},
    {"a usage that is none", "uses web ", "uses wbe ", "no usage is called 'wbe'"},
    {"a value too few", "access trade         0.63 0.82 0.99", "access trade 0.63 0.82",
     "3 values expected"},
    {"an activity of a usage nobody has", "users voip ", "users audio_streaming ",
     "no row 'users voip'"},
    {"loops that shrink", "loops 30             0.48", "loops 30 0.20", "loops grow"},
    {"loops that end early", "loops 78             1   ", "loops 78 0.995 ",
     "the last with share 1"},
    {"a line that is none", "line ftth ", "line fhtt ", "line 'fhtt'"},
    {"no staff", "staff 1 1            0.70   1 ", "staff 2 1 0.70 1 ", "from 2 to"},
    {"an activity twice", "activity form  ", "activity page  ", "stands above already"},
    {"an activity without a part", "activity form  ", "activity fax  ", "activity fax has no part"},
    {"a part of something else", "activity form         web ", "activity form         voip ",
     "nothing of voip in it"},
};

START_TEST(a_bad_model_is_refused_with_the_reason)
{
    const struct rnet_population_options options = {
        .model_path = write_model(bad_models[_i].replaced, bad_models[_i].by)};
    struct rnet_population *population;
    struct rnet_error err = {0};

    ck_assert_msg(rnet_population_new(&options, &population, &err) == RNET_EFORMAT, "%s",
                  bad_models[_i].why);
    ck_assert_msg(strstr(err.message, bad_models[_i].words) != NULL, "%s: %s", bad_models[_i].why,
                  err.message);
    ck_assert_ptr_null(population);
}
END_TEST

START_TEST(comments_do_not_make_another_population)
{
    const struct rnet_population_options built_in = {.seed = 1};
    struct rnet_population_options own = {.seed = 1};
    struct rnet_population *a = open_population(&built_in), *b;

    own.model_path = write_model("# Firms ", "# Enterprises ");
    b = open_population(&own);
    ck_assert_str_eq(a->digest, b->digest);
    rnet_population_free(b);
    own.model_path = write_model("spread 0.6", "spread 0.5");
    b = open_population(&own);
    ck_assert_str_ne(a->digest, b->digest);
    rnet_population_free(a);
    rnet_population_free(b);
}
END_TEST

START_TEST(parts_of_ones_own_replace_the_built_in_ones)
{
    struct rnet_profile *upload = make_profile(1, 1000);
    const char *given[2] = {own_path("file_put.mine.profile"), own_path("nothing.profile")};
    struct rnet_population_options options = {.seed = 1, .parts = given, .part_count = 1};
    struct rnet_population *population;
    struct rnet_error err = {0};

    ck_assert_int_eq(rnet_profile_save(upload, given[0], &err), RNET_OK);
    ck_assert_int_eq(rnet_profile_save(upload, given[1], &err), RNET_OK);
    population = open_population(&options);
    for (size_t i = 0; i < population->model.activity_count; i++) {
        const struct activity *activity = &population->model.activities[i];

        if (strcmp(activity->name, "file_put") != 0)
            continue;
        ck_assert_uint_eq(activity->part_count, 1);
        ck_assert_uint_eq(rnet_profile_get_summary(activity->parts[0].profile)->packets, 2);
    }
    rnet_population_free(population);
    options.part_count = 2;
    ck_assert_int_eq(rnet_population_new(&options, &population, &err), RNET_EFORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "no activity 'nothing'"));
    rnet_profile_free(upload);
}
END_TEST

START_TEST(running_out_of_memory_is_said)
{
    const struct rnet_population_options options = {.seed = 1};
    uint64_t n = 1;

    for (;; n += 1 + n / 8) {
        struct rnet_population *population = NULL;
        struct rnet_profile *profile = NULL;
        struct rnet_office office;
        enum rnet_status status;

        rnet_alloc_fail_at(n);
        status = rnet_population_new(&options, &population, NULL);
        if (status == RNET_OK)
            status = rnet_population_office(population, 1, &office, NULL);
        if (status == RNET_OK)
            status = rnet_population_compose(population, &office, &profile, NULL);
        ck_assert(status == RNET_OK || status == RNET_ENOMEM);
        ck_assert((status == RNET_OK) == (profile != NULL));
        rnet_profile_free(profile);
        rnet_population_free(population);
        if (status == RNET_OK)
            break;
    }
    rnet_alloc_fail_at(0);
    ck_assert_uint_gt(n, 10);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("population");
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_part_played_twice_is_twice_what_it_was, 0,
                        (int)(sizeof played / sizeof *played));
    tcase_add_test(tcase, activities_of_two_plays_are_not_one);
    tcase_add_test(tcase, a_part_is_a_finished_profile_and_moves_within_reason);
    tcase_add_test(tcase, wild_times_and_numbers_of_a_part_are_refused);
    tcase_add_test(tcase, the_same_seed_gives_the_same_offices_in_any_order);
    tcase_add_test(tcase, offices_are_drawn_as_the_model_says);
    tcase_add_test(tcase, an_office_does_what_it_has_and_nothing_else);
    tcase_add_test(tcase, events_come_as_often_as_the_model_says);
    tcase_add_loop_test(tcase, a_bad_model_is_refused_with_the_reason, 0,
                        (int)(sizeof bad_models / sizeof *bad_models));
    tcase_add_test(tcase, comments_do_not_make_another_population);
    tcase_add_test(tcase, parts_of_ones_own_replace_the_built_in_ones);
    tcase_add_test(tcase, running_out_of_memory_is_said);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
