#include "link/link.h"
#include "suite.h"

#include <string.h>

/* The eight usual encapsulations over ATM and the cautious one: standards.md §7. */
static const struct {
    const char *encap;
    uint32_t overhead_bytes;
    uint32_t mtu_bytes;
} encaps[] = {
    {"ipoa-vcmux", 8, 1500},   {"ipoa-llc", 16, 1500},      {"pppoa-vcmux", 10, 1500},
    {"pppoa-llc", 14, 1500},   {"bridged-vcmux", 24, 1500}, {"bridged-llc", 32, 1500},
    {"pppoe-vcmux", 32, 1492}, {"pppoe-llc", 40, 1492},     {"conservative", 48, 1492},
};

enum { ENCAPS = sizeof encaps / sizeof encaps[0] };

static struct rnet_link
line(const char *beginning, const char *rest)
{
    char specification[200];
    struct rnet_error err = {0};
    struct rnet_link link;

    snprintf(specification, sizeof specification, "%s%s", beginning, rest);
    ck_assert_msg(rnet_link_parse(specification, &link, &err) == RNET_OK, "%s: %s", specification,
                  err.message);
    return link;
}

START_TEST(encapsulations_have_the_overhead_and_mtu_of_their_standards)
{
    const struct rnet_link link = line("adsl:2048/256,encap=", encaps[_i].encap);

    ck_assert_uint_eq(link.overhead_bytes, encaps[_i].overhead_bytes);
    ck_assert_uint_eq(link.mtu_bytes, encaps[_i].mtu_bytes);
    ck_assert_int_eq(link.framing, RNET_FRAMING_ATM);
}
END_TEST

/* Cells of standards.md §7. */
static const struct {
    uint32_t ip_bytes;
    uint32_t pppoa_vc, pppoa_llc, pppoe_vc, pppoe_llc, bridged_llc;
    const char *why;
} cells[] = {
    {40, 2, 2, 2, 2, 2, "acknowledgement"},
    {52, 2, 2, 2, 2, 2, "acknowledgement with timestamps"},
    {60, 2, 2, 2, 3, 2, "G.729"},
    {64, 2, 2, 2, 3, 2, ""},
    {100, 3, 3, 3, 3, 3, ""},
    {200, 5, 5, 5, 5, 5, "G.711"},
    {218, 5, 5, 6, 6, 6, ""},
    {576, 13, 13, 13, 13, 13, ""},
    {1000, 22, 22, 22, 22, 22, ""},
    {1400, 30, 30, 30, 30, 30, ""},
    {1478, 31, 32, 32, 32, 32, "last that fits 31 cells over PPPoA VC-mux"},
    {1492, 32, 32, 32, 32, 32, "MTU of PPPoE"},
    {1500, 32, 32, 32, 33, 32, "one byte too many costs a cell over PPPoE"},
};

START_TEST(packets_take_the_cells_of_the_published_table)
{
    const struct {
        const char *encap;
        uint32_t cells;
    } expected[] = {{"pppoa-vcmux", cells[_i].pppoa_vc},
                    {"pppoa-llc", cells[_i].pppoa_llc},
                    {"pppoe-vcmux", cells[_i].pppoe_vc},
                    {"pppoe-llc", cells[_i].pppoe_llc},
                    {"bridged-llc", cells[_i].bridged_llc}};

    for (size_t i = 0; i < 5; i++) {
        const struct rnet_link link = line("adsl:2048/256,encap=", expected[i].encap);

        ck_assert_uint_eq(rnet_link_wire_bytes(&link, cells[_i].ip_bytes), 53 * expected[i].cells);
    }
}
END_TEST

/* The slow way: put the packet into cells byte by byte; the trailer must end the last cell. */
static uint64_t
cells_filled_one_byte_at_a_time(uint32_t ip_bytes, uint32_t headers_bytes)
{
    uint64_t sent = 0, filled = 0;
    const uint32_t trailer_bytes = 8;

    for (uint32_t i = 0; i < ip_bytes + headers_bytes; i++)
        filled++;
    while ((filled + trailer_bytes) % 48 != 0)
        filled++; /* padding ahead of the trailer */
    for (uint32_t i = 0; i < trailer_bytes; i++)
        filled++;
    for (; filled > 0; filled -= 48)
        sent += 5 + 48;
    return sent;
}

