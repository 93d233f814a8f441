/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/profile.h"

#include "aws/shell_words.h"

#include <sys/stat.h>

/* The NAME of `[KIND NAME]`, the caller's; NULL where the section is of another kind or has more or
 * fewer words. As for the CLI, KIND is only what the section begins with. */
static char *name_of_kind(const char *section, const char *kind)
{
    irsa_auto_strings words = {0};
    if (!irsa_has_prefix(section, kind) || !irsa_shell_words(section, &words) || words.len != 2)
        return NULL;
    return irsa_strdup(words.items[1]);
}

/* The later of two sections of one name counts: so the last is put in first. */
static void index_config(struct irsa_aws_files *files)
{
    for (size_t i = files->config.len; i-- > 0;) {
        const char *section = files->config.sections[i].name;
        irsa_autofree char *profile = name_of_kind(section, "profile");
        irsa_autofree char *sso = profile ? NULL : name_of_kind(section, "sso-session");
        irsa_autofree char *services = profile ? NULL : name_of_kind(section, "services");
        if (profile)
            (void)irsa_map_put(&files->profiles, profile, i);
        else if (strcmp(section, "default") == 0)
            (void)irsa_map_put(&files->profiles, section, i);
        else if (sso)
            (void)irsa_map_put(&files->sso_sessions, sso, i);
        else if (services)
            (void)irsa_map_put(&files->services, services, i);
    }
    for (size_t i = 0; i < files->config.len; i++) {
        const char *section = files->config.sections[i].name;
        irsa_autofree char *profile = name_of_kind(section, "profile");
        const char *name = profile ? profile : section;
        if (irsa_map_get(&files->profiles, name) == i)
            irsa_strings_add(&files->names, name);
    }
}

static void index_credentials(struct irsa_aws_files *files)
{
    for (size_t i = 0; i < files->credentials.len; i++) {
        const char *name = files->credentials.sections[i].name;
        (void)irsa_map_put(&files->credential_profiles, name, i);
        if (irsa_map_get(&files->profiles, name) == IRSA_MAP_NONE)
            irsa_strings_add(&files->names, name);
    }
}

int irsa_aws_files_parse(const char *config_path, const struct irsa_buf *config,
                         const char *credentials_path, const struct irsa_buf *credentials,
                         struct irsa_aws_files *ret, struct irsa_error **reterr)
{
    irsa_auto_aws_files files = {.has_config = config != NULL,
                                 .has_credentials = credentials != NULL};
    if (irsa_aws_ini_parse(config_path, config ? irsa_buf_str(config) : "",
                           config ? config->len : 0, &files.config, reterr)
            != 0
        || irsa_aws_ini_parse(credentials_path, credentials ? irsa_buf_str(credentials) : "",
                              credentials ? credentials->len : 0, &files.credentials, reterr)
               != 0)
        return -1;
    index_config(&files);
    index_credentials(&files);
    *ret = files;
    files = (struct irsa_aws_files){0};
    return 0;
}

/* Whether there was a file to read. /dev/null is what people give to have none. */
static int read_file(const char *path, struct irsa_buf *ret, bool *ret_exists,
                     struct irsa_error **reterr)
{
    struct stat status;
    *ret_exists = stat(path, &status) == 0 && S_ISREG(status.st_mode);
    return *ret_exists ? irsa_file_read(path, IRSA_AWS_FILE_MAX, ret, reterr) : 0;
}

static void wipe(struct irsa_buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->len);
    irsa_buf_done(buf);
}

int irsa_aws_files_read(const char *config_path, const char *credentials_path,
                        struct irsa_aws_files *ret, struct irsa_error **reterr)
{
    IRSA_CLEANUP(wipe) struct irsa_buf config = {0};
    IRSA_CLEANUP(wipe) struct irsa_buf credentials = {0};
    bool has_config = false;
    bool has_credentials = false;
    if (read_file(config_path, &config, &has_config, reterr) != 0
        || read_file(credentials_path, &credentials, &has_credentials, reterr) != 0)
        return -1;
    return irsa_aws_files_parse(config_path, has_config ? &config : NULL, credentials_path,
                                has_credentials ? &credentials : NULL, ret, reterr);
}

void irsa_aws_files_done(struct irsa_aws_files *files)
{
    irsa_aws_ini_done(&files->config);
    irsa_aws_ini_done(&files->credentials);
    irsa_map_done(&files->profiles);
    irsa_map_done(&files->sso_sessions);
    irsa_map_done(&files->services);
    irsa_map_done(&files->credential_profiles);
    irsa_strings_done(&files->names);
    *files = (struct irsa_aws_files){0};
}

static const struct irsa_aws_section *section_at(const struct irsa_aws_ini *ini,
                                                 const struct irsa_map *map, const char *name)
{
    size_t at = irsa_map_get(map, name);
    return at == IRSA_MAP_NONE ? NULL : &ini->sections[at];
}

bool irsa_aws_profile_find(const struct irsa_aws_files *files, const char *name,
                           struct irsa_aws_profile *ret)
{
    *ret = (struct irsa_aws_profile){
        .name = name,
        .files = files,
        .config = section_at(&files->config, &files->profiles, name),
        .credentials = section_at(&files->credentials, &files->credential_profiles, name),
    };
    return ret->config || ret->credentials;
}

