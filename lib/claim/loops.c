/* French subscriber loops by attenuation. */
#include "claim/claim.h"

/*
 * Attenuation shares of a national sample of eligibility checks (ARIASE): under 20 dB 30.29 %; under
 * 30 dB "nearly half"; 7 Mbit/s or more, which the copper model's median has at 44 dB and ARIASE's
 * own steps put at 40, "more than 60 %"; under 50 dB "about 75 %": verified there. About 90 % of
 * lines reach 2 Mbit/s and 99 % reach 512 kbit/s, taken as under 60 and 70 dB: from memory. "Nearly
 * half" is read as 48 %, "more than 60 %" as 62 %: assumed. The reference population draws its loops
 * from the same points (lib/population/france-2014.txt).
 *
 * A class stands in its middle, with the median rate of the copper model over what is not known of a
 * pair (docs/lines.md) and the caps of the French offer of up to 20 Mbit/s down, 1 up (verified).
 */
#define LINE(db) "adsl2+:attenuation=" db ",cap=20000/1000,rate=p50"

static const struct rnet_loop_class classes[] = {
    {"under-20dB", N_("under 20 dB"), 0.3029, LINE("10"), "ARIASE: 30.29 % of lines"},
    {"20-30dB", N_("20 to 30 dB"), 0.1771, LINE("25"),
     "ARIASE: nearly half of lines under 30 dB, read as 48 %"},
    {"30-40dB", N_("30 to 40 dB"), 0.14, LINE("35"),
     "ARIASE: more than 60 % of 7 Mbit/s or more, read as 62 %"},
    {"40-50dB", N_("40 to 50 dB"), 0.13, LINE("45"), "ARIASE: about 75 % of lines under 50 dB"},
    {"50-60dB", N_("50 to 60 dB"), 0.15, LINE("55"),
     "about 90 % of lines reach 2 Mbit/s, from memory"},
    {"60-70dB", N_("60 to 70 dB"), 0.09, LINE("65"),
     "about 99 % of lines reach 512 kbit/s, from memory"},
    {"over-70dB", N_("over 70 dB"), 0.01, LINE("74"), "the rest"},
};

const struct rnet_loop_class *
rnet_loop_class(size_t index)
{
    return index < sizeof classes / sizeof *classes ? &classes[index] : NULL;
}
