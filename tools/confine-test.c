/* --test-sandbox: whether what must be refused is refused, from where a capture is analysed. */
#include "commands.h"
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each yields whether the kernel let it happen. */

static bool
can_read_a_file(void)
{
    const int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static bool
can_make_a_file(void)
{
    static const char name[] = "/var/tmp/netsuff-sandbox-test";
    const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0) {
        close(fd);
        unlink(name);
    }
    return fd >= 0;
}

static bool
can_make_a_socket(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Does not come back when it can: only for a child. */
static bool
can_start_a_program(void)
{
    char name[] = "/bin/true";
    char *arguments[] = {name, NULL};

    execv(name, arguments);
    return false;
}

static const struct attempt {
    const char *what;
    bool (*can)(void);
} attempts[] = {
    {"read a file", can_read_a_file},
    {"make a file elsewhere", can_make_a_file},
    {"make a socket", can_make_a_socket},
};

static bool
try_all(const char *where)
{
    bool refused = true;

    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        const bool can = attempts[i].can();

        complain("sandbox: %s, %s: %s", where, attempts[i].what,
                 can ? "ALLOWED" : strerror(errno));
        refused = refused && !can;
    }
    return refused;
}

static void *
try_in_thread(void *refused)
{
    *(bool *)refused = try_all("thread");
    return NULL;
}

/* The child ends with 7 when it could start nothing and do nothing else either. */
static bool
try_in_child(void)
{
    const pid_t child = fork();
    int status = 0;

    if (child == 0) {
        const bool refused = try_all("child");

        can_start_a_program();
        complain("sandbox: child, start a program: %s", strerror(errno));
        _exit(refused ? 7 : 0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
        complain("sandbox: child, start a program: ALLOWED");
    return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

bool
confine_test(const struct confinement *confinement)
{
    bool process, thread_refused = false, child;
    pthread_t thread;

    process = try_all("process");
    if (pthread_create(&thread, NULL, try_in_thread, &thread_refused) == 0)
        pthread_join(thread, NULL);
    child = try_in_child();
    complain("sandbox: %s", confinement->words);
    return process && thread_refused && child;
}
