/*
 * Confinement by two mechanisms that complete each other. Landlock restricts by place: nothing may
 * be read, and written only in the folders of the outputs. seccomp restricts by call: no socket, no
 * program, and of files only new ones may be opened, because what exists and is needed is open
 * already. Either alone is worth having; which are active is written into every report.
 */
#define _GNU_SOURCE /* O_PATH, O_TMPFILE */
#include "confine.h"

#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sanitizers read /proc, start a symbolizer and trace their own process; counts of coverage are
 * written at the end, into files that exist: neither works under a filter. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const char *const built_without = "built with a sanitizer";
#elif defined(NETSUFF_COUNTS_COVERAGE)
static const char *const built_without = "built to count coverage";
#else
static const char *const built_without = NULL;
#endif

/* Rights of later versions of Landlock than Debian 12's header has (linux/landlock.h, Linux 6.12). */
#define RIGHT_TRUNCATE (UINT64_C(1) << 14)  /* ABI 3 */
#define RIGHT_IOCTL_DEV (UINT64_C(1) << 15) /* ABI 5 */
#define NET_BIND_CONNECT UINT64_C(3)        /* ABI 4: TCP bind and connect */
#define SCOPE_SOCKET_SIGNAL UINT64_C(3)     /* ABI 6: abstract sockets, signals to outside */

/* struct landlock_ruleset_attr as of ABI 6; an older kernel is given fewer bytes of it. */
struct ruleset {
    uint64_t files;
    uint64_t network;
    uint64_t scoped;
};

void
confine_allow_output(struct confinement *confinement, const char *path)
{
    if (path != NULL && strcmp(path, "-") != 0 && confinement->output_count < CONFINE_MAX_OUTPUTS)
        confinement->outputs[confinement->output_count++] = path;
}

/* Landlock ------------------------------------------------------------------------------------- */

/* Everything the running kernel can restrict. */
static struct ruleset
all_rights(long abi)
{
    struct ruleset all = {.files = (UINT64_C(1) << 13) - 1}; /* ABI 1 */

    if (abi >= 2)
        all.files |= LANDLOCK_ACCESS_FS_REFER;
    if (abi >= 3)
        all.files |= RIGHT_TRUNCATE;
    if (abi >= 4)
        all.network = NET_BIND_CONNECT;
    if (abi >= 5)
        all.files |= RIGHT_IOCTL_DEV;
    if (abi >= 6)
        all.scoped = SCOPE_SOCKET_SIGNAL;
    return all;
}

/* Making, writing and renaming new files. */
#define RIGHTS_OUTPUT                                                                              \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |  \
     LANDLOCK_ACCESS_FS_REMOVE_FILE | RIGHT_TRUNCATE)

static bool
allow_folder(int rules, const char *folder, uint64_t rights)
{
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = rights,
        .parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)};
    bool ok;

    if (beneath.parent_fd < 0)
        return errno == ENOENT || errno == ENOTDIR; /* nothing can be written there anyway */
    ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
    close(beneath.parent_fd);
    return ok;
}

/* The folder a path is in. */
static const char *
folder_of(const char *path, char folder[4096])
{
    const char *slash = strrchr(path, '/');

    snprintf(folder, 4096, "%.*s", slash != NULL ? (int)(slash - path + 1) : 1,
             slash != NULL ? path : ".");
    return folder;
}

/* Its folder, and that of the file itself where the path is a link. */
static bool
allow_database(int rules, const char *path, uint64_t rights)
{
    char folder[4096];
    char *real = realpath(path, NULL);
    const bool ok = allow_folder(rules, folder_of(path, folder), rights) &&
                    (real == NULL || allow_folder(rules, folder_of(real, folder), rights));

    free(real);
    return ok;
}

/* Where SQLite sorts what does not fit into memory: the first of these that is there. */
static bool
allow_sorting(int rules, uint64_t rights)
{
    const char *const folders[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp",
                                   "/usr/tmp"};
    bool ok = true;

    for (size_t i = 0; i < sizeof folders / sizeof *folders && ok; i++)
        ok = folders[i] == NULL || allow_folder(rules, folders[i], rights);
    return ok;
}

static bool
allow_reading(int rules, const char *path)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
                                                 .parent_fd = open(path, O_PATH | O_CLOEXEC)};
    bool ok;

    if (beneath.parent_fd < 0)
        return true; /* it will be missed by whoever opens it */
    ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0) == 0;
    close(beneath.parent_fd);
    return ok;
}

