/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/intent.h"

#include "intent/ini.h"

/* What stands in the file already for this service account, and what is to be added. */
struct saver {
    const char *name;
    const struct irsa_ini *ini;
    size_t section_line; /* 0: the section is new */
    const char *line_end;
    struct irsa_buf added;
};

static size_t find_section(const struct irsa_ini *ini, const struct irsa_wish *wish)
{
    irsa_autofree char *quoted =
        irsa_format("serviceaccount \"%s/%s\"", wish->namespace_, wish->service_account);
    irsa_autofree char *plain =
        irsa_format("serviceaccount %s/%s", wish->namespace_, wish->service_account);
    for (size_t i = 0; i < ini->section_count; i++) {
        const char *name = ini->sections[i].name;
        if (strcmp(name, quoted) == 0 || strcmp(name, plain) == 0)
            return ini->sections[i].line;
    }
    return 0;
}

static void add_line(struct saver *saver, const char *key, const char *value)
{
    irsa_autofree char *quoted = irsa_ini_quote(value);
    irsa_buf_addf(&saver->added, "%s = %s%s", key, quoted, saver->line_end);
}

static const struct irsa_ini_entry *find_entry(const struct saver *saver, const char *key,
                                               const char *value)
{
    for (size_t i = 0; i < saver->ini->len; i++) {
        const struct irsa_ini_entry *entry = &saver->ini->entries[i];
        if (entry->section_line == saver->section_line && strcmp(entry->key, key) == 0
            && (!value || strcmp(entry->value, value) == 0))
            return entry;
    }
    return NULL;
}

/* A key that may stand once. */
static int save_text(struct saver *saver, const char *key, const char *value,
                     struct irsa_error **reterr)
{
    if (!value)
        return 0;
    const struct irsa_ini_entry *entry = saver->section_line ? find_entry(saver, key, NULL) : NULL;
    if (!entry) {
        add_line(saver, key, value);
        return 0;
    }
    if (strcmp(entry->value, value) == 0)
        return 0;
    irsa_fail(reterr, IRSA_E_USAGE, "%s:%zu: says %s = %s, the command line says %s", saver->name,
              entry->line, key, entry->value, value);
    return irsa_hint(reterr, "change that line, or leave the option out");
}

static void save_strings(struct saver *saver, const char *key, const struct irsa_strings *values)
{
    for (size_t i = 0; i < values->len; i++) {
        if (!saver->section_line || !find_entry(saver, key, values->items[i]))
            add_line(saver, key, values->items[i]);
    }
}

/* `tags = a=b, c=d`: true when some line has the pair; *ret_other is set where the key has another
 * value. */
