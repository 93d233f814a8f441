/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/config.h"

#include "intent/check.h"
#include "intent/ini.h"

#include <unistd.h>

#define CONFIG_NAME "irsa-fix.ini"
#define CONFIG_MAX_BYTES ((size_t)4 << 20)

static const char *const section_names[IRSA_CONFIG_SECTION_MAX_] = {
    [IRSA_CONFIG_CLUSTER] = "cluster",
    [IRSA_CONFIG_DEFAULTS] = "defaults",
    [IRSA_CONFIG_ACCOUNT] = "account",
    [IRSA_CONFIG_SERVICE_ACCOUNT] = "serviceaccount",
};

struct reader {
    const char *path;
    struct irsa_config_target target;
    enum irsa_config_section section;
    size_t section_line;
    struct irsa_map sections; /* section as written -> line */
    struct irsa_map keys;     /* keys of this section -> line */
};

/* `account "222222222222"` -> account and 222222222222; NULL label where none is given. */
static void split_section(const char *text, char **ret_name, char **ret_label)
{
    size_t len = strcspn(text, " \t\"");
    *ret_name = irsa_strndup(text, len);
    irsa_autofree char *rest = irsa_trim(text + len);
    size_t rest_len = strlen(rest);
    if (rest_len == 0)
        return;
    bool quoted = rest_len >= 2 && rest[0] == '"' && rest[rest_len - 1] == '"';
    *ret_label = quoted ? irsa_strndup(rest + 1, rest_len - 2) : irsa_strdup(rest);
}

static int find_section(const char *name, enum irsa_config_section *ret, struct irsa_error **reterr)
{
    for (size_t i = 0; i < IRSA_CONFIG_SECTION_MAX_; i++) {
        if (strcmp(section_names[i], name) == 0) {
            *ret = (enum irsa_config_section)i;
            return 0;
        }
    }
    irsa_fail(reterr, IRSA_E_PARSE, "unknown section [%s]", name);
    const char *nearest = irsa_nearest(name, section_names, IRSA_CONFIG_SECTION_MAX_);
    if (nearest)
        return irsa_hint(reterr, "did you mean [%s]?", nearest);
    return irsa_hint(reterr, "there are [cluster], [defaults], [account \"ID\"] and "
                             "[serviceaccount \"NAMESPACE/NAME\"]");
}

static int open_account(struct reader *reader, const char *label, struct irsa_error **reterr)
{
    if (!label) {
        irsa_fail(reterr, IRSA_E_PARSE, "section [account] names no account");
        return irsa_hint(reterr, "write it as [account \"222222222222\"]");
    }
    if (irsa_check_account_id(label, reterr) != 0)
        return -1;
    struct irsa_intent *intent = reader->target.intent;
    intent->accounts =
        irsa_grow(intent->accounts, intent->account_count, sizeof(*intent->accounts));
    reader->target.account = &intent->accounts[intent->account_count++];
    *reader->target.account = (struct irsa_account){.id = irsa_strdup(label)};
    return 0;
}

static int open_service_account(struct reader *reader, const char *label,
                                struct irsa_error **reterr)
{
    const char *slash = label ? strchr(label, '/') : NULL;
    if (!slash) {
        irsa_fail(reterr, IRSA_E_PARSE, "section [serviceaccount%s%s%s] names no NAMESPACE/NAME",
                  label ? " \"" : "", label ? label : "", label ? "\"" : "");
        return irsa_hint(reterr, "write it as [serviceaccount \"NAMESPACE/NAME\"]");
    }
    irsa_autofree char *namespace_ = irsa_strndup(label, (size_t)(slash - label));
    if (irsa_check_namespace(namespace_, reterr) != 0
        || irsa_check_service_account(slash + 1, reterr) != 0)
        return -1;
    irsa_autofree char *origin = irsa_format("%s:%zu", reader->path, reader->section_line);
    reader->target.wish =
        irsa_intent_add_wish(reader->target.intent, namespace_, slash + 1, origin);
    reader->target.settings = &reader->target.wish->settings;
    return 0;
}

static int open_section(struct reader *reader, const char *text, struct irsa_error **reterr)
{
    irsa_autofree char *name = NULL;
    irsa_autofree char *label = NULL;
    split_section(text, &name, &label);
    if (find_section(name, &reader->section, reterr) != 0)
        return -1;
    irsa_map_done(&reader->keys);
    reader->keys = (struct irsa_map){0};
    irsa_autofree char *id = irsa_format("%s \"%s\"", name, label ? label : "");
    if (!irsa_map_put(&reader->sections, id, reader->section_line)) {
        irsa_fail(reterr, IRSA_E_PARSE, "section [%s] again, it stands on line %zu already", text,
                  irsa_map_get(&reader->sections, id));
        return irsa_hint(reterr, "put all of it into one section");
    }
    if (reader->section == IRSA_CONFIG_ACCOUNT)
        return open_account(reader, label, reterr);
    if (reader->section == IRSA_CONFIG_SERVICE_ACCOUNT)
        return open_service_account(reader, label, reterr);
    if (label)
        return irsa_fail(reterr, IRSA_E_PARSE, "section [%s] takes no name, found \"%s\"", name,
                         label);
    reader->target.settings = &reader->target.intent->defaults;
    return 0;
}

