/* SPDX-License-Identifier: Apache-2.0 */
/* What was read live, written as a captured world (docs/captured-worlds.md). */
#include "world/live.h"
#include "world/redact.h"

#include "world/captured.h"

#include <dirent.h>
#include <errno.h>

/* With number and extension it stays below the 255 bytes that file systems give a name. */
#define NAME_MAX_LEN 200

static int check_empty(const char *directory, struct irsa_error **reterr)
{
    DIR *dir = opendir(directory);
    if (!dir && errno == ENOENT)
        return 0;
    if (!dir)
        return irsa_fail(reterr, IRSA_E_IO, "%s: %s", directory, strerror(errno));
    bool empty = true;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    (void)closedir(dir);
    if (empty)
        return 0;
    (void)irsa_fail(reterr, IRSA_E_IO, "%s: something is in it already", directory);
    return irsa_hint(reterr, "name a directory that is empty or does not exist");
}

/* "iam:GetRole app" becomes "iam/GetRole-app.json"; the caller's. */
static char *file_of(const char *name, struct irsa_map *used)
{
    size_t service = strcspn(name, ":");
    irsa_autofree char *directory = irsa_strndup(name, service);
    irsa_autofree char *rest = irsa_strdup(name[service] ? name + service + 1 : name);
    irsa_autofree char *part = irsa_file_part(rest + strspn(rest, " "));
    for (char *p = part; *p; p++)
        *p = *p == ' ' || *p == '*' || *p == '?' ? '-' : *p;
    for (unsigned number = 1;; number++) {
        irsa_autofree char *file =
            number == 1 ? irsa_format("%s/%.*s.json", directory, NAME_MAX_LEN, part)
                        : irsa_format("%s/%.*s-%u.json", directory, NAME_MAX_LEN, part, number);
        if (irsa_map_put(used, file, 1))
            return irsa_steal(&file);
    }
}

static int write_document(const char *directory, const char *file, const json_t *content,
                          struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    irsa_autofree char *path = irsa_format("%s/%s", directory, file);
    irsa_autofree char *folder = irsa_strndup(path, (size_t)(strrchr(path, '/') - path));
    irsa_json_write(content, &text);
    if (irsa_mkdir_parents(folder, reterr) != 0)
        return -1;
    return irsa_file_replace(path, irsa_buf_str(&text), text.len, 0666, reterr);
}

static int write_all(const struct live *live, const struct redaction *redaction,
                     const char *directory, struct irsa_error **reterr)
{
    irsa_auto_map used = {0};
    for (size_t i = 0; i < live->document_count; i++) {
        const struct live_document *document = &live->documents[i];
        irsa_autofree char *name =
            redaction ? irsa_redact_text(redaction, document->name) : irsa_strdup(document->name);
        irsa_autofree char *file = file_of(name, &used);
        json_auto_t *content =
            redaction ? irsa_redact(redaction, document->content) : json_incref(document->content);
        if (write_document(directory, file, content, reterr) != 0)
            return -1;
    }
    return 0;
}

int irsa_live_snapshot(const struct irsa_world *world, const char *directory, bool redact,
                       struct irsa_error **reterr)
{
    const struct live *live = (const struct live *)world;
    struct redaction redaction = {0};
    if (check_empty(directory, reterr) != 0)
        return -1;
    for (size_t i = 0; redact && i < live->document_count; i++)
        irsa_redaction_learn(&redaction, live->documents[i].content);
    int r = write_all(live, redact ? &redaction : NULL, directory, reterr);
    irsa_redaction_done(&redaction);
    return r;
}
