#include "link/link.h"
#include "suite.h"

#include <string.h>

static struct rnet_link
parse(const char *specification)
{
    struct rnet_error err = {0};
    struct rnet_link link;

    ck_assert_msg(rnet_link_parse(specification, &link, &err) == RNET_OK, "%s: %s", specification,
                  err.message);
    return link;
}

/* The lines the shared ground truth was measured on. */
START_TEST(measured_lines_can_be_said)
{
    const struct rnet_link fast = parse("ip:1G/1G,mtu=1500,delay=0ms,buffer=1000KiB");
    const struct rnet_link best = parse("adsl:8192/800,delay=15ms,buffer=128KiB/64KiB");
    const struct rnet_link slow = parse("adsl:2048/256,delay=20ms,buffer=64KiB");
    const struct rnet_link fair = parse("adsl:2048/256,delay=20ms,queue=fq_codel,buffer=none");

    ck_assert_uint_eq(fast.direction[RNET_UP].rate_bps, 1000000000);
    ck_assert_uint_eq(fast.direction[RNET_UP].buffer_bytes, 1024000);
    ck_assert_int_eq(fast.direction[RNET_UP].delay_ns, 0);
    ck_assert_uint_eq(best.direction[RNET_DOWN].rate_bps, 8192000);
    ck_assert_uint_eq(best.direction[RNET_UP].rate_bps, 800000);
    ck_assert_uint_eq(best.direction[RNET_DOWN].buffer_bytes, 131072);
    ck_assert_uint_eq(best.direction[RNET_UP].buffer_bytes, 65536);
    ck_assert_int_eq(best.direction[RNET_DOWN].delay_ns, 15000000);
    ck_assert_uint_eq(slow.direction[RNET_DOWN].buffer_bytes, 65536);
    ck_assert_uint_eq(slow.overhead_bytes, 40);
    ck_assert_uint_eq(slow.mtu_bytes, 1492);
    ck_assert_int_eq(slow.direction[RNET_UP].delay_ns, 20000000);
    ck_assert_int_eq(slow.direction[RNET_UP].queue, RNET_QUEUE_DROP_TAIL);
    ck_assert_int_eq(fair.direction[RNET_UP].queue, RNET_QUEUE_FQ_CODEL);
    ck_assert_uint_eq(fair.direction[RNET_UP].buffer_bytes, 0);
    ck_assert_uint_eq(fair.direction[RNET_UP].buffer_packets, 0);
    ck_assert_uint_eq(fair.codel_flows, 1024);
    ck_assert_uint_eq(fair.codel_quantum_bytes, 1514);
    ck_assert_int_eq(fair.codel_target_ns, 5000000);
    ck_assert_int_eq(fair.codel_interval_ns, 100000000);
}
END_TEST

