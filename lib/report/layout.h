/* How the structs of an assessment stand in a JSON report: the tables that writing and reading share. */
#ifndef RNET_REPORT_LAYOUT_H
#define RNET_REPORT_LAYOUT_H

#include "report/fields.h"
#include "report/report.h"

extern const struct field layout_usage_seen[]; /* struct rnet_usage_summary */
extern const struct field layout_seen[];       /* struct rnet_profile_summary, without its usages */
extern const struct field layout_rule[];       /* struct rnet_rule */
extern const struct field layout_criterion[];  /* struct rnet_criterion, without its rules */
extern const struct field layout_verdict[];    /* struct rnet_usage_verdict, without its metric */
extern const struct field layout_metric[];     /* struct rnet_usage_verdict, what its metric came to */
extern const struct field layout_office[];     /* struct rnet_verdict, without items and sentence */
extern const struct field layout_line[];       /* struct rnet_quality_line */
extern const struct field layout_assessment[]; /* struct rnet_assessment, its plain members */
extern const struct field layout_tunnels[];    /* struct rnet_tunnel_demand, since version 2 */

extern const struct field_names usage_names;
extern const struct field_names notice_names;

#endif