static bool
allow_folders(int rules, const struct confinement *confinement, uint64_t known)
{
    char folder[4096];
    bool ok = allow_folder(rules, P_tmpdir, known & RIGHTS_OUTPUT);

    /* libpcap reads here what the interface itself has dropped. */
    if (confinement->interface != NULL) {
        snprintf(folder, sizeof folder, "/sys/class/net/%s/statistics", confinement->interface);
        ok = ok && allow_folder(rules, folder, LANDLOCK_ACCESS_FS_READ_FILE);
    }
    for (size_t i = 0; i < confinement->output_count && ok; i++)
        ok = allow_folder(rules, folder_of(confinement->outputs[i], folder), known & RIGHTS_OUTPUT);
    if (confinement->database_count > 0)
        ok = ok && allow_sorting(rules, known & RIGHTS_OUTPUT);
    for (size_t i = 0; i < confinement->database_count && ok; i++)
        ok = allow_database(rules, confinement->databases[i], known & RIGHTS_OUTPUT);
    if (confinement->readable != NULL)
        ok = ok && allow_reading(rules, confinement->readable);
    return ok;
}

/* NULL, or why not. */
static const char *
start_landlock(const struct confinement *confinement)
{
    const long abi =
        syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    const struct ruleset all = all_rights(abi);
    const size_t bytes = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
    int rules;
    bool ok;

    if (abi < 1)
        return errno == ENOSYS || errno == EOPNOTSUPP ? "the kernel has no Landlock"
                                                      : "Landlock is not permitted here";
    rules = (int)syscall(SYS_landlock_create_ruleset, &all, bytes, 0);
    if (rules < 0)
        return "Landlock refused its rules";
    ok = allow_folders(rules, confinement, all.files) &&
         syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return ok ? NULL : "Landlock refused its rules";
}

/* seccomp -------------------------------------------------------------------------------------- */

/* What reading, computing and writing open files takes. */
static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
    SCMP_SYS(dup), SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(ftruncate),
    /* putting outputs in their place; Landlock says where */
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    /* memory */
    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
    SCMP_SYS(madvise),
    /* threads, a child for detection, waiting for them */
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield), SCMP_SYS(getpid), SCMP_SYS(gettid),
    SCMP_SYS(getppid), SCMP_SYS(wait4), SCMP_SYS(exit), SCMP_SYS(exit_group),
    /* time, waiting and signals */
    SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(setitimer), SCMP_SYS(timer_settime), SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack), SCMP_SYS(getrandom), SCMP_SYS(getrusage), SCMP_SYS(sysinfo),
};

/* An interface that is open already: its packets and counters. */
static const int allowed_live[] = {SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(getsockopt),
                                   SCMP_SYS(setsockopt), SCMP_SYS(eventfd2)};

/* SQLite opens its file and those beside it when it needs them, and locks them. Where, says Landlock. */
static const int allowed_database[] = {
    SCMP_SYS(openat), SCMP_SYS(open), SCMP_SYS(fcntl), SCMP_SYS(stat), SCMP_SYS(lstat),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(getcwd), SCMP_SYS(geteuid), SCMP_SYS(fchmod), SCMP_SYS(fchown), SCMP_SYS(fallocate),
    SCMP_SYS(msync)};

static bool
allow(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
            return false;
    return true;
}

/* Calls that are harmless only with certain arguments. */
static bool
allow_in_part(scmp_filter_ctx filter)
{
    const scmp_datum_t unnamed = O_TMPFILE, fresh = O_CREAT | O_EXCL;
    const scmp_datum_t namespaces = 0x7e020080; /* CLONE_NEW*, sched.h */

    /* Files that did not exist before: temporary data, and outputs before they are renamed. */
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, unnamed, unnamed)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
                            SCMP_A2(SCMP_CMP_MASKED_EQ, fresh, fresh)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                            SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces, 0)) == 0 &&
           /* Its flags are in memory, where a filter cannot look: the C library falls back on clone. */
           seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid())) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_EQ, TIOCGWINSZ)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                            SCMP_A1(SCMP_CMP_EQ, TCGETS)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                            SCMP_A1(SCMP_CMP_EQ, F_GETFL)) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                            SCMP_A1(SCMP_CMP_EQ, F_SETFD)) == 0 &&
           /* The child for detection ends with its parent. */
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                            SCMP_A0(SCMP_CMP_EQ, PR_SET_PDEATHSIG)) == 0 &&
           /* The C library asks for its own stack limit when it starts a thread. */
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
                            SCMP_A2(SCMP_CMP_EQ, 0)) == 0;
}