START_TEST(every_length_costs_what_filling_cells_byte_by_byte_costs)
{
    const struct rnet_link link = line("adsl:2048/256,encap=", encaps[_i].encap);

    for (uint32_t ip_bytes = 20; ip_bytes <= 1500; ip_bytes++)
        ck_assert_uint_eq(rnet_link_wire_bytes(&link, ip_bytes),
                          cells_filled_one_byte_at_a_time(ip_bytes, encaps[_i].overhead_bytes - 8));
}
END_TEST

START_TEST(a_longer_packet_is_never_cheaper_on_any_framing)
{
    static const char *const lines[] = {
        "adsl:2048/256",     "adsl:2048/256,encap=bridged-llc,fcs=on",
        "vdsl2:50000/8000",  "ethernet:300000/300000",
        "cable:100000/5000", "lte:20000/5000"};
    const struct rnet_link link = line("", lines[_i]);

    for (uint32_t ip_bytes = 1; ip_bytes < 65575; ip_bytes++) {
        ck_assert_uint_ge(rnet_link_wire_bytes(&link, ip_bytes + 1),
                          rnet_link_wire_bytes(&link, ip_bytes));
        ck_assert_uint_ge(rnet_link_wire_bytes(&link, ip_bytes), ip_bytes);
    }
}
END_TEST

START_TEST(a_preserved_fcs_adds_four_bytes_and_pads_short_frames_to_64)
{
    static const char *const preserving[] = {"bridged-vcmux", "bridged-llc", "pppoe-vcmux",
                                             "pppoe-llc"};
    const struct rnet_link without = line("adsl:2048/256,encap=", preserving[_i]);
    const struct rnet_link with = line("adsl:2048/256,fcs=on,encap=", preserving[_i]);

    ck_assert_uint_eq(with.overhead_bytes, without.overhead_bytes + 4);
    for (uint32_t ip_bytes = 1; ip_bytes <= 1500; ip_bytes++)
        ck_assert_uint_ge(rnet_link_wire_bytes(&with, ip_bytes), 2 * 53);
}
END_TEST

START_TEST(each_vlan_tag_adds_four_bytes)
{
    ck_assert_uint_eq(line("vdsl2:50000/8000,vlan=", "1").overhead_bytes, 34);
    ck_assert_uint_eq(line("vdsl2:50000/8000,vlan=", "2").overhead_bytes, 38);
}
END_TEST

/* Sync to IP to TCP with timestamps, in kbit/s to one decimal: standards.md §7. */
static const struct {
    const char *encap;
    uint32_t ip_bytes;
    double sync_kbps, ip_kbps, tcp_kbps;
} goodput[] = {
    {"pppoa-vcmux", 1500, 512, 452.8, 437.1},       {"pppoa-vcmux", 1500, 1024, 905.7, 874.3},
    {"pppoa-vcmux", 1500, 2048, 1811.3, 1748.5},    {"pppoa-vcmux", 1500, 8128, 7188.7, 6939.5},
    {"pppoa-vcmux", 1500, 20000, 17688.7, 17075.5}, {"pppoa-vcmux", 1500, 24000, 21226.4, 20490.6},
    {"pppoe-llc", 1492, 512, 450.4, 434.7},         {"pppoe-llc", 1492, 1024, 900.8, 869.4},
    {"pppoe-llc", 1492, 8128, 7150.3, 6901.1},      {"pppoe-llc", 1492, 20000, 17594.3, 16981.1},
};

START_TEST(the_tax_of_cells_leaves_the_published_goodput)
{
    const struct rnet_link link = line("adsl:2048/256,encap=", goodput[_i].encap);
    const double share =
        goodput[_i].ip_bytes / (double)rnet_link_wire_bytes(&link, goodput[_i].ip_bytes);

    ck_assert_double_eq_tol(goodput[_i].sync_kbps * share, goodput[_i].ip_kbps, 0.05);
    ck_assert_double_eq_tol(goodput[_i].sync_kbps * share * (goodput[_i].ip_bytes - 52) /
                                goodput[_i].ip_bytes,
                            goodput[_i].tcp_kbps, 0.05);
}
END_TEST

