/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/explain.h"

#include "irsa/symptom.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 18)

/* The name in the same directory that was most likely meant; NULL: none. The caller's. */
static char *nearest_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    irsa_autofree char *folder =
        slash ? irsa_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : irsa_strdup(".");
    DIR *directory = opendir(folder);
    if (!directory)
        return NULL;
    irsa_auto_strings names = {0};
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL && names.len < 10000;) {
        if (entry->d_name[0] != '.')
            irsa_strings_add(&names, entry->d_name);
    }
    (void)closedir(directory);
    irsa_strings_sort(&names);
    const char *nearest = irsa_nearest(name, (const char *const *)names.items, names.len);
    return nearest ? irsa_format("%.*s%s", (int)(name - path), path, nearest) : NULL;
}

static int fail_open(const char *path, int number, struct irsa_error **reterr)
{
    irsa_fail(reterr, number == ENOENT ? IRSA_E_NOT_FOUND : IRSA_E_IO, "%s: %s", path,
              strerror(number));
    irsa_autofree char *nearest = number == ENOENT ? nearest_file(path) : NULL;
    if (nearest)
        return irsa_hint(reterr, "did you mean %s? - reads standard input", nearest);
    return irsa_hint(reterr, "name a log, or - for standard input: kubectl logs POD | irsa-fix "
                             "explain --from-log -");
}

static int read_all(int fd, const char *name, struct irsa_symptoms *symptoms,
                    struct irsa_error **reterr)
{
    irsa_autofree char *piece = irsa_calloc(PIECE, 1);
    for (;;) {
        const ssize_t got = read(fd, piece, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return irsa_fail(reterr, IRSA_E_IO, "%s: cannot read: %s", name, strerror(errno));
        if (got == 0)
            break;
        irsa_symptoms_feed(symptoms, piece, (size_t)got);
    }
    irsa_symptoms_end(symptoms);
    return 0;
}

static int read_log(const char *path, struct irsa_symptoms *symptoms, struct irsa_error **reterr)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, "standard input", symptoms, reterr);
    irsa_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0)
        return fail_open(path, errno, reterr);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        return fail_open(path, EISDIR, reterr);
    return read_all(fd, path, symptoms, reterr);
}

int irsa_explain_log(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    const char *path = irsa_option_value(arguments, IRSA_OPTION_FROM_LOG);
    irsa_auto_symptoms symptoms = irsa_symptoms_new();
    if (read_log(path, symptoms, reterr) != 0)
        return -1;
    json_auto_t *document = irsa_symptoms_json(symptoms, strcmp(path, "-") == 0 ? NULL : path);
    return irsa_write_report(arguments, IRSA_REPORT_SYMPTOMS, document, NULL, reterr);
}
