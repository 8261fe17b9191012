#include "link/copper.h"

#include <math.h>

#define BANDS(list) .bands = list, .band_count = sizeof list / sizeof list[0]

/*
 * Tone plans and nominal PSD: standards.md §6.3, from memory of the standards unless said. Annex A
 * downstream starts above the uplink (no echo cancelling). READSL2 boosts what reaches far: -37
 * dBm/Hz down to tone 127, -36.4 up on tones 7-24.
 */
static const struct copper_band adsl[] = {{7, 31, RNET_UP, -38, -38},
                                          {33, 255, RNET_DOWN, -40, -40}};
static const struct copper_band readsl2[] = {{7, 24, RNET_UP, -36.4, -36.4},
                                             {33, 127, RNET_DOWN, -37, -37}};
static const struct copper_band adsl2plus[] = {{7, 31, RNET_UP, -38, -38},
                                               {33, 511, RNET_DOWN, -40, -40}};
/* Annex M: uplink to tone 56 at about the same total power, so -41.5 (mask EU-56, from memory);
 * downlink above it. */
static const struct copper_band adsl2plus_m[] = {{7, 56, RNET_UP, -41.5, -41.5},
                                                 {60, 511, RNET_DOWN, -40, -40}};
/*
 * VDSL2, band plan 998 with edges 3.75, 5.2, 8.5 and 12 MHz (G.993.2 Annex B, from memory). PSD:
 * as ADSL2+ up to 1.1 MHz, falling to -52 at 3.75 MHz, then flat at what keeps the profile's total
 * power (14.5 dBm for 17a) within half a dB; uplink with moderate power back-off. From memory and
 * rounded: no table of the limit masks could be read.
 */
static const struct copper_band vdsl2_17a[] = {
    {7, 31, RNET_UP, -38, -38},        {33, 255, RNET_DOWN, -40, -40},
    {256, 869, RNET_DOWN, -44, -52},   {870, 1205, RNET_UP, -57, -57},
    {1206, 1971, RNET_DOWN, -55, -57}, {1972, 2782, RNET_UP, -57, -57},
    {2783, 4095, RNET_DOWN, -57, -60},
};
static const struct copper_band vdsl2_8b[] = {
    {7, 31, RNET_UP, -38, -38},        {33, 255, RNET_DOWN, -40, -40},
    {256, 869, RNET_DOWN, -42, -48},   {870, 1205, RNET_UP, -57, -57},
    {1206, 1971, RNET_DOWN, -50, -52},
};

/*
 * Caps: 8.128 (ADSL1: a codeword of 255 bytes each symbol, one of them for synchronising, leaves
 * 254 times 32 kbit/s; check_byte_bps is what each check byte takes off that), 12 (ADSL2), 24/1
 * (ADSL2+), 3.5 up with Annex M, 100/50 (17a), 50 (8b): standards.md §6.3 and §8. Coding gains are
 * net of the check bytes they cost, as standards state them; what framing takes comes off as
 * overhead. ADSL1 loads no single bits and keeps its pilot free.
 */
const struct copper_plan copper_plans[RNET_DSL_COUNT] = {
    [RNET_DSL_ADSL] = {"adsl", BANDS(adsl), .tone_count = 256, .pilot = 64, .min_bits = 2,
                       .coding_gain_db = 3, .overhead_bps = 32e3, .check_byte_bps = {0, 32e3},
                       .cap_bps = {1.024e6, 8.128e6}},
    [RNET_DSL_ADSL2] = {"adsl2", BANDS(adsl), .tone_count = 256, .min_bits = 1, .coding_gain_db = 5,
                        .overhead_bps = 16e3, .cap_bps = {1.3e6, 12e6}},
    [RNET_DSL_READSL2] = {"readsl2", BANDS(readsl2), .tone_count = 256, .min_bits = 1,
                          .coding_gain_db = 5, .overhead_bps = 16e3, .cap_bps = {1e6, 6e6}},
    [RNET_DSL_ADSL2PLUS] = {"adsl2+", BANDS(adsl2plus), .tone_count = 512, .min_bits = 1,
                            .coding_gain_db = 5, .overhead_bps = 16e3, .cap_bps = {1.3e6, 24e6}},
    [RNET_DSL_ADSL2PLUS_M] = {"adsl2+m", BANDS(adsl2plus_m), .tone_count = 512, .min_bits = 1,
                              .coding_gain_db = 5, .overhead_bps = 16e3, .cap_bps = {3.5e6, 24e6}},
    [RNET_DSL_VDSL2] = {"vdsl2", BANDS(vdsl2_17a), .tone_count = 4096, .grid_from = 128,
                        .min_bits = 1, .coding_gain_db = 5, .overhead_bps = 64e3,
                        .cap_bps = {50e6, 100e6}},
    [RNET_DSL_VDSL2_8B] = {"vdsl2-8b", BANDS(vdsl2_8b), .tone_count = 4096, .grid_from = 128,
                           .min_bits = 1, .coding_gain_db = 5, .overhead_bps = 64e3,
                           .cap_bps = {16e6, 50e6}},
};

const char *
rnet_dsl_name(enum rnet_dsl dsl)
{
    return dsl < RNET_DSL_COUNT ? copper_plans[dsl].name : "unknown";
}

/*
 * ANSI T1.413, 1 % worst case of a 50-pair binder (standards.md §6.3, verified):
 * NEXT 8.818e-14 (N/49)^0.6 f^1.5; FEXT 8e-20 (N/49)^0.6 f^2 d |H|^2, d in feet. The constant is
 * that of 49 disturbers; 7.74e-21 in some texts is that of one.
 */
double
copper_next_ratio(double disturbers, double f_hz)
{
    return 8.818e-14 * pow(disturbers / 49, 0.6) * f_hz * sqrt(f_hz);
}

double
copper_fext_ratio(double disturbers, double f_hz, double length_m)
{
    return 8e-20 * pow(disturbers / 49, 0.6) * f_hz * f_hz * 3.28084 * length_m;
}

/*
 * One-sided PSD of a 2B1Q line code: K (2/f0) sinc^2(f/f0) / (1 + (f/f3)^n), K = 5/9 Vp^2 / 135.
 * ANSI T1.413 Annex B: HDSL f0 392 kHz, f3 196 kHz, n 8, Vp 2.7; ISDN f0 = f3 = 80 kHz, n 4, Vp
 * 2.5. From memory.
 */
double
copper_disturber_psd_w_hz(enum rnet_disturber kind, double f_hz)
{
    const bool hdsl = kind == RNET_DISTURBER_HDSL;
    const double f0 = hdsl ? 392e3 : 80e3, f3 = hdsl ? 196e3 : 80e3, vp = hdsl ? 2.7 : 2.5;
    const double x = M_PI * f_hz / f0, sinc = f_hz > 0 ? sin(x) / x : 1;

    return 5.0 / 9 * vp * vp / 135 * 2 / f0 * sinc * sinc / (1 + pow(f_hz / f3, hdsl ? 8 : 4));
}

const char *
rnet_disturber_name(enum rnet_disturber kind)
{
    return kind == RNET_DISTURBER_ISDN ? "isdn" : "hdsl";
}
