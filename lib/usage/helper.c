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
/*
 * So many glances without one answer are no busy machine: the child, which its own timer would have
 * ended, is stopped or has been taken over. Counted, so that time in which both were stopped does
 * not. 10 s, chosen.
 */
#define PATIENCE 500
#define MOST_DESCRIPTORS 1024
#define MOST_IP_BYTES 65536
/*
 * Requests are written one after the other and read when half of the ring is full, so that the two
 * change places once in so many packets, and on two cores work side by side. Answers are looked at
 * only then, or when one is waited for: what is known at a packet does not depend on how fast the
 * child is. Chosen: a context switch costs as much as nDPI's work on a packet.
 */
#define RING 128u
#define HALF (RING / 2)

enum request { REQUEST_FEED, REQUEST_FINISH, REQUEST_FORGET, REQUEST_QUIT };

/* A request, and what came of it. */
struct letter {
    enum request request;
    enum rnet_fault fault;
    uint32_t slot;
    bool done; /* there is a result */
    struct rnet_headers headers;
    struct rnet_dpi_result result;
    uint8_t ip[MOST_IP_BYTES];
};

/* Between the two. Numbers count letters, modulo 2^32. */
struct mailbox {
    _Atomic uint32_t asked, answered;
    struct letter letters[RING];
};

/* What the parent knows of a flow's state in the child. */
struct slot {
    uint64_t since; /* letters of earlier numbers were about another flow */
    struct rnet_dpi_result *result; /* NULL = not known yet */
    uint64_t finish; /* one past the letter that asks this child for it; 0 = none does */
    uint32_t generation; /* of that child */
};

struct rnet_helper {
    struct rnet_dpi *dpi;
    struct mailbox *box;
    pid_t child; /* 0 = none yet */
    uint32_t generation;
    uint32_t culprit;
    uint64_t asked;     /* letters written; the box's number is no proof, the child can write there */
    uint64_t collected; /* letters whose answers were looked at */
    struct {
        enum request request;
        uint32_t slot;
    } written[RING];
    struct slot *slots;
    size_t slot_capacity;
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
    struct seen {
        struct rnet_dpi_flow *flow;
        struct rnet_dpi_result *result; /* NULL = nDPI would learn more */
    } *seen; /* by slot */
    size_t capacity;
};

/* For the signal handler, in the child only. */
static struct mailbox *watched;

static void
tick(int signal_number)
{
    static uint32_t request, ticks;

    (void)signal_number;
    ticks = watched->answered == request ? ticks + 1 : 0;
    request = watched->answered;
    if (ticks >= TICKS_MAX)
        _exit(1);
}

/*
 * Nothing of the parent's but the mailbox: no descriptors but standard error, no signal handlers;
 * Ctrl-C is the parent's affair, whose end is the child's.
 */
