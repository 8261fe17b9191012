/*
 * The lines that bench/report reads among what a benchmark prints for people: one per figure.
 *
 *     figure <TAB> name <TAB> value <TAB> unit <TAB> less | more | neither
 *
 * The last word says which way is better. Names are "group/item"; a report plots a group's items
 * side by side. Units `instructions…` and `ratio…` are what bench/compare gates on.
 */
#ifndef BENCH_FIGURE_H
#define BENCH_FIGURE_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 4, 5))) static inline void
figure(double value, const char *unit, const char *better, const char *name, ...)
{
    va_list items;

    if (isnan(value) || isinf(value))
        return; /* nothing was measured: no figure */
    printf("figure\t");
    va_start(items, name);
    vprintf(name, items);
    va_end(items);
    printf("\t%.9g\t%s\t%s\n", value, unit, better);
}

#endif
