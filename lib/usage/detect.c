#include "usage/detect.h"

#include "base/base.h"

#include <string.h>

/* A capture that kills more children than this is out to do so: detection ends for good. Chosen so
 * that hangs cost four seconds at most. */
#define DEATHS_MAX 8
/* Packets kept of all flows that are not decided yet. What goes beyond would be lost with a child. */
#define HISTORY_MAX_BYTES (UINT64_C(32) << 20)

/* A packet kept: this, then its captured bytes from the IP header on. */
struct kept {
    struct rnet_headers headers;
};

struct rnet_detection {
    struct rnet_dpi_flow *flow; /* here; NULL in a child */
    uint32_t slot;
    uint32_t generation; /* of the child that has its state */
    bool lost;
    bool forgetful; /* some packets were not kept */
    uint8_t *history;
    size_t history_bytes;
    size_t history_capacity;
};

struct rnet_detector {
    struct rnet_dpi *dpi;
    struct rnet_helper *helper; /* NULL = detection is here */
    struct rnet_detection **slots;
    size_t slot_count, slot_capacity;
    uint32_t *free_slots;
    size_t free_count, free_capacity;
    uint64_t history_bytes;
    uint32_t deaths;
    uint64_t break_at;
    enum rnet_fault fault;
};

enum rnet_status
rnet_detector_new(const char *directory, bool isolated, struct rnet_detector **detector,
                  struct rnet_error *err)
{
    struct rnet_detector *made = rnet_alloc_zero(1, sizeof *made);
    enum rnet_status status = made != NULL ? rnet_dpi_new(directory, &made->dpi, err)
                                           : rnet_error_set(err, RNET_ENOMEM, "out of memory");

    if (status == RNET_OK && isolated && (made->helper = rnet_helper_new(made->dpi)) == NULL)
        status = rnet_error_set(err, RNET_ENOMEM, "out of memory");
    if (status != RNET_OK) {
        rnet_detector_free(made);
        return status;
    }
    *detector = made;
    return RNET_OK;
}

void
rnet_detector_free(struct rnet_detector *detector)
{
    if (detector == NULL)
        return;
    rnet_helper_free(detector->helper);
    rnet_dpi_free(detector->dpi);
    rnet_free(detector->slots);
    rnet_free(detector->free_slots);
    rnet_free(detector);
}

void
rnet_detector_break(struct rnet_detector *detector, uint64_t n, enum rnet_fault fault)
{
    detector->break_at = n;
    detector->fault = fault;
}

static bool
take_slot(struct rnet_detector *detector, struct rnet_detection *detection)
{
    if (detector->free_count > 0) {
        detection->slot = detector->free_slots[--detector->free_count];
    } else {
        if (rnet_array_reserve((void **)&detector->slots, &detector->slot_capacity,
                               detector->slot_count + 1, sizeof *detector->slots) != RNET_OK ||
            rnet_array_reserve((void **)&detector->free_slots, &detector->free_capacity,
                               detector->slot_count + 1, sizeof *detector->free_slots) != RNET_OK)
            return false;
        detection->slot = (uint32_t)detector->slot_count++;
    }
    detector->slots[detection->slot] = detection;
    detection->generation = rnet_helper_generation(detector->helper);
    return true;
}

struct rnet_detection *
rnet_detection_new(struct rnet_detector *detector)
{
    struct rnet_detection *detection = rnet_alloc_zero(1, sizeof *detection);
    bool ok;

    if (detection == NULL)
        return NULL;
    if (detector->helper != NULL)
        ok = take_slot(detector, detection);
    else
        ok = (detection->flow = rnet_dpi_flow_new()) != NULL;
    if (!ok) {
        rnet_free(detection);
        return NULL;
    }
    return detection;
}

/* The child died over some flow, which need not be the one it was last asked about. */
static void
note_death(struct rnet_detector *detector)
{
    const uint32_t culprit = rnet_helper_culprit(detector->helper);

    detector->deaths++;
    if (culprit < detector->slot_count && detector->slots[culprit] != NULL)
        detector->slots[culprit]->lost = true;
}

void
rnet_detection_free(struct rnet_detector *detector, struct rnet_detection *detection)
{
    if (detection == NULL)
        return;
    if (detector->helper != NULL) {
        if (rnet_helper_forget(detector->helper, detection->slot) == RNET_HELPED_DIED)
            note_death(detector);
        detector->slots[detection->slot] = NULL;
        detector->free_slots[detector->free_count++] = detection->slot;
        detector->history_bytes -= detection->history_bytes;
    }
    rnet_dpi_flow_free(detection->flow);
    rnet_free(detection->history);
    rnet_free(detection);
}

