/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/kubeconfig.h"

/* What a field has to be: https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/ (fields of
 * other names are passed over). */
enum kind { STRING, BOOLEAN, STRINGS, OBJECT, OBJECTS, EXTENSIONS };
struct field {
    const char *name;
    enum kind kind;
};
static const char *const kind_texts[] = {
    "a string", "true or false", "a list of strings", "a mapping", "a list of mappings", "a list",
};

static const struct field context_fields[] = {
    {"cluster", STRING}, {"user", STRING}, {"namespace", STRING}, {NULL, STRING}};
static const struct field cluster_fields[] = {{"server", STRING},
                                              {"tls-server-name", STRING},
                                              {"insecure-skip-tls-verify", BOOLEAN},
                                              {"certificate-authority", STRING},
                                              {"certificate-authority-data", STRING},
                                              {"proxy-url", STRING},
                                              {"disable-compression", BOOLEAN},
                                              {"extensions", EXTENSIONS},
                                              {NULL, STRING}};
static const struct field user_fields[] = {{"client-certificate", STRING},
                                           {"client-certificate-data", STRING},
                                           {"client-key", STRING},
                                           {"client-key-data", STRING},
                                           {"token", STRING},
                                           {"tokenFile", STRING},
                                           {"as", STRING},
                                           {"as-uid", STRING},
                                           {"as-groups", STRINGS},
                                           {"as-user-extra", OBJECT},
                                           {"username", STRING},
                                           {"password", STRING},
                                           {"auth-provider", OBJECT},
                                           {"exec", OBJECT},
                                           {NULL, STRING}};
static const struct field exec_fields[] = {
    {"command", STRING},         {"args", STRINGS},       {"env", OBJECTS},
    {"apiVersion", STRING},      {"installHint", STRING}, {"provideClusterInfo", BOOLEAN},
    {"interactiveMode", STRING}, {NULL, STRING}};
static const struct field env_fields[] = {{"name", STRING}, {"value", STRING}, {NULL, STRING}};

static void entries_done(struct irsa_kubeconfig_entries *entries)
{
    for (size_t i = 0; i < entries->len; i++) {
        free(entries->items[i].name);
        json_decref(entries->items[i].value);
        free(entries->items[i].file);
    }
    free(entries->items);
}

void irsa_kubeconfig_done(struct irsa_kubeconfig *config)
{
    entries_done(&config->contexts);
    entries_done(&config->clusters);
    entries_done(&config->users);
    free(config->current_context);
    irsa_strings_done(&config->files);
    *config = (struct irsa_kubeconfig){0};
}

const struct irsa_kubeconfig_entry *
irsa_kubeconfig_find(const struct irsa_kubeconfig_entries *entries, const char *name)
{
    for (size_t i = 0; i < entries->len; i++) {
        if (strcmp(entries->items[i].name, name) == 0)
            return &entries->items[i];
    }
    return NULL;
}

/* --- types ------------------------------------------------------------------------------------ */

/* A file under way. */
struct reading {
    const char *file;
    const char *text;
    size_t len;
    json_t *path; /* of what is looked at */
    struct irsa_error **reterr;
};

/* "FILE:LINE: PATH: reason"; no value, which may be a secret. */
static int fail_at(struct reading *reading, const char *reason)
{
    size_t line = irsa_text_line(IRSA_SYNTAX_YAML, reading->text, reading->len, 0, reading->path);
    irsa_autofree char *path = irsa_json_path_text(reading->path);
    return irsa_fail(reading->reterr, IRSA_E_PARSE, "error loading config file: %s:%zu: %s%s%s",
                     reading->file, line, path, *path ? ": " : "", reason);
}

static void enter(struct reading *reading, json_t *step)
{
    (void)json_array_append_new(reading->path, step);
}

static void leave(struct reading *reading)
{
    (void)json_array_remove(reading->path, json_array_size(reading->path) - 1);
}

static bool is_list_of(const json_t *value, json_type type)
{
    if (!json_is_array(value))
        return false;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(value, i, item)
    {
        if (json_typeof(item) != type)
            return false;
    }
    return true;
}

static bool is_kind(const json_t *value, enum kind kind)
{
    switch (kind) {
    case STRING:
        return json_is_string(value);
    case BOOLEAN:
        return json_is_boolean(value);
    case STRINGS:
        return is_list_of(value, JSON_STRING);
    case OBJECT:
        return json_is_object(value);
    case OBJECTS:
        return is_list_of(value, JSON_OBJECT);
    case EXTENSIONS:
        return json_is_array(value);
    }
    return false;
}

/* null is as good as nothing, everywhere. */
static int check_fields(struct reading *reading, json_t *object, const struct field *fields)
{
    for (; fields->name; fields++) {
        const json_t *value = json_object_get(object, fields->name);
        if (json_is_null(value)) {
            (void)json_object_del(object, fields->name);
            continue;
        }
        if (!value || is_kind(value, fields->kind))
            continue;
        irsa_autofree char *reason = irsa_format("must be %s", kind_texts[fields->kind]);
        enter(reading, json_string(fields->name));
        return fail_at(reading, reason);
    }
    return 0;
}

