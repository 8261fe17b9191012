/* The claim in words: the answer, the six definitions, what was changed. Every form of the report
 * takes them from here. */
#include "report/claim.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *
claim_quoted(void)
{
    return /* xgettext:no-c-format */
        _("The claim: \"a simple classic ADSL connection is enough for 95 % of firms, but for "
          "only 50 % of current usages\" (business leaders, Mende, 9 October 2014)");
}

const char *
words_percent(double share, char words[NUMBER_TEXT])
{
    if (isnan(share))
        snprintf(words, NUMBER_TEXT, "%s", _("not known"));
    else
        snprintf(words, NUMBER_TEXT, _("%.*f %%"), share > 0 && share < 0.0995 ? 1 : 0,
                 share * 100);
    return rnet_report_localise(words);
}

const char *
words_bounds(double low, double high, char words[NUMBER_TEXT])
{
    if (isnan(low) || isnan(high))
        return words_percent(NAN, words);
    if (high - low < 0.005)
        return words_percent((low + high) / 2, words);
    snprintf(words, NUMBER_TEXT, _("%.0f to %.0f %%"), floor(low * 100), ceil(high * 100));
    return words;
}

const char *
words_interval(const struct rnet_interval *interval, char words[NUMBER_TEXT])
{
    if (isnan(interval->low) || isnan(interval->high))
        return words_percent(NAN, words);
    snprintf(words, NUMBER_TEXT, _("%.1f to %.1f %%"), interval->low * 100, interval->high * 100);
    return rnet_report_localise(words);
}

const char *
words_probability(double p, char words[NUMBER_TEXT])
{
    if (isnan(p))
        snprintf(words, NUMBER_TEXT, "-");
    else if (p < 0.0001)
        snprintf(words, NUMBER_TEXT, "< 0.0001");
    else
        snprintf(words, NUMBER_TEXT, "%.4f", p);
    return rnet_report_localise(words);
}

const char *
words_verdict(const struct rnet_claim_share *share, char words[160])
{
    char count[NUMBER_TEXT];

    if (share->answer != RNET_CLAIM_UNDECIDED)
        snprintf(words, 160, "%s", _(rnet_claim_answer_name(share->answer)));
    else if (isinf(share->more_offices))
        snprintf(words, 160, "%s", _("undecided (no number of offices like these would decide)"));
    else
        snprintf(words, 160, _("undecided (%s more offices like these would decide)"),
                 words_count((uint64_t)share->more_offices, count));
    return words;
}

const char *
claim_count_name(enum rnet_claim_count count)
{
    static const char *const names[RNET_CLAIM_COUNTS] = {
        N_("usage classes"), N_("(office, usage) pairs"), N_("use by volume"), N_("use by time")};

    return _(names[count]);
}

const char *
claim_choice_name(enum rnet_claim_choice choice)
{
    static const char *const names[RNET_CHOICES] = {N_("unit"), N_("suffices"), N_("how often"),
                                                    N_("line"), N_("hours"),    N_("firms")};

    return _(names[choice]);
}

const char *
claim_line_name(const struct rnet_claim_line *line)
{
    switch (line->kind) {
    case RNET_CLAIM_LOOPS:
        /* Translators: at most eleven bytes. */
        return _("real loops");
    case RNET_CLAIM_OWN:
        /* Translators: at most eleven bytes. */
        return _("own lines");
    case RNET_CLAIM_LINE:
        break;
    }
    return line->name;
}

const char *
claim_variant_words(enum rnet_claim_variant_id id)
{
    static const char *const words[RNET_VARIANTS] = {
        [RNET_VARIANT_ESSENTIAL] = N_("essential usages only"),
        [RNET_VARIANT_BY_USE] =
            N_("an office is satisfied by share of its volume, not by every usage"),
        [RNET_VARIANT_GOOD] = N_("good, not only acceptable"),
        [RNET_VARIANT_OFTEN_50] = N_("half of the use must pass"),
        [RNET_VARIANT_OFTEN_90] = /* xgettext:no-c-format */
        N_("90 % of the use must pass"),
        [RNET_VARIANT_OFTEN_99] = /* xgettext:no-c-format */
        N_("99 % of the use must pass"),
        [RNET_VARIANT_ENOUGH_SEEN] = N_("usages of which little was seen do not count"),
        [RNET_VARIANT_QUARTER_HOUR] = N_("busiest quarter of an hour"),
        [RNET_VARIANT_WHOLE] = N_("all of each capture"),
        [RNET_VARIANT_UNWEIGHTED] = N_("every firm weighs the same"),
        [RNET_VARIANT_SMALL] = N_("firms of fewer than ten people"),
        [RNET_VARIANT_LARGE] = N_("firms of ten people and more"),
        [RNET_VARIANT_SURVEYED] = N_("surveyed firms only, without modelled ones"),
    };

    return _(words[id]);
}