static int unknown_key(const struct reader *reader, const char *key, struct irsa_error **reterr)
{
    const char *candidates[64];
    size_t count = 0;
    const char *elsewhere = NULL;
    for (size_t i = 0; i < irsa_config_key_count; i++) {
        if (irsa_config_keys[i].section == reader->section)
            candidates[count++] = irsa_config_keys[i].name;
        else if (strcmp(irsa_config_keys[i].name, key) == 0)
            elsewhere = section_names[irsa_config_keys[i].section];
    }
    irsa_fail(reterr, IRSA_E_PARSE, "unknown key \"%s\" in [%s]", key,
              section_names[reader->section]);
    const char *nearest = irsa_nearest(key, candidates, count);
    if (elsewhere)
        return irsa_hint(reterr, "\"%s\" belongs to [%s]", key, elsewhere);
    if (nearest)
        return irsa_hint(reterr, "did you mean \"%s\"?", nearest);
    irsa_auto_strings all = {0};
    for (size_t i = 0; i < count; i++)
        irsa_strings_add(&all, candidates[i]);
    irsa_autofree char *list = irsa_strings_join(&all, ", ", " and ");
    return irsa_hint(reterr, "[%s] takes %s", section_names[reader->section], list);
}

static int read_key(struct reader *reader, const struct irsa_ini_entry *entry,
                    struct irsa_error **reterr)
{
    const struct irsa_config_key *found = NULL;
    for (size_t i = 0; i < irsa_config_key_count; i++) {
        const struct irsa_config_key *key = &irsa_config_keys[i];
        if (key->section == reader->section && strcmp(key->name, entry->key) == 0)
            found = key;
    }
    if (!found)
        return unknown_key(reader, entry->key, reterr);
    if (!found->repeatable && !irsa_map_put(&reader->keys, entry->key, entry->line)) {
        irsa_fail(reterr, IRSA_E_PARSE, "key \"%s\" again, it stands on line %zu already",
                  entry->key, irsa_map_get(&reader->keys, entry->key));
        return irsa_hint(reterr, "remove one of them");
    }
    if (found->set(&reader->target, entry->value, reterr) != 0)
        return irsa_wrap(reterr, "%s", entry->key);
    return 0;
}

/* What a value's check calls wrong usage is, in a file, wrong input. */
static int fail_at(const struct reader *reader, size_t line, struct irsa_error **reterr)
{
    enum irsa_error_kind kind = irsa_error_kind(*reterr);
    irsa_autofree char *message = irsa_strdup(irsa_error_message(*reterr));
    irsa_autofree char *hint =
        irsa_error_hint(*reterr) ? irsa_strdup(irsa_error_hint(*reterr)) : NULL;
    irsa_fail(reterr, kind == IRSA_E_USAGE ? IRSA_E_PARSE : kind, "%s:%zu: %s", reader->path, line,
              message);
    return hint ? irsa_hint(reterr, "%s", hint) : -1;
}

static int read_sections(struct reader *reader, const struct irsa_ini *ini,
                         struct irsa_error **reterr)
{
    size_t next = 0;
    if (ini->len > 0 && ini->entries[0].section_line == 0) {
        irsa_fail(reterr, IRSA_E_PARSE, "key \"%s\" stands before any section",
                  ini->entries[0].key);
        irsa_hint(reterr, "put it below [cluster], [defaults] or [serviceaccount \"NS/NAME\"]");
        return fail_at(reader, ini->entries[0].line, reterr);
    }
    for (size_t i = 0; i < ini->section_count; i++) {
        reader->section_line = ini->sections[i].line;
        if (open_section(reader, ini->sections[i].name, reterr) != 0)
            return fail_at(reader, reader->section_line, reterr);
        for (; next < ini->len && ini->entries[next].section_line == reader->section_line; next++) {
            if (read_key(reader, &ini->entries[next], reterr) != 0)
                return fail_at(reader, ini->entries[next].line, reterr);
        }
    }
    return 0;
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return irsa_strdup("");
    return slash == path ? irsa_strdup("/") : irsa_strndup(path, (size_t)(slash - path));
}

int irsa_config_parse(struct irsa_intent *intent, const char *path, const char *text, size_t len,
                      struct irsa_error **reterr)
{
    irsa_auto_ini ini = {0};
    if (irsa_ini_parse(path, text, len, &ini, reterr) != 0)
        return -1;
    irsa_autofree char *directory = directory_of(path);
    struct reader reader = {
        .path = path,
        .target = {.intent = intent, .directory = directory},
    };
    int result = read_sections(&reader, &ini, reterr);
    irsa_map_done(&reader.sections);
    irsa_map_done(&reader.keys);
    return result;
}

int irsa_intent_read_config(struct irsa_intent *intent, const char *path,
                            struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    if (irsa_file_read(path, CONFIG_MAX_BYTES, &text, reterr) != 0)
        return -1;
    irsa_auto_intent file = irsa_intent_new();
    if (irsa_config_parse(file, path, irsa_buf_str(&text), text.len, reterr) != 0)
        return -1;
    irsa_config_merge(intent, file);
    intent->config_file = irsa_strdup(path);
    return 0;
}

char *irsa_intent_find_config(const char *directory)
{
    irsa_autofree char *at = realpath(directory, NULL);
    if (!at)
        return NULL;
    bool here = strcmp(directory, ".") == 0;
    irsa_auto_buf up = {0}; /* "../../": how people would write it */
    for (;;) {
        irsa_autofree char *path = irsa_format("%s/" CONFIG_NAME, strcmp(at, "/") == 0 ? "" : at);
        if (access(path, F_OK) == 0)
            return here ? irsa_format("%s" CONFIG_NAME, irsa_buf_str(&up)) : irsa_steal(&path);
        char *slash = strrchr(at, '/');
        if (strcmp(at, "/") == 0 || !slash)
            return NULL;
        slash[slash == at ? 1 : 0] = '\0';
        irsa_buf_adds(&up, "../");
    }
}
