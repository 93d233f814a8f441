/* SPDX-License-Identifier: Apache-2.0 */
/* Where templates come from. */
#include "document/template.h"

#include <dirent.h>
#include <errno.h>

/* Larger than any template; IAM's largest policy has 10,240 characters. */
#define TEMPLATE_MAX_BYTES ((size_t)1 << 20)
extern const struct irsa_embedded irsa_builtin_templates[];

const char *const *irsa_template_names(void)
{
    /* The files that CMakeLists.txt has compiled in. */
    static const char *const names[] = {
        "namespace.yaml",       "oidc-provider.json", "permissions.json",  "role.json",
        "service-account.yaml", "test-pod.yaml",      "trust-policy.json", NULL,
    };
    return names;
}

struct irsa_template *irsa_template_find(const struct irsa_templates *templates, const char *name)
{
    for (size_t i = 0; i < templates->len; i++) {
        if (strcmp(templates->items[i].name, name) == 0)
            return &templates->items[i];
    }
    return NULL;
}

static struct irsa_templates *load_builtin(void)
{
    struct irsa_templates *templates = irsa_calloc(1, sizeof(*templates));
    for (const struct irsa_embedded *file = irsa_builtin_templates; file->name; file++) {
        templates->items = irsa_grow(templates->items, templates->len, sizeof(*templates->items));
        templates->items[templates->len++] =
            (struct irsa_template){.name = file->name,
                                   .origin = irsa_format("templates/%s", file->name),
                                   .text = irsa_strndup(file->text, file->len),
                                   .len = file->len};
    }
    return templates;
}

static int unknown_name(const char *dir, const char *name, struct irsa_error **reterr)
{
    const char *const *names = irsa_template_names();
    size_t count = 0;
    struct irsa_strings all = {0};
    for (; names[count]; count++)
        irsa_strings_add(&all, names[count]);
    irsa_autofree char *list = irsa_strings_join(&all, ", ", " and ");
    irsa_strings_done(&all);
    const char *nearest = irsa_nearest(name, names, count);
    irsa_fail(reterr, IRSA_E_PARSE, "%s/%s: not the name of a template", dir, name);
    if (nearest)
        return irsa_hint(reterr, "did you mean %s?", nearest);
    return irsa_hint(reterr, "the templates are %s", list);
}

static int override(struct irsa_templates *templates, const char *dir, const char *name,
                    struct irsa_error **reterr)
{
    struct irsa_template *item = irsa_template_find(templates, name);
    if (!item)
        return unknown_name(dir, name, reterr);
    irsa_autofree char *path = irsa_format("%s/%s", dir, name);
    irsa_auto_buf buf = {0};
    if (irsa_file_read(path, TEMPLATE_MAX_BYTES, &buf, reterr) != 0)
        return -1;
    free(item->text);
    free(item->origin);
    item->len = buf.len;
    item->text = irsa_buf_steal(&buf);
    item->origin = irsa_steal(&path);
    json_auto_t *document = irsa_template_read(item, reterr);
    return document ? 0 : -1;
}

static int list_files(const char *dir, struct irsa_strings *ret, struct irsa_error **reterr)
{
    DIR *stream = opendir(dir);
    if (!stream)
        return irsa_fail(reterr, IRSA_E_IO, "%s: %s", dir, strerror(errno));
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (!entry)
            break;
        if (entry->d_name[0] != '.')
            irsa_strings_add(ret, entry->d_name);
    }
    int saved = errno;
    (void)closedir(stream);
    irsa_strings_sort(ret);
    return saved ? irsa_fail(reterr, IRSA_E_IO, "%s: %s", dir, strerror(saved)) : 0;
}

static void templates_freep(struct irsa_templates **templates)
{
    irsa_templates_free(*templates);
}

int irsa_templates_load(const char *dir, struct irsa_templates **ret, struct irsa_error **reterr)
{
    IRSA_CLEANUP(templates_freep) struct irsa_templates *templates = load_builtin();
    irsa_auto_strings names = {0};
    if (dir && list_files(dir, &names, reterr) != 0)
        return -1;
    for (size_t i = 0; i < names.len; i++) {
        if (override(templates, dir, names.items[i], reterr) != 0)
            return -1;
    }
    *ret = irsa_steal(&templates);
    return 0;
}

void irsa_templates_free(struct irsa_templates *templates)
{
    if (!templates)
        return;
    for (size_t i = 0; i < templates->len; i++) {
        free(templates->items[i].origin);
        free(templates->items[i].text);
    }
    free(templates->items);
    free(templates);
}

const char *irsa_template_text(const struct irsa_templates *templates, const char *name)
{
    const struct irsa_template *item = irsa_template_find(templates, name);
    return item ? item->text : NULL;
}