static void
define_often(const struct rnet_claim *claim, char words[CLAIM_WORDS])
{
    if (isnan(claim->required_share))
        snprintf(words, CLAIM_WORDS, "%s",
                 _("A usage is met when the share of its use that its criterion asks for passes "
                   "(pages, messages and transfers by count, calls and streams by time)."));
    else
        snprintf(words, CLAIM_WORDS,
                 _("A usage is met when at least %.0f %% of its use passes (pages, messages and "
                   "transfers by count, calls and streams by time)."),
                 claim->required_share * 100);
}

static void
define_hours(const struct rnet_claim *claim, char words[CLAIM_WORDS])
{
    char duration[NUMBER_TEXT];

    if (claim->period_ns == 0)
        snprintf(words, CLAIM_WORDS, "%s", _("All of each capture."));
    else
        snprintf(words, CLAIM_WORDS,
                 _("The busiest %s of each capture; a firm's captures are pooled."),
                 words_duration((double)claim->period_ns / 1e9, duration));
}

static void
define_firms(const struct rnet_claim *claim, char words[CLAIM_WORDS])
{
    char weights[160], modelled[160] = "";

    snprintf(weights, sizeof weights, "%s", _("each weighs the same"));
    if (claim->weighted) {
        snprintf(weights, sizeof weights, _("weighted, worth %.1f equal ones"), claim->kish);
        rnet_report_localise(weights);
    }
    if (claim->modelled > 0)
        snprintf(modelled, sizeof modelled, _(" %zu of them are modelled, not surveyed."),
                 claim->modelled);
    snprintf(words, CLAIM_WORDS, _("The %zu of %" PRIu64 " firms asked that gave a capture; %s.%s"),
             claim->answered, claim->asked, weights, modelled);
}

void
claim_define(const struct rnet_claim *claim, enum rnet_claim_choice choice, char words[CLAIM_WORDS])
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];

    switch (choice) {
    case RNET_CHOICE_UNIT:
        snprintf(words, CLAIM_WORDS, "%s",
                 _("A firm's office, satisfied when every judged usage it really uses is met. "
                   "Usages are counted as classes of the catalogue, as (office, usage) pairs, and "
                   "by use (volume and time): all are stated."));
        break;
    case RNET_CHOICE_SUFFICES:
        snprintf(words, CLAIM_WORDS,
                 _("A use passes when it is acceptable or better by the criteria '%s' (digest "
                   "%.8s; 'netsuff usage' lists limits and sources)."),
                 claim->criteria, claim->criteria_digest);
        break;
    case RNET_CHOICE_OFTEN:
        define_often(claim, words);
        break;
    case RNET_CHOICE_LINE:
        snprintf(words, CLAIM_WORDS,
                 _("%s is taken for the \"classic ADSL\" line; every other line tried stands "
                   "beside it."),
                 claim_line_name(line));
        break;
    case RNET_CHOICE_HOURS:
        define_hours(claim, words);
        break;
    case RNET_CHOICE_FIRMS:
        define_firms(claim, words);
        break;
    case RNET_CHOICES:
        break;
    }
}