static void
become_child(struct mailbox *box, pid_t parent)
{
    const struct itimerval every = {{0, TICK_MS * 1000}, {0, TICK_MS * 1000}};
    struct sigaction action = {.sa_handler = SIG_DFL};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* A parent that was killed before that call is noticed by nothing else. */
    if (getppid() != parent)
        _exit(0);
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

static struct seen *
seen_of(struct child *child, uint32_t slot)
{
    const size_t had = child->capacity;

    if (rnet_array_reserve((void **)&child->seen, &child->capacity, (size_t)slot + 1,
                           sizeof *child->seen) != RNET_OK)
        _exit(1);
    for (size_t i = had; i < child->capacity; i++)
        child->seen[i] = (struct seen){0};
    return &child->seen[slot];
}

static struct rnet_dpi_flow *
flow_of(struct seen *seen)
{
    if (seen->flow == NULL && (seen->flow = rnet_dpi_flow_new()) == NULL)
        _exit(1);
    return seen->flow;
}

static void
forget(struct seen *seen)
{
    rnet_dpi_flow_free(seen->flow);
    rnet_free(seen->result);
    *seen = (struct seen){0};
}

static void
finish(struct child *child, struct seen *seen, struct letter *letter)
{
    if (seen->result == NULL) {
        seen->result = rnet_alloc(sizeof *seen->result);
        if (seen->result == NULL)
            _exit(1);
        rnet_dpi_finish(child->dpi, flow_of(seen), seen->result);
        rnet_dpi_flow_free(seen->flow);
        seen->flow = NULL;
    }
    letter->result = *seen->result;
    letter->done = true;
}

static void
make_fault(enum rnet_fault fault)
{
    if (fault == RNET_FAULT_CRASH)
        raise(SIGSEGV);
    while (fault == RNET_FAULT_HANG)
        ;
    while (fault == RNET_FAULT_STOP)
        pause();
}

static void
serve(struct child *child, struct letter *letter)
{
    struct seen *seen = seen_of(child, letter->slot);

    make_fault(letter->fault);
    switch (letter->request) {
    case REQUEST_FEED:
        letter->headers.ip = letter->ip;
        if (seen->result == NULL && rnet_dpi_feed(child->dpi, flow_of(seen), &letter->headers))
            finish(child, seen, letter);
        break;
    case REQUEST_FINISH:
        finish(child, seen, letter);
        break;
    case REQUEST_FORGET:
        forget(seen);
        break;
    case REQUEST_QUIT:
        _exit(0);
    }
}

static void
child_main(const struct rnet_helper *helper, pid_t parent)
{
    struct mailbox *box = helper->box;
    struct child child = {.dpi = helper->dpi, .box = box};
    uint32_t answered = box->answered;

    become_child(box, parent);
    for (;;) {
        while (atomic_load(&box->asked) == answered)
            wait_for(&box->asked, answered, NULL);
        serve(&child, &box->letters[answered % RING]);
        atomic_store(&box->answered, ++answered);
        if (answered % HALF == 0 || answered == atomic_load(&box->asked))
            wake(&box->answered);
    }
}

/* The parent ------------------------------------------------------------------------------------- */

/* NULL when out of memory. */
static struct mailbox *
new_box(void)
{
    void *box = mmap(NULL, sizeof(struct mailbox), PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    return box != MAP_FAILED ? box : NULL;
}

struct rnet_helper *
rnet_helper_new(struct rnet_dpi *dpi)
{
    struct rnet_helper *helper = rnet_alloc_zero(1, sizeof *helper);

    if (helper == NULL)
        return NULL;
    helper->dpi = dpi;
    helper->box = new_box();
    if (helper->box == NULL) {
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

/* NULL when out of memory. */
static struct slot *
slot_of(struct rnet_helper *helper, uint32_t slot)
{
    const size_t had = helper->slot_capacity;

    if (rnet_array_reserve((void **)&helper->slots, &helper->slot_capacity, (size_t)slot + 1,
                           sizeof *helper->slots) != RNET_OK)
        return NULL;
    for (size_t i = had; i < helper->slot_capacity; i++)
        helper->slots[i] = (struct slot){0};
    return &helper->slots[slot];
}

/* Whether a letter was about the flow that now has its slot. */
static bool
is_current(struct rnet_helper *helper, uint64_t number)
{
    const struct slot *slot = slot_of(helper, helper->written[number % RING].slot);

    return slot == NULL || number >= slot->since;
}

static enum rnet_helped
bury(struct rnet_helper *helper)
{
    const int32_t left = (int32_t)((uint32_t)helper->asked - atomic_load(&helper->box->answered));
    const uint64_t served = helper->asked - (left > 0 && left <= (int32_t)RING ? (uint32_t)left : 1);

    helper->child = 0;
    helper->generation++;
    helper->culprit =
        is_current(helper, served) ? helper->written[served % RING].slot : RNET_HELPER_NOBODY;
    helper->collected = helper->asked;
    atomic_store(&helper->box->answered, (uint32_t)helper->asked);
    return RNET_HELPED_DIED;
}

/*
 * Go on without a child that neither answers nor ends. It is left to itself with its mailbox, for to
 * kill it would take a right that a confined parent has not; it ends with this process.
 */
static enum rnet_helped
abandon(struct rnet_helper *helper)
{
    const enum rnet_helped helped = bury(helper);
    struct mailbox *box = new_box();

    if (box == NULL)
        return helped; /* the next child shares it with the old: results are read warily anyway */
    atomic_store(&box->asked, (uint32_t)helper->asked);
    atomic_store(&box->answered, (uint32_t)helper->asked);
    munmap(helper->box, sizeof *helper->box);
    helper->box = box;
    return helped;
}

/* The child may have been taken over: its words are bounded, its numbers brought into range. */
static void
take_result(const struct letter *letter, struct rnet_dpi_result *result)
{
    struct rnet_opinion *opinion = &result->opinion;

    *result = letter->result;
    result->host[sizeof result->host - 1] = '\0';
    opinion->application[sizeof opinion->application - 1] = '\0';
    if (!(opinion->confidence >= 0 && opinion->confidence <= 1) ||
        (unsigned)opinion->usage >= RNET_USAGE_COUNT ||
        (unsigned)opinion->evidence >= RNET_EVIDENCE_COUNT)
        *opinion = (struct rnet_opinion){0};
}

/* Keep a result until it is asked for; without memory, it is as if the child had not got so far. */
static void
collect(struct rnet_helper *helper, uint64_t number)
{
    const struct letter *letter = &helper->box->letters[number % RING];
    const uint32_t index = helper->written[number % RING].slot;
    struct slot *slot = slot_of(helper, index);

    if (helper->written[number % RING].request == REQUEST_QUIT || !letter->done || slot == NULL ||
        !is_current(helper, number))
        return;
    if (slot->result == NULL)
        slot->result = rnet_alloc(sizeof *slot->result);
    if (slot->result != NULL)
        take_result(letter, slot->result);
}

/* Wait until all letters before a number are answered, and look at the answers. */
static enum rnet_helped
settle(struct rnet_helper *helper, uint64_t number)
{
    const struct timespec glance = {.tv_nsec = GLANCE_MS * RNET_NS_PER_MS};
    struct mailbox *box = helper->box;
    uint32_t answered = atomic_load(&box->answered);
    unsigned idle = 0;

    while ((int32_t)(answered - (uint32_t)number) < 0) {
        const uint32_t before = answered;

        wake(&box->asked);
        wait_for(&box->answered, answered, &glance);
        answered = atomic_load(&box->answered);
        idle = answered == before ? idle + 1 : 0;
        if (idle > 0 && has_ended(helper))
            return bury(helper);
        if (idle >= PATIENCE)
            return abandon(helper);
    }
    for (; helper->collected < number; helper->collected++)
        collect(helper, helper->collected);
    return RNET_HELPED_MORE;
}

/* Make sure that there is a child and room for a letter to it. */
static enum rnet_helped
prepare(struct rnet_helper *helper)
{
    if (helper->child <= 0) {
        const pid_t parent = getpid();

        helper->child = fork();
        if (helper->child == 0)
            child_main(helper, parent);
        return helper->child > 0 ? RNET_HELPED_MORE : bury(helper);
    }
    if (helper->asked % HALF != 0 || helper->asked < HALF)
        return RNET_HELPED_MORE;
    wake(&helper->box->asked);
    return settle(helper, helper->asked - HALF);
}

/* The next letter; ask() sends it. */
static struct letter *
letter_of(struct rnet_helper *helper)
{
    return &helper->box->letters[helper->asked % RING];
}

static void
ask(struct rnet_helper *helper, enum request request, uint32_t slot, enum rnet_fault fault)
{
    struct letter *letter = letter_of(helper);

    letter->request = request;
    letter->slot = slot;
    letter->fault = fault;
    letter->done = false;
    helper->written[helper->asked % RING].request = request;
    helper->written[helper->asked % RING].slot = slot;
    helper->asked++;
    atomic_store(&helper->box->asked, (uint32_t)helper->asked);
}

static bool
is_done(struct rnet_helper *helper, uint32_t slot)
{
    const struct slot *known = slot_of(helper, slot);

    return known != NULL && known->result != NULL;
}

enum rnet_helped
rnet_helper_feed(struct rnet_helper *helper, uint32_t slot, const struct rnet_headers *headers,
                 enum rnet_fault fault)
{
    struct letter *letter;

    if (prepare(helper) != RNET_HELPED_MORE)
        return RNET_HELPED_DIED;
    if (is_done(helper, slot))
        return RNET_HELPED_DONE;
    letter = letter_of(helper);
    letter->headers = *headers;
    if (letter->headers.ip_captured_bytes > MOST_IP_BYTES)
        letter->headers.ip_captured_bytes = MOST_IP_BYTES;
    if (headers->ip != NULL)
        memcpy(letter->ip, headers->ip, letter->headers.ip_captured_bytes);
    else
        letter->headers.ip_captured_bytes = 0;
    ask(helper, REQUEST_FEED, slot, fault);
    return RNET_HELPED_MORE;
}

bool
rnet_helper_take(struct rnet_helper *helper, uint32_t slot, struct rnet_dpi_result *result)
{
    if (!is_done(helper, slot))
        return false;
    *result = *helper->slots[slot].result;
    return true;
}

enum rnet_helped
rnet_helper_expect(struct rnet_helper *helper, uint32_t slot)
{
    struct slot *known;

    if (prepare(helper) != RNET_HELPED_MORE)
        return RNET_HELPED_DIED;
    known = slot_of(helper, slot);
    if (known == NULL || known->result != NULL)
        return RNET_HELPED_MORE;
    ask(helper, REQUEST_FINISH, slot, RNET_FAULT_NONE);
    known->finish = helper->asked;
    known->generation = helper->generation;
    return RNET_HELPED_MORE;
}

/* Whether the child was asked already, so that its answer is all there is to wait for. */
static bool
is_expected(struct rnet_helper *helper, uint32_t slot)
{
    const struct slot *known = slot_of(helper, slot);

    return known != NULL && known->finish > 0 && known->generation == helper->generation;
}

enum rnet_helped
rnet_helper_finish(struct rnet_helper *helper, uint32_t slot, struct rnet_dpi_result *result)
{
    if (is_expected(helper, slot)) {
        if (settle(helper, helper->slots[slot].finish) != RNET_HELPED_MORE)
            return RNET_HELPED_DIED;
        if (rnet_helper_take(helper, slot, result))
            return RNET_HELPED_DONE;
    }
    if (prepare(helper) != RNET_HELPED_MORE)
        return RNET_HELPED_DIED;
    ask(helper, REQUEST_FINISH, slot, RNET_FAULT_NONE);
    if (settle(helper, helper->asked) != RNET_HELPED_MORE)
        return RNET_HELPED_DIED;
    take_result(&helper->box->letters[(helper->asked - 1) % RING], result);
    return RNET_HELPED_DONE;
}

enum rnet_helped
rnet_helper_forget(struct rnet_helper *helper, uint32_t slot)
{
    struct slot *known = slot_of(helper, slot);
    const enum rnet_helped helped = helper->child > 0 ? prepare(helper) : RNET_HELPED_MORE;

    if (helper->child > 0)
        ask(helper, REQUEST_FORGET, slot, RNET_FAULT_NONE);
    if (known != NULL) {
        rnet_free(known->result);
        *known = (struct slot){.since = helper->asked};
    }
    return helped;
}

/* Let the child end, which it does at once unless something is wrong with it. */
static void
dismiss(struct rnet_helper *helper)
{
    struct timespec glance = {.tv_nsec = 100000};

    ask(helper, REQUEST_QUIT, 0, RNET_FAULT_NONE);
    wake(&helper->box->asked);
    for (unsigned idle = 0; !has_ended(helper) && idle < PATIENCE; idle++) {
        nanosleep(&glance, NULL);
        if (glance.tv_nsec < GLANCE_MS * RNET_NS_PER_MS)
            glance.tv_nsec *= 2;
    }
}

void
rnet_helper_free(struct rnet_helper *helper)
{
    if (helper == NULL)
        return;
    if (helper->child > 0 && settle(helper, helper->asked) == RNET_HELPED_MORE)
        dismiss(helper);
    for (size_t i = 0; i < helper->slot_capacity; i++)
        rnet_free(helper->slots[i].result);
    rnet_free(helper->slots);
    munmap(helper->box, sizeof *helper->box);
    rnet_free(helper);
}