/* What is said, in the shortest form; NULL = it is that form already. */
static const struct {
    const char *said;
    const char *canonical;
    const char *name;
} said[] = {
    {"adsl:2048/256", NULL, "adsl:2048/256"},
    {"adsl-2m", "adsl:2048/256", "adsl-2m"},
    {"ADSL-2M", "adsl:2048/256", "adsl-2m"},
    {"  adsl1:2.048M/256k ", "adsl:2048/256", "adsl:2048/256"},
    {"adsl-2m,queue=fq_codel", "adsl:2048/256,queue=fq_codel", "adsl:2048/256,queue=fq_codel"},
    {"adsl:2048/256,encap=pppoe-llc,mtu=1492,loss=0", "adsl:2048/256", "adsl:2048/256"},
    {"adsl:2048/256,buffer=64KiB", "adsl:2048/256", "adsl:2048/256"},
    {"adsl:2048/256,encap=pppoa-vcmux", NULL, "adsl:2048/256,encap=pppoa-vcmux"},
    {"adsl:2048/256,delay=22ms", "adsl:2048/256", "adsl:2048/256"},
    {"adsl:2048/256,interleave=fast", "adsl:2048/256,interleave=0ms", NULL},
    {"adsl:2048/256, delay=0.0201234s/7us", "adsl:2048/256,delay=20.1234ms/0.007ms", NULL},
    {"adsl:8192/800,delay=15ms,buffer=128kB/64kB,encap=pppoe-llc,queue=fq_codel,loss=0.01%",
     "adsl:8192/800,delay=15ms,loss=0.0001,queue=fq_codel,buffer=128kB/64kB", NULL},
    {"adsl:2048/256,buffer=30p/1500B", NULL, NULL},
    {"adsl:2048/256,shaper=90%", "adsl:2048/256,shaper=1843.2/230.4", NULL},
    {"adsl:2048/256,contention=16M/4M@60%", "adsl:2048/256,contention=16000/4000@0.6", NULL},
    {"adsl:2048/256,contention=16M@60%/20%", "adsl:2048/256,contention=16000/16000@0.6/0.2", NULL},
    {"ethernet:300000/300000,delay=4ms", NULL, "ethernet:300000/300000,delay=4ms"},
    {"geo", "geo:21800/3400", "geo"},
    {"leo:loss=1%", "leo:105000/12000,loss=0.01", NULL},
    {"4g:30M/10M,jitter=8ms/12ms", "lte:30000/10000,jitter=8ms/12ms", NULL},
    {"adsl:2048/256,queue=fq_codel/drop-tail", "adsl:2048/256,queue=fq_codel/droptail", NULL},
    {"adsl2+:loop=2km@0.4mm,fec=16of255", "adsl2+:loop=2000m@0.4mm,fec=16of255/16of255", NULL},
    {"adsl:2048/256,mss=1400", "adsl:2048/256,mss=1400", NULL},
    {"adsl:2048/256,queue=droptail/droptail", "adsl:2048/256", NULL},
    {"adsl:2048/256,queue=fq_codel,flows=256,quantum=300,target=15ms,interval=150ms", NULL, NULL},
    {"adsl:2048/256,fcs=on,vlan=1", NULL, NULL},
    {"vdsl2:50000/8000,encap=bridged", NULL, NULL},
    {"adsl2+:loop=3.2km@0.4mm+1.1km@0.50mm,noise=-133dBm,fext=4,margin=6dB,interleave=16ms",
     "adsl2+:loop=3200m@0.4mm+1100m@0.5mm,noise=-133,fext=4", NULL},
    {"adsl:loop=1km@0.4mm+200m@24awg:tap+0.5km@0.63mm,next=10,rate=P10",
     "adsl:loop=1000m@0.4mm+200m@24awg:tap+500m@0.6mm,next=10@hdsl,rate=p10", NULL},
    {"adsl2+:attenuation=42.5dB", "adsl2+:attenuation=42.5", NULL},
    {"readsl2:attenuation=60@0.5mm,margin=9/6,gain=3,cap=512/128", NULL, NULL},
    {"vdsl2-8b:modem=12.3dB,rate=model,loss=0.1%", "vdsl2-8b:modem=12.3,loss=0.001", NULL},
    {"adsl2+:7400/900,modem=39.6dB,margin=8dB", "adsl2+:7400/900", NULL},
};

START_TEST(specifications_have_one_canonical_form_that_reads_back_the_same)
{
    const struct rnet_link link = parse(said[_i].said);
    const char *canonical = said[_i].canonical != NULL ? said[_i].canonical : said[_i].said;
    struct rnet_link again;

    ck_assert_str_eq(link.specification, canonical);
    if (said[_i].name != NULL)
        ck_assert_str_eq(link.name, said[_i].name);
    again = parse(link.specification);
    ck_assert_str_eq(again.specification, link.specification);
    memcpy(again.name, link.name, sizeof again.name);
    ck_assert_mem_eq(&again, &link, sizeof link);
}
END_TEST

