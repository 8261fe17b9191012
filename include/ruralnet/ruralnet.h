/**
 * libruralnet: is an ADSL-grade line good enough for what an office really does?
 *
 * Every stage, in the order the data flows. rnet_observe() goes from a capture to a profile,
 * rnet_assess() from a profile and lines to verdicts.
 */
#ifndef RURALNET_RURALNET_H
#define RURALNET_RURALNET_H

#include <ruralnet/base.h>
#include <ruralnet/stats.h>
#include <ruralnet/packet.h>
#include <ruralnet/capture.h>
#include <ruralnet/usage.h>
#include <ruralnet/demand.h>
#include <ruralnet/flow.h>
#include <ruralnet/profile.h>
#include <ruralnet/observe.h>
#include <ruralnet/link.h>
#include <ruralnet/replay.h>
#include <ruralnet/score.h>
#include <ruralnet/quality.h>
#include <ruralnet/verdict.h>
#include <ruralnet/assess.h>
#include <ruralnet/survey.h>
#include <ruralnet/claim.h>
#include <ruralnet/population.h>
#include <ruralnet/report.h>

#endif
