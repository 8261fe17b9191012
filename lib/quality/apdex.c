/* Apdex, Application Performance Index (from memory of the specification, standards.md 4.2). */
#include <ruralnet/score.h>

#include <math.h>

double
rnet_apdex(const double *times_s, size_t count, double threshold_s)
{
    size_t satisfied = 0, tolerating = 0;

    for (size_t i = 0; i < count; i++) {
        if (times_s[i] <= threshold_s)
            satisfied++;
        else if (times_s[i] <= 4 * threshold_s)
            tolerating++;
    }
    return count == 0 ? (double)NAN : ((double)satisfied + (double)tolerating / 2) / (double)count;
}

const char *
rnet_apdex_band(double apdex)
{
    return apdex >= 0.94   ? "excellent"
           : apdex >= 0.85 ? "good"
           : apdex >= 0.70 ? "fair"
           : apdex >= 0.50 ? "poor"
                           : "unacceptable";
}