/* What is wrong, where, and a word the message must hold. */
static const struct {
    const char *said;
    uint64_t column;
    const char *word;
} wrong[] = {
    {"", 1, "adsl"},
    {"adls:2048/256", 1, "\"adsl\""},
    {"adsl-2n", 1, "\"adsl-2m\""},
    {"adsl", 5, "adsl:2048/256"},
    {"adsl:", 6, "number"},
    {"adsl:2048", 10, "upstream"},
    {"adsl:2048/", 11, "number"},
    {"adsl:2048-256", 10, "upstream"},
    {"adsl:2048T/256", 10, "k, K, M, G"},
    {"adsl:2048/256x", 14, "unit"},
    {"adsl:0/256", 6, "range"},
    {"adsl:99999999999/256", 6, "range"},
    {"adsl:1234567890123456/256", 6, "15 digits"},
    {"adsl:nan/256", 6, "number"},
    {"adsl:0x10/256", 7, "unit"},
    {"adsl:-5/256", 6, "range"},
    {"adsl:2048/256;", 14, "end"},
    {"adsl:2048/256,", 15, "option"},
    {"adsl:2048/256,bufer=64KiB", 15, "\"buffer\""},
    {"adsl:2048/256,buffer", 21, "\"=\""},
    {"adsl:2048/256,buffer=64", 24, "KiB"},
    {"adsl:2048/256,buffer=64kb", 24, "KiB"},
    {"adsl:2048/256,buffer=1kB", 22, "1492"},
    {"adsl:2048/256,delay=20", 23, "ms"},
    {"adsl:2048/256,delay=20ms/", 26, "number"},
    {"adsl:2048/256,delay=11s", 21, "range"},
    {"adsl:2048/256,delay=20ms,delay=20ms", 26, "twice"},
    {"adsl:2048/256,delay=20ms,interleave=16ms", 37, "delay"},
    {"adsl:2048/256,encap=pppoe-lcl", 21, "\"pppoe-llc\""},
    {"adsl:2048/256,queue=fqcodel", 21, "\"fq_codel\""},
    {"adsl2+:loop=2km@0.4mm,fec=16", 29, "check bytes"},
    {"adsl2+:loop=2km@0.4mm,fec=16of16", 27, "as in 16of255"},
    {"adsl:2048/256,mss=535", 19, "MSS is out of range"},
    {"adsl:2048/256,queue=droptail/fqcodel", 30, "\"fq_codel\""},
    {"adsl:2048/256,loss=101%", 20, "range"},
    {"adsl:2048/256,mtu=100", 19, "range"},
    {"adsl:2048/256,mtu=1492.5", 19, "whole"},
    {"adsl:2048/256,shaper=110%", 22, "range"},
    {"adsl:2048/256,shaper=4096", 22, "above"},
    {"adsl:2048/256,contention=16M", 29, "@"},
    {"adsl:2048/256,fcs=on,encap=pppoa-llc", 19, "FCS"},
    {"ethernet:1G/1G,interleave=16ms", 27, "delay="},
    {"adsl:2048/256,interleave=4x", 28, "depth"},
    {"adsl:2048/256,\033[2J=1", 15, "option"},
    {"adsl:loop=3km", 14, "3.2km@0.4mm"},
    {"adsl:loop=3@0.4mm", 12, "km"},
    {"adsl:loop=3km@0.45mm", 15, "\"0.4mm\""},
    {"adsl:loop=3km@0.4mm+", 21, "number"},
    {"adsl:loop=3km@0.4mm:tab", 21, "tap"},
    {"adsl:loop=21km@0.4mm", 11, "range"},
    {"adsl:loop=15km@0.4mm+15km@0.4mm", 11, "20 km"},
    {"adsl:loop=1m@0.4mm+1m@0.4mm+1m@0.4mm+1m@0.4mm+1m@0.4mm+1m@0.4mm+1m@0.4mm+1m@0.4mm+1m@0.4mm",
     83, "8 sections"},
    {"adsl:loop=15km@0.4mm", 11, "no rate"},
    {"adsl:loop=3km@0.4mm,attenuation=40", 33, "already"},
    {"adsl:2048/256,loop=3km@0.4mm", 20, "already"},
    {"adsl:2048/256,noise=-133", 21, "already"},
    {"adsl:margin=3", 14, "loop="},
    {"adsl:attenuation=40@24awg", 18, "planning"},
    {"adsl:attenuation=-1", 18, "range"},
    {"adsl:attenuation=190@0.8mm", 18, "20 km"},
    {"adsl:modem=199", 12, "20 km"},
    {"adsl:loop=1km@0.4mm,noise=133", 27, "range"},
    {"adsl:loop=1km@0.4mm,next=3@isd", 28, "\"isdn\""},
    {"adsl:loop=1km@0.4mm,rate=p95", 26, "\"p90\""},
    {"ftth:loop=1km@0.4mm", 6, "number"},
    {"sdsl:2048/2048,margin=6", 23, "copper"},
};