static int check_exec(struct reading *reading, json_t *user)
{
    json_t *exec = json_object_get(user, "exec");
    if (!exec)
        return 0;
    enter(reading, json_string("exec"));
    if (check_fields(reading, exec, exec_fields) != 0)
        return -1;
    size_t i = 0;
    json_t *variable = NULL;
    json_array_foreach(json_object_get(exec, "env"), i, variable)
    {
        enter(reading, json_string("env"));
        enter(reading, json_integer((json_int_t)i));
        if (check_fields(reading, variable, env_fields) != 0)
            return -1;
        leave(reading);
        leave(reading);
    }
    leave(reading);
    return 0;
}

static int check_extra(struct reading *reading, const json_t *user)
{
    const char *key = NULL;
    json_t *values = NULL;
    json_object_foreach(json_object_get(user, "as-user-extra"), key, values)
    {
        if (is_kind(values, STRINGS))
            continue;
        enter(reading, json_string("as-user-extra"));
        enter(reading, json_string(key));
        return fail_at(reading, "must be a list of strings");
    }
    return 0;
}

/* --- entries ---------------------------------------------------------------------------------- */

/* A section of the file. */
struct section {
    const char *list; /* "users" */
    const char *key;  /* "user" */
    const struct field *fields;
    struct irsa_kubeconfig_entries *into;
};

static int add_entry(struct reading *reading, const struct section *section, json_t *item,
                     size_t first)
{
    static const struct field name_field[] = {{"name", STRING}, {NULL, STRING}};
    if (!json_is_object(item))
        return fail_at(reading, "must be a mapping");
    if (check_fields(reading, item, name_field) != 0)
        return -1;
    const char *name = json_string_value(json_object_get(item, "name"));
    json_t *value = json_object_get(item, section->key);
    enter(reading, json_string(section->key));
    if (value && !json_is_null(value) && !json_is_object(value))
        return fail_at(reading, "must be a mapping");
    json_auto_t *object = json_is_object(value) ? json_incref(value) : json_object();
    if (check_fields(reading, object, section->fields) != 0)
        return -1;
    if (strcmp(section->key, "user") == 0
        && (check_exec(reading, object) != 0 || check_extra(reading, object) != 0))
        return -1;
    leave(reading);
    name = name ? name : "";
    struct irsa_kubeconfig_entries *into = section->into;
    for (size_t i = first; i < into->len; i++) {
        if (strcmp(into->items[i].name, name) != 0)
            continue;
        irsa_autofree char *reason = irsa_format("duplicate name \"%s\" in list", name);
        return fail_at(reading, reason);
    }
    into->items = irsa_grow(into->items, into->len, sizeof(*into->items));
    into->items[into->len++] = (struct irsa_kubeconfig_entry){
        .name = irsa_strdup(name),
        .value = irsa_steal(&object),
        .file = irsa_strdup(reading->file),
    };
    return 0;
}

static int read_section(struct reading *reading, const json_t *root, const struct section *section)
{
    const json_t *list = json_object_get(root, section->list);
    if (!list || json_is_null(list))
        return 0;
    enter(reading, json_string(section->list));
    if (!json_is_array(list))
        return fail_at(reading, "must be a list");
    size_t first = section->into->len;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(list, i, item)
    {
        enter(reading, json_integer((json_int_t)i));
        if (add_entry(reading, section, item, first) != 0)
            return -1;
        leave(reading);
    }
    leave(reading);
    return 0;
}

/* Whatever is neither missing nor v1 and Config is no kubeconfig. */
static int check_head(struct reading *reading, const json_t *root)
{
    static const char *const expected[][2] = {{"apiVersion", "v1"}, {"kind", "Config"}};
    for (size_t i = 0; i < IRSA_COUNT(expected); i++) {
        const json_t *value = json_object_get(root, expected[i][0]);
        const char *text = json_string_value(value);
        if (!value || json_is_null(value)
            || (text && (!*text || strcmp(text, expected[i][1]) == 0)))
            continue;
        irsa_autofree char *reason = irsa_format("a kubeconfig has %s here", expected[i][1]);
        enter(reading, json_string(expected[i][0]));
        return fail_at(reading, reason);
    }
    return 0;
}

static int read_root(struct reading *reading, json_t *root, struct irsa_kubeconfig *config)
{
    static const struct field top_fields[] = {{"current-context", STRING}, {NULL, STRING}};
    const struct section sections[] = {
        {"clusters", "cluster", cluster_fields, &config->clusters},
        {"users", "user", user_fields, &config->users},
        {"contexts", "context", context_fields, &config->contexts},
    };
    if (json_is_null(root))
        return 0;
    if (!json_is_object(root))
        return fail_at(reading, "a kubeconfig is a mapping");
    if (check_head(reading, root) != 0 || check_fields(reading, root, top_fields) != 0)
        return -1;
    for (size_t i = 0; i < IRSA_COUNT(sections); i++) {
        if (read_section(reading, root, &sections[i]) != 0)
            return -1;
    }
    const char *current = irsa_json_string(root, "current-context", NULL);
    if (!config->current_context && current && *current)
        config->current_context = irsa_strdup(current);
    return 0;
}

int irsa_kubeconfig_read(const char *file, const char *text, size_t len,
                         struct irsa_kubeconfig *config, struct irsa_error **reterr)
{
    irsa_auto_documents documents = {0};
    irsa_strings_add(&config->files, file);
    if (irsa_yaml_read(file, text, len, &documents, reterr) != 0)
        return irsa_wrap(reterr, "error loading config file");
    if (documents.len == 0)
        return 0;
    json_auto_t *path = json_array();
    struct reading reading = {
        .file = file, .text = text, .len = len, .path = path, .reterr = reterr};
    return read_root(&reading, documents.roots[0], config);
}