static void
answer_firms(const struct rnet_claim *claim, struct text *text)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];
    char share[NUMBER_TEXT], interval[NUMBER_TEXT], verdict[160], open[80] = "";

    if (line->cannot_say > 0)
        snprintf(open, sizeof open, _(", %.0f cannot be told"), line->cannot_say);
    text_add(text,
             _("On %s, %.0f of %zu offices are satisfied%s (%s; exact %.0f %% interval %s): "
               "\"at least %.0f %% of firms\" is %s."),
             claim_line_name(line), line->satisfied, line->offices, open,
             words_bounds(line->firms.low, line->firms.high, share), claim->level * 100,
             words_interval(&line->firms.exact, interval), claim->firms_share * 100,
             words_verdict(&line->firms, verdict));
    if (claim->asked > claim->answered && line->worst_answer != line->firms.answer)
        text_add(text, _(" Whatever the %" PRIu64 " silent firms are like, it is only %s."),
                 claim->asked - claim->answered, _(rnet_claim_answer_name(line->worst_answer)));
}

static void
answer_usages(const struct rnet_claim *claim, struct text *text)
{
    const struct rnet_claim_line *line = &claim->lines[claim->reference];

    text_add(text, _(" \"%.0f %% of usages\", give or take %.0f points, is "),
             claim->usages_share * 100, claim->margin * 100);
    for (int c = 0; c < RNET_CLAIM_COUNTS; c++) {
        char share[NUMBER_TEXT];

        if (c > 0)
            text_add(text, "%s", c + 1 == RNET_CLAIM_COUNTS ? _(" and ") : _(", "));
        text_add(text, _("%s by %s (%s)"), _(rnet_claim_answer_name(line->usages[c].answer)),
                 claim_count_name((enum rnet_claim_count)c),
                 words_bounds(line->usages[c].low, line->usages[c].high, share));
    }
    text_add(text, ".");
}

void
claim_answer(const struct rnet_claim *claim, struct text *text)
{
    if (claim->modelled > 0 && claim->modelled == claim->answered)
        text_add(text, "%s", _("Modelled offices, not surveyed ones. "));
    else if (claim->modelled > 0)
        text_add(text, _("%zu of the offices are modelled, not surveyed. "), claim->modelled);
    answer_firms(claim, text);
    answer_usages(claim, text);
}

/* Of what is assumed of loops, and of intervals that hold less than they say. */
static void
say_limits(const struct rnet_claim *claim, void (*say)(void *context, const char *words),
           void *context)
{
    bool loops = false;

    for (size_t i = 0; i < claim->line_count; i++)
        loops = loops || claim->lines[i].kind == RNET_CLAIM_LOOPS;
    if (loops)
        say(context, _("Shares of real loops rest on readings of words: \"nearly half\" as 48 %, \"more "
                       "than 60 %\" as 62 %; those of the longest are from memory (docs/claim.md)."));
    /* bench/claim-simulation; docs/claim.md has the table. Judged by the worst correlation tried. */
    if (claim->answered > 0)
        say(context, _("Quote the exact intervals. In simulations that ask for 95 %, they held the "
                       "truth in 94 % of populations at worst, the cluster bootstrap in 86 %, the "
                       "ratio estimator in 60 % (with few offices)."));
}

void
claim_caveats(const struct rnet_claim *claim, void (*say)(void *context, const char *words),
              void *context)
{
    char words[CLAIM_WORDS];

    if (claim->nothing_judged > 0) {
        snprintf(words, sizeof words,
                 _("%zu offices use nothing that could be judged: they stay \"cannot say\"."),
                 claim->nothing_judged);
        say(context, words);
    }
    if (claim->full > 0) {
        snprintf(
            words, sizeof words,
            _("%zu captures were made behind a full line: on lines as fast people may do more, "
              "and what was enough for them stays \"cannot say\"."),
            claim->full);
        say(context, words);
    }
    if (claim->unreadable > 0) {
        snprintf(words, sizeof words,
                 _("%zu captures could not be read back; their offices stay \"cannot say\" "
                   "(%s)."),
                 claim->unreadable, claim->trouble.message);
        say(context, words);
    }
    if (claim->cut > 0) {
        snprintf(words, sizeof words,
                 _("%zu replays were cut by a limit: what they would have shown stays \"cannot "
                   "say\"."),
                 claim->cut);
        say(context, words);
    }
    if (claim->not_kept) {
        snprintf(words, sizeof words,
                 _("Results could not be kept in the survey: asked again, all is replayed again "
                   "(%s)."),
                 claim->trouble.message);
        say(context, words);
    }
    say_limits(claim, say, context);
}
