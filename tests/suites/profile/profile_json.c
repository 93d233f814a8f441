/* SPDX-License-Identifier: Apache-2.0 */
#include "profile_json.h"

static json_t *entry_json(const struct irsa_aws_entry *entry, bool as_cli)
{
    if (entry->is_block) {
        json_t *block = json_object();
        for (size_t i = 0; i < entry->block_len; i++)
            (void)json_object_set_new(block, entry->block[i].key,
                                      entry_json(&entry->block[i], as_cli));
        return block;
    }
    bool has_comment = entry->plain && strcmp(entry->key, "credential_process") != 0;
    return json_string(has_comment && !as_cli ? entry->plain : entry->value);
}

static void add_entries(json_t *into, const struct irsa_aws_section *section, bool as_cli)
{
    for (size_t i = 0; section && i < section->len; i++)
        (void)json_object_set_new(into, section->entries[i].key,
                                  entry_json(&section->entries[i], as_cli));
}

static void add_section(json_t *into, const struct irsa_aws_ini *ini,
                        const struct irsa_aws_section *section, bool as_cli)
{
    if (!section)
        return;
    add_entries(into, &ini->defaults, as_cli);
    add_entries(into, section, as_cli);
}

/* Every name of the config file's sections in one of the maps. */
static json_t *named(const struct irsa_aws_files *files,
                     const struct irsa_aws_section *(*find)(const struct irsa_aws_files *,
                                                            const char *),
                     const char *const *names, size_t count, bool as_cli)
{
    json_t *all = json_object();
    for (size_t i = 0; i < count; i++) {
        const struct irsa_aws_section *section = find(files, names[i]);
        json_t *values = json_object();
        add_section(values, &files->config, section, as_cli);
        if (section)
            (void)json_object_set_new(all, names[i], values);
        else
            json_decref(values);
    }
    return all;
}

/* The last word of every section, quotes off: what names may be. */
static void candidates(const struct irsa_aws_files *files, struct irsa_strings *ret)
{
    for (size_t i = 0; i < files->config.len; i++) {
        const char *name = files->config.sections[i].name;
        for (const char *p = name; *p; p++) {
            irsa_auto_buf rest = {0};
            for (const char *c = p; *c; c++) {
                if (*c != '"' && *c != '\'' && *c != '\\')
                    irsa_buf_addc(&rest, *c);
            }
            irsa_autofree char *trimmed = irsa_trim(irsa_buf_str(&rest));
            irsa_strings_add(ret, trimmed);
        }
    }
}

json_t *profile_json(const struct irsa_aws_files *files, bool as_cli)
{
    irsa_auto_strings names = {0};
    candidates(files, &names);
    json_t *profiles = json_object();
    for (size_t i = 0; i < files->names.len; i++) {
        struct irsa_aws_profile profile;
        json_t *values = json_object();
        if (!irsa_aws_profile_find(files, files->names.items[i], &profile))
            abort();
        add_section(values, &files->config, profile.config, as_cli);
        add_section(values, &files->credentials, profile.credentials, as_cli);
        (void)json_object_set_new(profiles, profile.name, values);
    }
    const char *const *items = (const char *const *)names.items;
    return json_pack("{s:o, s:o, s:o}", "profiles", profiles, "sso_sessions",
                     named(files, irsa_aws_sso_session, items, names.len, as_cli), "services",
                     named(files, irsa_aws_services, items, names.len, as_cli));
}
