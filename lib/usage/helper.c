#define _GNU_SOURCE /* syscall() */
#include "usage/helper.h"

#include "base/base.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A packet takes nDPI some 10 us; one that takes half a second of processor time will not end. The
 * child's own timer ticks by processor time, so that a busy machine is no hang. Chosen.
 */
#define TICK_MS 50
#define TICKS_MAX 10
/* How often the parent, waiting, looks whether the child still lives. */
#define GLANCE_MS 20
#define MOST_DESCRIPTORS 1024
#define MOST_IP_BYTES 65536

enum request { REQUEST_FEED, REQUEST_FINISH, REQUEST_FORGET, REQUEST_QUIT };

/* Between the two: one request at a time, numbered. */
struct mailbox {
    _Atomic uint32_t asked, answered;
    enum request request;
    enum rnet_fault fault;
    uint32_t slot;
    bool done;
    struct rnet_headers headers;
    struct rnet_dpi_result result;
    uint8_t ip[MOST_IP_BYTES];
};

struct rnet_helper {
    struct rnet_dpi *dpi;
    struct mailbox *box;
    pid_t child; /* 0 = none yet */
    uint32_t generation;
    uint32_t culprit;
};

/* Waiting ------------------------------------------------------------------------------------- */

static void
wait_for(_Atomic uint32_t *word, uint32_t seen, const struct timespec *most)
{
    syscall(SYS_futex, word, FUTEX_WAIT, seen, most, NULL, 0);
}

static void
wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* The child -------------------------------------------------------------------------------------- */

struct child {
    struct rnet_dpi *dpi;
    struct mailbox *box;
    struct rnet_dpi_flow **flows; /* by slot */
    size_t capacity;
};

/* For the signal handler, in the child only. */
static struct mailbox *watched;

static void
tick(int signal_number)
{
    static uint32_t request, ticks;

    (void)signal_number;
    ticks = watched->asked == request ? ticks + 1 : 0;
    request = watched->asked;
    if (ticks >= TICKS_MAX)
        _exit(1);
}

/*
 * Nothing of the parent's but the mailbox: no descriptors but standard error, no signal handlers;
 * Ctrl-C is the parent's affair, whose end is the child's.
 */
static void
become_child(struct mailbox *box)
{
    const struct itimerval every = {{0, TICK_MS * 1000}, {0, TICK_MS * 1000}};
    struct sigaction action = {.sa_handler = SIG_DFL};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < 32; number++)
        sigaction(number, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    watched = box;
    action.sa_handler = tick;
    action.sa_flags = SA_RESTART;
    sigaction(SIGPROF, &action, NULL);
    setitimer(ITIMER_PROF, &every, NULL);
    for (int descriptor = 0; descriptor < MOST_DESCRIPTORS; descriptor++)
        if (descriptor != STDERR_FILENO)
            close(descriptor);
}

static struct rnet_dpi_flow *
flow_of(struct child *child, uint32_t slot)
{
    const size_t had = child->capacity;

    if (rnet_array_reserve((void **)&child->flows, &child->capacity, (size_t)slot + 1,
                           sizeof *child->flows) != RNET_OK)
        _exit(1);
    for (size_t i = had; i < child->capacity; i++)
        child->flows[i] = NULL;
    if (child->flows[slot] == NULL && (child->flows[slot] = rnet_dpi_flow_new()) == NULL)
        _exit(1);
    return child->flows[slot];
}

static void
forget(struct child *child, uint32_t slot)
{
    if (slot >= child->capacity)
        return;
    rnet_dpi_flow_free(child->flows[slot]);
    child->flows[slot] = NULL;
}

static void
make_fault(enum rnet_fault fault)
{
    if (fault == RNET_FAULT_CRASH)
        raise(SIGSEGV);
    while (fault == RNET_FAULT_HANG)
        ;
}

static void
serve(struct child *child)
{
    struct mailbox *box = child->box;

    make_fault(box->fault);
    switch (box->request) {
    case REQUEST_FEED:
        box->headers.ip = box->ip;
        box->done = rnet_dpi_feed(child->dpi, flow_of(child, box->slot), &box->headers);
        break;
    case REQUEST_FINISH:
        rnet_dpi_finish(child->dpi, flow_of(child, box->slot), &box->result);
        forget(child, box->slot);
        break;
    case REQUEST_FORGET:
        forget(child, box->slot);
        break;
    case REQUEST_QUIT:
        _exit(0);
    }
}

static void
child_main(const struct rnet_helper *helper)
{
    struct child child = {.dpi = helper->dpi, .box = helper->box};

    become_child(child.box);
    for (uint32_t answered = child.box->answered;; answered++) {
        while (atomic_load(&child.box->asked) == answered)
            wait_for(&child.box->asked, answered, NULL);
        serve(&child);
        atomic_store(&child.box->answered, answered + 1);
        wake(&child.box->answered);
    }
}

/* The parent ------------------------------------------------------------------------------------- */

