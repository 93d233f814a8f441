/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, size_t size, size_t max, struct irsa_buf *buf, const char *path,
                    struct irsa_error **reterr)
{
    buf->data = irsa_realloc(buf->data, size + 1);
    buf->cap = size + 1;
    for (;;) {
        if (buf->len + 1 >= buf->cap) {
            char probe;
            ssize_t more = read(fd, &probe, 1);
            if (more == 0)
                break;
            if (more < 0 && errno == EINTR)
                continue;
            if (more < 0)
                return irsa_fail(reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
            if (buf->len >= max)
                return irsa_fail(reterr, IRSA_E_LIMIT, "%s: larger than %zu bytes", path, max);
            irsa_buf_addc(buf, probe); /* the file grew while it was read */
            continue;
        }
        ssize_t n = read(fd, buf->data + buf->len, buf->cap - 1 - buf->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return irsa_fail(reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
        if (n == 0)
            break;
        buf->len += (size_t)n;
    }
    buf->data[buf->len] = '\0';
    return 0;
}

int irsa_file_read(const char *path, size_t max, struct irsa_buf *ret, struct irsa_error **reterr)
{
    /* O_NONBLOCK: opening a pipe without a writer must not hang. */
    irsa_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
    struct stat st;
    if (fstat(fd, &st) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return irsa_fail(reterr, IRSA_E_IO, "%s: not a regular file", path);
    if ((size_t)st.st_size > max)
        return irsa_fail(reterr, IRSA_E_LIMIT, "%s: larger than %zu bytes", path, max);
    irsa_auto_buf buf = {0};
    if (read_all(fd, (size_t)st.st_size, max, &buf, path, reterr) != 0)
        return -1;
    *ret = buf;
    buf = (struct irsa_buf){0};
    return 0;
}

int irsa_write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* Mode and owner as the old file has them; a new file gets new_mode less the umask. */
static int copy_mode(int fd, const char *path, mode_t new_mode)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        mode_t mask = umask(0);
        (void)umask(mask);
        return fchmod(fd, new_mode & ~mask);
    }
    if (st.st_uid != geteuid() || st.st_gid != getegid())
        (void)!fchown(fd, st.st_uid, st.st_gid); /* kept where the caller may */
    return fchmod(fd, st.st_mode & 07777);
}

static int sync_directory(const char *dir)
{
    irsa_autoclose int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    /* Some file systems can't sync a directory: EINVAL there is no loss of data. */
    return fsync(fd) != 0 && errno != EINVAL ? -1 : 0;
}

int irsa_file_replace(const char *path, const char *data, size_t len, mode_t new_mode,
                      struct irsa_error **reterr)
{
    struct stat st;
    /* rename would put a file in the place of a device or a pipe. */
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return irsa_fail(reterr, IRSA_E_IO, "%s: not a regular file", path);
    irsa_autofree char *copy = irsa_strdup(path);
    const char *dir = dirname(copy);
    irsa_autofree char *temporary = irsa_format("%s/.irsa-fix.XXXXXX", dir);
    irsa_autoclose int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: cannot create a temporary file beside it: %s",
                         path, strerror(errno));
    if (irsa_write_all(fd, data, len) != 0 || copy_mode(fd, path, new_mode) != 0 || fsync(fd) != 0
        || rename(temporary, path) != 0) {
        int saved = errno;
        (void)unlink(temporary);
        return irsa_fail(reterr, IRSA_E_IO, "%s: cannot write: %s", path, strerror(saved));
    }
    if (sync_directory(dir) != 0)
        return irsa_fail(reterr, IRSA_E_IO,
                         "%s: written, but its directory could not be synced: %s", path,
                         strerror(errno));
    return 0;
}

/* 0 when the directory was made or is there already. */
static int make_directory(const char *path)
{
    struct stat st;
    if (mkdir(path, 0777) == 0)
        return 0;
    if (errno != EEXIST)
        return -1;
    if (stat(path, &st) != 0)
        return -1;
    errno = ENOTDIR;
    return S_ISDIR(st.st_mode) ? 0 : -1;
}

int irsa_mkdir_parents(const char *path, struct irsa_error **reterr)
{
    irsa_autofree char *copy = irsa_strdup(path);
    for (char *p = copy + 1;; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char saved = *p;
        *p = '\0';
        if (make_directory(copy) != 0)
            return irsa_fail(reterr, IRSA_E_IO, "%s: cannot create directory: %s", copy,
                             strerror(errno));
        *p = saved;
        if (!saved)
            return 0;
    }
}

void irsa_sha256_hex(const void *data, size_t len, char ret_hex[65])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int digest_len = 0;
    if (EVP_Digest(data, len, digest, &digest_len, EVP_sha256(), NULL) != 1 || digest_len != 32)
        abort();
    for (size_t i = 0; i < 32; i++)
        (void)snprintf(ret_hex + 2 * i, 3, "%02x", digest[i]);
}
