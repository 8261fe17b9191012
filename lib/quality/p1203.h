/* The scale of P.1203, shared by its files. */
#ifndef RNET_P1203_INTERNAL_H
#define RNET_P1203_INTERNAL_H

#include <ruralnet/score.h>

double
p1203_mos(double rating); /* 1.05..4.9 of 0..100 */
double
p1203_rating(double mos); /* its inverse, by the reference's table */

#endif
