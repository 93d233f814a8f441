/* SPDX-License-Identifier: Apache-2.0 */
/* Where irsa-fix keeps what it has to remember, and who and when it is. */
#include "apply/state.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* https://specifications.freedesktop.org/basedir-spec/latest/: "All paths set in these environment
 * variables must be absolute. If an implementation encounters a relative path in any of these
 * variables it should consider the path invalid and ignore it." XDG_STATE_HOME's default is
 * $HOME/.local/state. */
char *irsa_state_directory(const char *xdg_state_home, const char *home, struct irsa_error **reterr)
{
    if (xdg_state_home && *xdg_state_home == '/')
        return irsa_format("%s/irsa-fix", xdg_state_home);
    if (home && *home == '/')
        return irsa_format("%s/.local/state/irsa-fix", home);
    (void)irsa_fail(reterr, IRSA_E_IO, "there is no place for the journal: HOME is not set%s",
                    xdg_state_home && *xdg_state_home ? ", and XDG_STATE_HOME is no absolute path"
                                                      : "");
    (void)irsa_hint(reterr, "set XDG_STATE_HOME to a directory for it; nothing was changed");
    return NULL;
}

char *irsa_run_path(const char *state_directory, const char *id)
{
    return irsa_format("%s/runs/%s.jsonl", state_directory, id);
}

/* --- directories ------------------------------------------------------------------------------ */

int irsa_sync_directory(const char *path)
{
    irsa_autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    return fsync(fd) != 0 && errno != EINVAL ? -1 : 0;
}

static int make_one(const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        errno = ENOTDIR;
        return S_ISDIR(st.st_mode) ? 0 : -1;
    }
    /* Two that begin at once both get here. */
    return mkdir(path, 0700) != 0 && errno != EEXIST ? -1 : 0;
}

int irsa_state_mkdir(const char *state_directory, const char *name, struct irsa_error **reterr)
{
    irsa_autofree char *path = irsa_format("%s/%s", state_directory, name);
    for (char *p = path + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char saved = *p;
        *p = '\0';
        if (make_one(path) != 0) {
            (void)irsa_fail(reterr, IRSA_E_IO, "%s: the journal's directory cannot be made: %s",
                            path, strerror(errno));
            return irsa_hint(reterr, "set XDG_STATE_HOME to a directory that can be written to; "
                                     "nothing was changed");
        }
        *p = saved;
        if (!saved)
            return 0;
    }
}

/* --- who and when ----------------------------------------------------------------------------- */

char *irsa_time_now(void)
{
    char text[32];
    struct tm tm;
    time_t now = time(NULL);
    if (!gmtime_r(&now, &tm) || strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        return irsa_strdup("?");
    return irsa_strdup(text);
}

char *irsa_run_id_new(void)
{
    char text[32];
    struct tm tm = {0};
    struct timespec now = {0};
    uint32_t chance = 0;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    (void)gmtime_r(&now.tv_sec, &tm);
    (void)strftime(text, sizeof(text), "%Y%m%d-%H%M%S", &tm);
    if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
        chance = (uint32_t)getpid();
    return irsa_format("%s-%03lx%05x", text, (unsigned long)now.tv_nsec / 1000000,
                       (unsigned)(chance & 0xfffffU));
}

char *irsa_user_name(void)
{
    struct passwd entry;
    struct passwd *found = NULL;
    char space[4096];
    if (getpwuid_r(geteuid(), &entry, space, sizeof(space), &found) == 0 && found
        && irsa_utf8_valid(found->pw_name, strlen(found->pw_name), &(size_t){0}))
        return irsa_strdup(found->pw_name);
    return irsa_format("uid %lu", (unsigned long)geteuid());
}

char *irsa_host_name(void)
{
    char name[256] = "";
    if (gethostname(name, sizeof(name) - 1) != 0 || !*name
        || !irsa_utf8_valid(name, strlen(name), &(size_t){0}))
        return irsa_strdup("?");
    return irsa_strdup(name);
}