START_TEST(errors_point_at_the_column_and_name_what_is_valid)
{
    struct rnet_error err = {0};
    struct rnet_link link, before;

    memset(&link, 0x5a, sizeof link);
    before = link;
    ck_assert_int_eq(rnet_link_parse(wrong[_i].said, &link, &err), RNET_EINVAL);
    ck_assert_int_eq(err.status, RNET_EINVAL);
    ck_assert_msg(err.position == wrong[_i].column && strstr(err.message, wrong[_i].word) != NULL,
                  "%s: column %d: %s", wrong[_i].said, (int)err.position, err.message);
    ck_assert_ptr_null(strchr(err.message, '\033'));
    ck_assert_mem_eq(&link, &before, sizeof link);
    ck_assert_int_eq(rnet_link_parse(wrong[_i].said, &link, NULL), RNET_EINVAL);
}
END_TEST

START_TEST(ladder_is_six_adsl_lines_slowest_first)
{
    uint64_t slower = 0;
    size_t rungs = 0;

    for (; rnet_link_ladder(rungs) != NULL; rungs++) {
        const struct rnet_link link = parse(rnet_link_ladder(rungs));

        ck_assert_uint_gt(link.direction[RNET_DOWN].rate_bps, slower);
        ck_assert_int_eq(link.framing, RNET_FRAMING_ATM);
        ck_assert_str_eq(link.name, rnet_link_ladder(rungs));
        slower = link.direction[RNET_DOWN].rate_bps;
    }
    ck_assert_uint_eq(rungs, 6);
    ck_assert_uint_eq(parse("adsl-512k").direction[RNET_UP].rate_bps, 128000);
    ck_assert_uint_eq(parse("adsl-20m").direction[RNET_UP].rate_bps, 1000000);
}
END_TEST

START_TEST(presets_and_comparison_lines_all_read)
{
    size_t presets = 0, lines = 0;

    for (; rnet_link_preset(presets) != NULL; presets++)
        ck_assert_str_eq(parse(rnet_link_preset(presets)->name).name,
                         rnet_link_preset(presets)->name);
    for (; rnet_link_comparison(lines) != NULL; lines++)
        parse(rnet_link_comparison(lines));
    ck_assert_uint_ge(lines, 6);
    ck_assert_uint_gt(presets, lines + 6);
}
END_TEST

/* Idle round trip to the first hop, standards.md §8: the line both ways, jitter's mean included. */
static const struct {
    const char *said;
    double low_ms, high_ms;
} round_trips[] = {
    {"adsl:2048/256", 35, 50},
    {"adsl:2048/256,interleave=fast", 8, 20},
    {"adsl2+:20000/1000", 35, 50},
    {"vdsl2:50000/8000", 15, 25},
    {"vdsl2:50000/8000,interleave=fast", 5, 10},
    {"sdsl-2m", 6, 15},
    {"ftth", 1, 4},
    {"cable", 8, 15},
    {"4g", 35, 60},
    {"5g", 20, 35},
    {"geo", 613, 725},
    {"leo", 40, 45},
};

START_TEST(default_delays_give_the_first_hop_seen_in_the_field)
{
    const struct rnet_link link = parse(round_trips[_i].said);
    const double ms =
        (double)(link.direction[RNET_UP].delay_ns + link.direction[RNET_DOWN].delay_ns +
                 link.direction[RNET_UP].jitter_ns + link.direction[RNET_DOWN].jitter_ns) /
        1e6;

    ck_assert_double_ge(ms, round_trips[_i].low_ms);
    ck_assert_double_le(ms, round_trips[_i].high_ms);
}
END_TEST

/* PHY delay of G.992.1 for (symbols, depth), standards.md §6.5: 4 ms of it are in the base. */
static const struct {
    const char *interleave;
    double phy_ms;
} interleavers[] = {{"1x1", 4.25},   {"1x16", 8},     {"1x32", 12},      {"1x64", 20},
                    {"2x32", 20.25}, {"4x16", 20.75}, {"0.5x64", 11.875}};