const struct irsa_aws_section *irsa_aws_sso_session(const struct irsa_aws_files *files,
                                                    const char *name)
{
    return section_at(&files->config, &files->sso_sessions, name);
}

const struct irsa_aws_section *irsa_aws_services(const struct irsa_aws_files *files,
                                                 const char *name)
{
    return section_at(&files->config, &files->services, name);
}

/* A section of the config file that its author may have meant as this profile, and the CLI doesn't
 * take for one: [NAME], [ profile NAME ], [profile two words]. */
static const struct irsa_aws_section *meant_as(const struct irsa_aws_files *files, const char *name)
{
    for (size_t i = 0; i < files->config.len; i++) {
        irsa_autofree char *section = irsa_trim(files->config.sections[i].name);
        const char *rest = section;
        if (irsa_has_prefix(section, "profile"))
            rest += strlen("profile");
        irsa_autofree char *said = irsa_trim(rest);
        if (strcmp(said, name) == 0)
            return &files->config.sections[i];
    }
    return NULL;
}

static int hint_missing(const struct irsa_aws_files *files, const char *name,
                        struct irsa_error **reterr)
{
    const struct irsa_aws_section *meant = meant_as(files, name);
    if (meant) {
        const char *quote = strpbrk(name, " \t") ? "\"" : "";
        return irsa_hint(reterr, "%s:%zu: write [%s%s%s%s] instead of [%.300s]", files->config.path,
                         meant->line, strcmp(name, "default") == 0 ? "" : "profile ", quote, name,
                         quote, meant->name);
    }
    irsa_autofree char *prefixed = irsa_format("profile %s", name);
    const struct irsa_aws_section *wrong =
        section_at(&files->credentials, &files->credential_profiles, prefixed);
    if (wrong)
        return irsa_hint(reterr,
                         "%s:%zu: write [%s] instead of [%s]: the credentials file has no "
                         "\"profile\" in its sections",
                         files->credentials.path, wrong->line, name, prefixed);
    const char *near =
        irsa_nearest(name, (const char *const *)files->names.items, files->names.len);
    if (near)
        return irsa_hint(reterr, "did you mean \"%s\"?", near);
    irsa_auto_strings some = {0};
    for (size_t i = 0; i < files->names.len && i < 12; i++)
        irsa_strings_add(&some, files->names.items[i]);
    irsa_autofree char *list =
        irsa_strings_join(&some, ", ", some.len < files->names.len ? ", " : " and ");
    if (files->names.len == 0)
        return irsa_hint(reterr, "there are no profiles yet; `aws configure` makes one");
    return irsa_hint(reterr, "there %s %s%s", files->names.len == 1 ? "is" : "are", list,
                     some.len < files->names.len ? ", ..." : "");
}

int irsa_aws_profile_missing(const struct irsa_aws_files *files, const char *name,
                             struct irsa_error **reterr)
{
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "profile \"%s\" is neither in %s%s nor in %s%s", name,
                    files->config.path, files->has_config ? "" : " (no such file)",
                    files->credentials.path, files->has_credentials ? "" : " (no such file)");
    return hint_missing(files, name, reterr);
}

static const struct irsa_aws_entry *entry_in(const struct irsa_aws_section *section,
                                             const char *key)
{
    for (size_t i = 0; section && i < section->len; i++) {
        if (strcmp(section->entries[i].key, key) == 0)
            return &section->entries[i];
    }
    return NULL;
}

const struct irsa_aws_entry *irsa_aws_section_entry(const struct irsa_aws_ini *ini,
                                                    const struct irsa_aws_section *section,
                                                    const char *key)
{
    const struct irsa_aws_entry *entry = entry_in(section, key);
    return entry || !section ? entry : entry_in(&ini->defaults, key);
}

const struct irsa_aws_entry *irsa_aws_profile_entry(const struct irsa_aws_profile *profile,
                                                    const char *key, const char **ret_path)
{
    const struct irsa_aws_files *files = profile->files;
    const struct irsa_aws_entry *entry =
        irsa_aws_section_entry(&files->credentials, profile->credentials, key);
    *ret_path = files->credentials.path;
    if (!entry) {
        entry = irsa_aws_section_entry(&files->config, profile->config, key);
        *ret_path = files->config.path;
    }
    return entry;
}

int irsa_aws_entry_text(const struct irsa_aws_entry *entry, const char *path, const char **ret,
                        struct irsa_error **reterr)
{
    *ret = NULL;
    if (!entry)
        return 0;
    if (entry->is_block || strchr(entry->value, '\n')) {
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s:%zu: %s has a value of several lines", path,
                        entry->line, entry->key);
        return irsa_hint(reterr, "an indented line goes on with the value above it: "
                                 "put each setting at the beginning of its line");
    }
    bool keeps_comment = strcmp(entry->key, "credential_process") == 0;
    const char *text = entry->plain && !keeps_comment ? entry->plain : entry->value;
    *ret = *text ? text : NULL;
    return 0;
}

int irsa_aws_profile_get(const struct irsa_aws_profile *profile, const char *key, const char **ret,
                         struct irsa_error **reterr)
{
    const char *path = NULL;
    const struct irsa_aws_entry *entry = irsa_aws_profile_entry(profile, key, &path);
    return irsa_aws_entry_text(entry, path, ret, reterr);
}