static bool has_pair(const struct saver *saver, const char *key, const char *pair_key,
                     const char *pair_value, const struct irsa_ini_entry **ret_other)
{
    for (size_t i = 0; saver->section_line && i < saver->ini->len; i++) {
        const struct irsa_ini_entry *entry = &saver->ini->entries[i];
        if (entry->section_line != saver->section_line || strcmp(entry->key, key) != 0)
            continue;
        irsa_autofree char *copy = irsa_strdup(entry->value);
        char *rest = NULL;
        for (char *part = strtok_r(copy, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
            char *equals = strchr(part, '=');
            if (!equals)
                continue;
            *equals = '\0';
            irsa_autofree char *found_key = irsa_trim(part);
            irsa_autofree char *found_value = irsa_trim(equals + 1);
            if (strcmp(found_key, pair_key) != 0)
                continue;
            if (strcmp(found_value, pair_value) == 0)
                return true;
            *ret_other = entry;
        }
    }
    return false;
}

static int save_pairs(struct saver *saver, const char *key, const json_t *pairs,
                      struct irsa_error **reterr)
{
    const char *pair_key;
    json_t *value;
    json_object_foreach((json_t *)pairs, pair_key, value)
    {
        const struct irsa_ini_entry *other = NULL;
        const char *text = json_string_value(value);
        if (has_pair(saver, key, pair_key, text, &other))
            continue;
        if (other) {
            irsa_fail(reterr, IRSA_E_USAGE, "%s:%zu: %s has another value for \"%s\" than \"%s\"",
                      saver->name, other->line, key, pair_key, text);
            return irsa_hint(reterr, "change that line, or leave the option out");
        }
        irsa_autofree char *line = irsa_format("%s=%s", pair_key, text);
        add_line(saver, key, line);
    }
    return 0;
}

static int save_keys(struct saver *saver, const struct irsa_wish *wish, struct irsa_error **reterr)
{
    const struct irsa_role_settings *settings = &wish->settings;
    irsa_autofree char *session =
        settings->max_session ? irsa_format("%lld", (long long)settings->max_session) : NULL;
    if (save_text(saver, "role", wish->role, reterr) != 0
        || save_text(saver, "audience", wish->audience, reterr) != 0
        || save_text(saver, "path", settings->path, reterr) != 0
        || save_text(saver, "description", settings->description, reterr) != 0
        || save_text(saver, "permissions-boundary", settings->boundary, reterr) != 0
        || save_text(saver, "max-session-duration", session, reterr) != 0
        || save_pairs(saver, "tags", settings->tags, reterr) != 0
        || save_pairs(saver, "labels", wish->labels, reterr) != 0)
        return -1;
    save_strings(saver, "policy-arn", &settings->policy_arns);
    save_strings(saver, "policy-file", &settings->policy_file_names);
    irsa_auto_strings needs = {0};
    for (size_t i = 0; i < wish->need_count; i++)
        irsa_strings_take(&needs,
                          irsa_format("%s %s", wish->needs[i].action, wish->needs[i].resource));
    save_strings(saver, "needs", &needs);
    if (wish->create_namespace)
        return save_text(saver, "create-namespace", "true", reterr);
    return 0;
}

/* The byte after line `line` (from 1), its line end included. */
static size_t end_of_line(const char *text, size_t len, size_t line)
{
    size_t at = 0;
    for (; line > 0 && at < len; line--) {
        const char *newline = memchr(text + at, '\n', len - at);
        at = newline ? (size_t)(newline - text) + 1 : len;
    }
    return at;
}

static size_t last_line_of_section(const struct saver *saver)
{
    size_t line = saver->section_line;
    for (size_t i = 0; i < saver->ini->len; i++) {
        if (saver->ini->entries[i].section_line == saver->section_line)
            line = saver->ini->entries[i].line;
    }
    return line;
}

static void write_result(const struct saver *saver, const char *text, size_t len,
                         const struct irsa_wish *wish, struct irsa_buf *ret)
{
    size_t at = saver->section_line ? end_of_line(text, len, last_line_of_section(saver)) : len;
    irsa_buf_add(ret, text, at);
    bool open_line = at > 0 && text[at - 1] != '\n';
    if (open_line)
        irsa_buf_adds(ret, saver->line_end);
    if (!saver->section_line)
        irsa_buf_addf(ret, "%s[serviceaccount \"%s/%s\"]%s", at > 0 ? saver->line_end : "",
                      wish->namespace_, wish->service_account, saver->line_end);
    irsa_buf_adds(ret, irsa_buf_str(&saver->added));
    irsa_buf_add(ret, text + at, len - at);
}

int irsa_intent_save_wish(const char *name, const char *text, const struct irsa_wish *wish,
                          struct irsa_buf *ret, struct irsa_error **reterr)
{
    size_t len = strlen(text);
    irsa_auto_ini ini = {0};
    if (irsa_ini_parse(name, text, len, &ini, reterr) != 0)
        return -1;
    struct saver saver = {
        .name = name,
        .ini = &ini,
        .section_line = find_section(&ini, wish),
        .line_end = strstr(text, "\r\n") ? "\r\n" : "\n",
    };
    int result = save_keys(&saver, wish, reterr);
    bool nothing_new = saver.section_line && saver.added.len == 0;
    if (result == 0 && nothing_new)
        irsa_buf_add(ret, text, len);
    else if (result == 0)
        write_result(&saver, text, len, wish, ret);
    irsa_buf_done(&saver.added);
    return result;
}
