#include "capture/capture.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Whoever ran sudo; else the user made for owning nothing. */
static const struct passwd *
find_user(const char *user)
{
    const char *sudo_user = getenv("SUDO_USER");
    const struct passwd *found;

    if (user != NULL)
        return getpwnam(user);
    found = sudo_user != NULL ? getpwnam(sudo_user) : NULL;
    return found != NULL && found->pw_uid != 0 ? found : getpwnam("nobody");
}

/* Groups first: once the user is an ordinary one they cannot be changed. */
static bool
become(const struct passwd *user)
{
    return setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 && setuid(user->pw_uid) == 0;
}

static bool
could_go_back(const struct passwd *user)
{
    return setuid(0) == 0 || seteuid(0) == 0 || setgid(0) == 0 || getuid() != user->pw_uid ||
           geteuid() != user->pw_uid || getgid() != user->pw_gid || getegid() != user->pw_gid;
}

enum rnet_status
rnet_privileges_drop(const char *user, struct rnet_error *err)
{
    const struct passwd *target;

    if (geteuid() == 0) {
        errno = 0;
        target = find_user(user);
        if (target == NULL)
            return rnet_error_set(err, RNET_ENOTFOUND, "no user \"%s\" to run as",
                                  user != NULL ? user : "nobody");
        if (target->pw_uid == 0)
            return rnet_error_set(err, RNET_EINVAL, "user \"%s\" is root", target->pw_name);
        if (!become(target))
            return rnet_error_set(err, RNET_EIO, "cannot become user \"%s\": %s", target->pw_name,
                                  strerror(errno));
        if (could_go_back(target))
            return rnet_error_set(err, RNET_EIO,
                                  "root rights could be regained after becoming \"%s\"",
                                  target->pw_name);
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return rnet_error_set(err, RNET_EIO, "cannot forbid new rights: %s", strerror(errno));
    return RNET_OK;
}