START_TEST(efficiencies_are_the_published_ones)
{
    const struct rnet_link pppoe = line("adsl:2048/256,encap=", "pppoe-llc");
    const struct rnet_link pppoa = line("adsl:2048/256,encap=", "pppoa-vcmux");

    ck_assert_double_eq_tol(1500.0 / (double)rnet_link_wire_bytes(&pppoe, 1500), 0.857633, 5e-7);
    ck_assert_double_eq_tol(1500.0 / (double)rnet_link_wire_bytes(&pppoa, 1500), 0.884434, 5e-7);
    ck_assert_double_eq_tol(1492.0 / (double)rnet_link_wire_bytes(&pppoe, 1492), 0.879717, 5e-7);
    ck_assert_double_eq_tol(1460.0 / (double)rnet_link_wire_bytes(&pppoa, 1500), 0.860849, 5e-7);
    ck_assert_double_eq_tol(1452.0 / (double)rnet_link_wire_bytes(&pppoe, 1492), 0.856132, 5e-7);
}
END_TEST

START_TEST(a_call_takes_the_published_rate_on_the_wire)
{
    const struct rnet_link link = line("adsl:2048/256,encap=", encaps[_i].encap);
    const double packets_per_second = 50; /* 20 ms frames */

    if (strcmp(encaps[_i].encap, "conservative") != 0)
        ck_assert_double_eq_tol((double)rnet_link_wire_bytes(&link, 200) * 8 * packets_per_second,
                                106000, 1e-6);
    if (strcmp(encaps[_i].encap, "pppoe-llc") == 0)
        ck_assert_double_eq_tol((double)rnet_link_wire_bytes(&link, 60) * 8 * packets_per_second,
                                63600, 1e-6);
    else if (strcmp(encaps[_i].encap, "conservative") != 0)
        ck_assert_double_eq_tol((double)rnet_link_wire_bytes(&link, 60) * 8 * packets_per_second,
                                42400, 1e-6);
}
END_TEST

START_TEST(a_full_packet_takes_the_published_time)
{
    static const struct {
        const char *up;
        double ms;
    } times[] = {{"256", 54.66}, {"512", 27.33}, {"800", 17.49}, {"1000", 13.99}};
    const struct rnet_link link = line("adsl:8192/", times[_i].up);

    ck_assert_double_eq_tol((double)rnet_link_serialise_ns(&link, RNET_UP, 1500) / 1e6,
                            times[_i].ms, 0.005);
}
END_TEST

START_TEST(ptm_costs_65_octets_for_64_rounded_up_to_whole_bytes)
{
    static const struct {
        const char *encap;
        uint32_t ip_bytes;
        double exact_bytes;
    } checks[] = {{"bridged", 1500, 1545.781}, {"pppoe", 1500, 1553.906}, {"pppoe", 40, 71.094}};
    const struct rnet_link link = line("vdsl2:50000/8000,encap=", checks[_i].encap);
    const uint64_t wire = rnet_link_wire_bytes(&link, checks[_i].ip_bytes);

    ck_assert_double_eq_tol((checks[_i].ip_bytes + link.overhead_bytes) * 65.0 / 64,
                            checks[_i].exact_bytes, 0.0005);
    ck_assert_double_ge((double)wire, checks[_i].exact_bytes);
    ck_assert_double_lt((double)wire, checks[_i].exact_bytes + 1);
}
END_TEST