static void
keep(struct rnet_detector *detector, struct rnet_detection *detection,
     const struct rnet_headers *headers)
{
    const struct kept kept = {*headers};
    const size_t bytes = sizeof kept + headers->ip_captured_bytes;

    if (detection->forgetful || headers->ip == NULL)
        return;
    if (detector->history_bytes + bytes > HISTORY_MAX_BYTES ||
        rnet_array_reserve((void **)&detection->history, &detection->history_capacity,
                           detection->history_bytes + bytes, 1) != RNET_OK) {
        detection->forgetful = true;
        return;
    }
    memcpy(detection->history + detection->history_bytes, &kept, sizeof kept);
    memcpy(detection->history + detection->history_bytes + sizeof kept, headers->ip,
           headers->ip_captured_bytes);
    detection->history_bytes += bytes;
    detector->history_bytes += bytes;
}

/* Show a new child what the old one had seen of a flow; false when it died over that. */
static bool
remind(struct rnet_detector *detector, struct rnet_detection *detection)
{
    size_t at = 0;

    detection->generation = rnet_helper_generation(detector->helper);
    if (detection->forgetful)
        detection->lost = true;
    while (at < detection->history_bytes && !detection->lost) {
        struct kept kept;

        memcpy(&kept, detection->history + at, sizeof kept);
        kept.headers.ip = detection->history + at + sizeof kept;
        at += sizeof kept + kept.headers.ip_captured_bytes;
        if (rnet_helper_feed(detector->helper, detection->slot, &kept.headers, RNET_FAULT_NONE) ==
            RNET_HELPED_DIED) {
            note_death(detector);
            return false;
        }
    }
    return true;
}

/* Whether the child that now is knows this flow as far as it went. */
static bool
is_known(struct rnet_detector *detector, struct rnet_detection *detection)
{
    while (!detection->lost) {
        if (detector->deaths >= DEATHS_MAX)
            detection->lost = true;
        else if (detection->generation == rnet_helper_generation(detector->helper) ||
                 remind(detector, detection))
            return !detection->lost;
    }
    return false;
}

static enum rnet_fault
next_fault(struct rnet_detector *detector)
{
    return detector->break_at > 0 && --detector->break_at == 0 ? detector->fault : RNET_FAULT_NONE;
}

static enum rnet_detected
feed_child(struct rnet_detector *detector, struct rnet_detection *detection,
           const struct rnet_headers *headers)
{
    enum rnet_fault fault = next_fault(detector);

    while (is_known(detector, detection)) {
        const enum rnet_helped helped =
            rnet_helper_feed(detector->helper, detection->slot, headers, fault);

        if (helped == RNET_HELPED_DONE)
            return RNET_DETECTED_DONE;
        if (helped == RNET_HELPED_MORE) {
            keep(detector, detection, headers);
            return RNET_DETECTED_MORE;
        }
        fault = RNET_FAULT_NONE;
        note_death(detector);
    }
    return RNET_DETECTED_LOST;
}

enum rnet_detected
rnet_detection_feed(struct rnet_detector *detector, struct rnet_detection *detection,
                    const struct rnet_headers *headers)
{
    if (detector->helper != NULL)
        return feed_child(detector, detection, headers);
    return rnet_dpi_feed(detector->dpi, detection->flow, headers) ? RNET_DETECTED_DONE
                                                                  : RNET_DETECTED_MORE;
}

void
rnet_detection_expect(struct rnet_detector *detector, struct rnet_detection *detection)
{
    if (detector->helper == NULL || detection->lost ||
        detection->generation != rnet_helper_generation(detector->helper))
        return;
    if (rnet_helper_expect(detector->helper, detection->slot) == RNET_HELPED_DIED)
        note_death(detector);
}

bool
rnet_detection_finish(struct rnet_detector *detector, struct rnet_detection *detection,
                      struct rnet_dpi_result *result)
{
    if (detector->helper == NULL) {
        rnet_dpi_finish(detector->dpi, detection->flow, result);
        return true;
    }
    if (rnet_helper_take(detector->helper, detection->slot, result))
        return true;
    while (is_known(detector, detection)) {
        if (rnet_helper_finish(detector->helper, detection->slot, result) == RNET_HELPED_DONE)
            return true;
        note_death(detector);
    }
    memset(result, 0, sizeof *result);
    return false;
}