/* NULL, or why not. Refused calls fail with EPERM, so that libraries may do without. */
static const char *
start_seccomp(const struct confinement *confinement, bool has_landlock)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool ok = filter != NULL && allow(filter, allowed, sizeof allowed / sizeof *allowed) &&
              allow_in_part(filter);

    if (ok && confinement->database_count > 0)
        ok = allow(filter, allowed_database, sizeof allowed_database / sizeof *allowed_database);
    if (ok && confinement->interface != NULL)
        ok = allow(filter, allowed_live, sizeof allowed_live / sizeof *allowed_live) &&
             /* Its statistics, which Landlock singles out. */
             (!has_landlock || seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0) == 0);
    ok = ok && seccomp_load(filter) == 0;
    if (filter != NULL)
        seccomp_release(filter);
    return ok ? NULL : "seccomp is not permitted here";
}

/* Both ------------------------------------------------------------------------------------------ */

/* A core file would hold payload. */
static void
forbid_core(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
}

static void
describe(struct confinement *confinement, const char *no_landlock, const char *no_seccomp)
{
    const char *active = no_landlock == NULL && no_seccomp == NULL ? "landlock+seccomp"
                         : no_landlock == NULL                     ? "landlock"
                         : no_seccomp == NULL                      ? "seccomp"
                                                                   : "none";

    snprintf(confinement->words, sizeof confinement->words, "%s%s%s%s%s%s", active,
             no_landlock != NULL || no_seccomp != NULL ? " (" : "",
             no_landlock != NULL ? no_landlock : "",
             no_landlock != NULL && no_seccomp != NULL && no_seccomp != no_landlock ? "; " : "",
             no_seccomp != NULL && no_seccomp != no_landlock ? no_seccomp : "",
             no_landlock != NULL || no_seccomp != NULL ? ")" : "");
}

enum rnet_status
confine(void *context, struct rnet_error *err)
{
    struct confinement *confinement = context;
    const char *no_landlock, *no_seccomp;

    forbid_core();
    if (built_without != NULL) {
        no_landlock = no_seccomp = built_without;
    } else if (confinement->refused) {
        no_landlock = no_seccomp = "--no-sandbox";
    } else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        no_landlock = no_seccomp = "the kernel refused no_new_privs";
    } else {
        no_landlock = start_landlock(confinement);
        no_seccomp = start_seccomp(confinement, no_landlock == NULL);
    }
    describe(confinement, no_landlock, no_seccomp);
    if (!confinement->required || (no_landlock == NULL && no_seccomp == NULL))
        return RNET_OK;
    if (err != NULL) {
        err->status = RNET_EUNSUPPORTED;
        snprintf(err->message, sizeof err->message, "--require-sandbox: confinement is %s",
                 confinement->words);
    }
    return RNET_EUNSUPPORTED;
}

bool
confine_to_output(const char *output)
{
    return confine_to_surveys(NULL, 0, output, NULL);
}

bool
confine_to_surveys(char *const *surveys, size_t count, const char *output, const char *readable)
{
    struct confinement confinement = {
        .databases = surveys, .database_count = count, .readable = readable};

    if (!output_prepare(output))
        return false;
    confine_allow_output(&confinement, output);
    confine(&confinement, NULL);
    return true;
}

/* The file is mapped, so that its bytes can be had when no file can be opened any more. */
enum rnet_status
load_confined(const char *path, struct confinement *confinement, struct rnet_profile **profile,
              struct rnet_error *err)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about = {0};
    enum rnet_status status = RNET_EIO;
    void *bytes = MAP_FAILED;

    if (fd >= 0 && fstat(fd, &about) == 0 && about.st_size > 0)
        bytes = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        snprintf(err->message, sizeof err->message, "%s: %s", path, strerror(errno));
    } else {
        status = confine(confinement, err);
        if (status == RNET_OK)
            status = rnet_profile_read(bytes, (size_t)about.st_size, profile, err);
        munmap(bytes, (size_t)about.st_size);
    }
    if (fd >= 0)
        close(fd);
    return status;
}