START_TEST(ethernet_frames_cost_preamble_and_gap_and_are_at_least_84_bytes)
{
    const struct rnet_link link = line("", "ethernet:300000/300000");
    const struct rnet_link docsis = line("", "cable:100000/5000");

    ck_assert_double_eq_tol(1500.0 / (double)rnet_link_wire_bytes(&link, 1500), 0.975293, 5e-7);
    ck_assert_uint_eq(rnet_link_wire_bytes(&link, 40), 84);
    ck_assert_uint_eq(rnet_link_wire_bytes(&link, 46), 84);
    ck_assert_uint_eq(rnet_link_wire_bytes(&link, 47), 85);
    ck_assert_uint_eq(rnet_link_wire_bytes(&docsis, 40), 64);
    ck_assert_uint_eq(rnet_link_wire_bytes(&docsis, 1500), 1518);
}
END_TEST

/* The figure the shared ground truth states for its lines. */
START_TEST(time_on_the_line_is_cells_over_the_sync_rate)
{
    const struct rnet_link link = line("adsl:2048/", "256");

    for (uint32_t ip_bytes = 20; ip_bytes <= 1492; ip_bytes++) {
        const double cells_sent = (double)((ip_bytes + 40 + 47) / 48);

        ck_assert_double_eq_tol((double)rnet_link_serialise_ns(&link, RNET_UP, ip_bytes),
                                53 * cells_sent * 8 / 256e3 * 1e9, 0.5001);
        ck_assert_double_eq_tol((double)rnet_link_serialise_ns(&link, RNET_DOWN, ip_bytes),
                                53 * cells_sent * 8 / 2048e3 * 1e9, 0.5001);
    }
}
END_TEST

START_TEST(a_shaper_keeps_the_queue_busy_for_longer_than_the_line)
{
    const struct rnet_link link = line("adsl:2048/256,shaper=", "90%");
    const struct rnet_link bare = line("adsl:2048/", "256");

    ck_assert_uint_eq(link.direction[RNET_UP].shaper_bps, 230400);
    ck_assert_int_eq(rnet_link_serialise_ns(&link, RNET_UP, 1492),
                     rnet_link_serialise_ns(&bare, RNET_UP, 1492));
    ck_assert_double_eq_tol((double)rnet_link_service_ns(&link, RNET_UP, 1492),
                            (double)rnet_link_serialise_ns(&bare, RNET_UP, 1492) / 0.9, 1);
    ck_assert_int_eq(rnet_link_service_ns(&bare, RNET_UP, 1492),
                     rnet_link_serialise_ns(&bare, RNET_UP, 1492));
}
END_TEST

int
main(void)
{
    Suite *suite = suite_create("link framing");
    TCase *tcase = tcase_create("framing");

    tcase_add_loop_test(tcase, encapsulations_have_the_overhead_and_mtu_of_their_standards, 0,
                        ENCAPS);
    tcase_add_loop_test(tcase, packets_take_the_cells_of_the_published_table, 0,
                        sizeof cells / sizeof cells[0]);
    tcase_add_loop_test(tcase, every_length_costs_what_filling_cells_byte_by_byte_costs, 0, ENCAPS);
    tcase_add_loop_test(tcase, a_longer_packet_is_never_cheaper_on_any_framing, 0, 6);
    tcase_add_loop_test(tcase, a_preserved_fcs_adds_four_bytes_and_pads_short_frames_to_64, 0, 4);
    tcase_add_test(tcase, each_vlan_tag_adds_four_bytes);
    tcase_add_loop_test(tcase, the_tax_of_cells_leaves_the_published_goodput, 0,
                        sizeof goodput / sizeof goodput[0]);
    tcase_add_test(tcase, efficiencies_are_the_published_ones);
    tcase_add_loop_test(tcase, a_call_takes_the_published_rate_on_the_wire, 0, ENCAPS);
    tcase_add_loop_test(tcase, a_full_packet_takes_the_published_time, 0, 4);
    tcase_add_loop_test(tcase, ptm_costs_65_octets_for_64_rounded_up_to_whole_bytes, 0, 3);
    tcase_add_test(tcase, ethernet_frames_cost_preamble_and_gap_and_are_at_least_84_bytes);
    tcase_add_test(tcase, time_on_the_line_is_cells_over_the_sync_rate);
    tcase_add_test(tcase, a_shaper_keeps_the_queue_busy_for_longer_than_the_line);
    suite_add_tcase(suite, tcase);
    return suite_run(suite);
}