START_TEST(interleaving_delay_follows_symbols_and_depth)
{
    char specification[100];

    snprintf(specification, sizeof specification, "adsl:2048/256,interleave=%s",
             interleavers[_i].interleave);
    ck_assert_double_eq_tol((double)parse(specification).direction[RNET_DOWN].delay_ns / 1e6,
                            interleavers[_i].phy_ms + 2, 1e-6);
}
END_TEST

START_TEST(default_buffers_are_powers_of_two_near_the_depth_of_the_family)
{
    ck_assert_uint_eq(parse("adsl-2m").direction[RNET_DOWN].buffer_bytes, 64 * 1024);
    ck_assert_uint_eq(parse("adsl-2m").direction[RNET_UP].buffer_bytes, 64 * 1024);
    ck_assert_uint_eq(parse("adsl-8m").direction[RNET_DOWN].buffer_bytes, 128 * 1024);
    ck_assert_uint_eq(parse("adsl-8m").direction[RNET_UP].buffer_bytes, 64 * 1024);
    ck_assert_uint_eq(parse("adsl-20m").direction[RNET_DOWN].buffer_bytes, 256 * 1024);
    ck_assert_uint_eq(link_default_buffer_bytes(UINT64_MAX, RNET_NS_PER_S), 64 << 20);
}
END_TEST

/* Any byte anywhere: an answer, never a crash, and what is accepted reads back the same. */
START_TEST(no_damage_to_a_specification_does_harm)
{
    struct rnet_random random = rnet_random_stream(4, 1);
    unsigned accepted = 0;

    for (unsigned round = 0; round < 20000; round++) {
        const char *original = said[round % (sizeof said / sizeof said[0])].said;
        const size_t length = strlen(original);
        struct rnet_link link, again;
        struct rnet_error err = {0};
        char damaged[200];

        memcpy(damaged, original, length + 1);
        for (uint64_t hits = 1 + rnet_random_below(&random, 3); hits > 0; hits--)
            damaged[rnet_random_below(&random, length)] =
                rnet_random_below(&random, 4) == 0
                    ? (char)(1 + rnet_random_below(&random, 255))
                    : "0123456789./,:=@%kMx-+ "[rnet_random_below(&random, 23)];
        if (rnet_link_parse(damaged, &link, &err) == RNET_OK) {
            accepted++;
            again = parse(link.specification);
            ck_assert_str_eq(again.specification, link.specification);
        } else {
            ck_assert_uint_ge(err.position, 1);
            ck_assert_uint_le(err.position, length + 1);
        }
    }
    ck_assert_uint_gt(accepted, 100);
}
END_TEST

START_TEST(a_specification_without_end_is_refused)
{
    static char endless[100000];
    struct rnet_error err = {0};
    struct rnet_link link;

    memset(endless, '9', sizeof endless - 1);
    ck_assert_int_eq(rnet_link_parse(endless, &link, &err), RNET_EINVAL);
    memcpy(endless, "adsl:", 5);
    ck_assert_int_eq(rnet_link_parse(endless, &link, &err), RNET_EINVAL);
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link specification");
    TCase *tcase = tcase_create("specification");

    tcase_add_test(tcase, measured_lines_can_be_said);
    tcase_add_loop_test(tcase, specifications_have_one_canonical_form_that_reads_back_the_same, 0,
                        sizeof said / sizeof said[0]);
    tcase_add_loop_test(tcase, errors_point_at_the_column_and_name_what_is_valid, 0,
                        sizeof wrong / sizeof wrong[0]);
    tcase_add_test(tcase, ladder_is_six_adsl_lines_slowest_first);
    tcase_add_test(tcase, presets_and_comparison_lines_all_read);
    tcase_add_loop_test(tcase, default_delays_give_the_first_hop_seen_in_the_field, 0,
                        sizeof round_trips / sizeof round_trips[0]);
    tcase_add_loop_test(tcase, interleaving_delay_follows_symbols_and_depth, 0,
                        sizeof interleavers / sizeof interleavers[0]);
    tcase_add_test(tcase, default_buffers_are_powers_of_two_near_the_depth_of_the_family);
    tcase_add_test(tcase, no_damage_to_a_specification_does_harm);
    tcase_add_test(tcase, a_specification_without_end_is_refused);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