struct rnet_helper *
rnet_helper_new(struct rnet_dpi *dpi)
{
    struct rnet_helper *helper = rnet_alloc_zero(1, sizeof *helper);

    if (helper == NULL)
        return NULL;
    helper->dpi = dpi;
    helper->box = mmap(NULL, sizeof *helper->box, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (helper->box == MAP_FAILED) {
        rnet_free(helper);
        return NULL;
    }
    return helper;
}

uint32_t
rnet_helper_generation(const struct rnet_helper *helper)
{
    return helper->generation;
}

uint32_t
rnet_helper_culprit(const struct rnet_helper *helper)
{
    return helper->culprit;
}

static bool
has_ended(struct rnet_helper *helper)
{
    const pid_t ended = waitpid(helper->child, NULL, WNOHANG);

    return ended == helper->child || (ended < 0 && errno == ECHILD);
}

static enum rnet_helped
bury(struct rnet_helper *helper)
{
    helper->child = 0;
    helper->generation++;
    helper->culprit = helper->box->slot;
    atomic_store(&helper->box->answered, helper->box->asked);
    return RNET_HELPED_DIED;
}

/* Wait until the last request is answered. */
static enum rnet_helped
settle(struct rnet_helper *helper)
{
    const struct timespec glance = {.tv_nsec = GLANCE_MS * RNET_NS_PER_MS};
    struct mailbox *box = helper->box;
    uint32_t answered;

    while ((answered = atomic_load(&box->answered)) != box->asked) {
        wait_for(&box->answered, answered, &glance);
        if (atomic_load(&box->answered) == answered && has_ended(helper))
            return bury(helper);
    }
    return RNET_HELPED_MORE;
}

/* Make sure that there is a child and that it is idle. */
static enum rnet_helped
prepare(struct rnet_helper *helper, uint32_t slot)
{
    if (helper->child > 0)
        return settle(helper);
    helper->box->slot = slot;
    helper->child = fork();
    if (helper->child == 0)
        child_main(helper);
    return helper->child > 0 ? RNET_HELPED_MORE : bury(helper);
}

static void
ask(struct rnet_helper *helper, enum request request, uint32_t slot)
{
    helper->box->request = request;
    helper->box->slot = slot;
    atomic_fetch_add(&helper->box->asked, 1);
    wake(&helper->box->asked);
}

enum rnet_helped
rnet_helper_feed(struct rnet_helper *helper, uint32_t slot, const struct rnet_headers *headers,
                 enum rnet_fault fault)
{
    struct mailbox *box = helper->box;
    enum rnet_helped helped = prepare(helper, slot);

    if (helped != RNET_HELPED_MORE)
        return helped;
    box->headers = *headers;
    box->fault = fault;
    if (box->headers.ip_captured_bytes > MOST_IP_BYTES)
        box->headers.ip_captured_bytes = MOST_IP_BYTES;
    if (headers->ip != NULL)
        memcpy(box->ip, headers->ip, box->headers.ip_captured_bytes);
    else
        box->headers.ip_captured_bytes = 0;
    ask(helper, REQUEST_FEED, slot);
    if (headers->payload_bytes == 0)
        return RNET_HELPED_MORE;
    helped = settle(helper);
    return helped == RNET_HELPED_MORE && box->done ? RNET_HELPED_DONE : helped;
}

/* The child may have been taken over: its words are bounded, its numbers brought into range. */
static void
take_result(const struct mailbox *box, struct rnet_dpi_result *result)
{
    struct rnet_opinion *opinion = &result->opinion;

    *result = box->result;
    result->host[sizeof result->host - 1] = '\0';
    opinion->application[sizeof opinion->application - 1] = '\0';
    if (!(opinion->confidence >= 0 && opinion->confidence <= 1) ||
        (unsigned)opinion->usage >= RNET_USAGE_COUNT ||
        (unsigned)opinion->evidence >= RNET_EVIDENCE_COUNT)
        *opinion = (struct rnet_opinion){0};
}

enum rnet_helped
rnet_helper_finish(struct rnet_helper *helper, uint32_t slot, struct rnet_dpi_result *result)
{
    enum rnet_helped helped = prepare(helper, slot);

    if (helped == RNET_HELPED_MORE) {
        helper->box->fault = RNET_FAULT_NONE;
        ask(helper, REQUEST_FINISH, slot);
        helped = settle(helper);
    }
    if (helped != RNET_HELPED_MORE)
        return helped;
    take_result(helper->box, result);
    return RNET_HELPED_DONE;
}

void
rnet_helper_forget(struct rnet_helper *helper, uint32_t slot)
{
    if (helper->child <= 0 || settle(helper) != RNET_HELPED_MORE)
        return;
    helper->box->fault = RNET_FAULT_NONE;
    ask(helper, REQUEST_FORGET, slot);
}

void
rnet_helper_free(struct rnet_helper *helper)
{
    if (helper == NULL)
        return;
    if (helper->child > 0 && settle(helper) == RNET_HELPED_MORE) {
        helper->box->fault = RNET_FAULT_NONE;
        ask(helper, REQUEST_QUIT, 0);
        while (waitpid(helper->child, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    munmap(helper->box, sizeof *helper->box);
    rnet_free(helper);
}
