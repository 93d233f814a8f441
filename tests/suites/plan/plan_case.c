/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_case.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

static json_t *read_json(const char *folder, const char *name)
{
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    if (access(path, F_OK) != 0)
        return NULL;
    irsa_auto_buf text = {0};
    irsa_auto_error error = NULL;
    json_t *value = NULL;
    if (irsa_file_read(path, 1 << 20, &text, &error) == 0)
        value = irsa_json_read(path, text.data, text.len, &error);
    if (!value)
        fprintf(stderr, "%s\n", irsa_error_message(error));
    return value;
}

static void add_strings(struct irsa_strings *strings, const json_t *array)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item) irsa_strings_add(strings, json_string_value(item));
}

static char *copy_text(const json_t *object, const char *key)
{
    const char *text = irsa_json_string(object, key, NULL);
    return text ? irsa_strdup(text) : NULL;
}

static int read_settings(struct plan_case *c, struct irsa_role_settings *settings,
                         const json_t *from)
{
    settings->path = copy_text(from, "path");
    settings->description = copy_text(from, "description");
    settings->boundary = copy_text(from, "boundary");
    settings->max_session = json_integer_value(json_object_get(from, "max_session"));
    settings->tags = json_deep_copy(json_object_get(from, "tags"));
    add_strings(&settings->policy_arns, json_object_get(from, "policy_arns"));
    size_t i;
    json_t *file;
    json_array_foreach(json_object_get(from, "policy_files"), i, file)
    {
        irsa_autofree char *path = irsa_format("%s/%s", c->folder, json_string_value(file));
        irsa_auto_error error = NULL;
        if (irsa_role_settings_add_policy_file(settings, path, &error) < 0) {
            fprintf(stderr, "%s\n", irsa_error_message(error));
            return -1;
        }
    }
    return 0;
}

static int read_bootstrap(struct plan_case *c, const json_t *from)
{
    struct irsa_wish *wish =
        irsa_intent_add_wish(c->intent, irsa_json_string(from, "namespace", NULL),
                             irsa_json_string(from, "service_account", NULL), "command line");
    wish->role = copy_text(from, "role");
    wish->audience = copy_text(from, "audience");
    wish->labels = json_deep_copy(json_object_get(from, "labels"));
    wish->create_namespace = json_is_true(json_object_get(from, "create_namespace"));
    wish->create_role = true;
    wish->from_command_line = true;
    c->intent->bootstrap = true;
    irsa_strings_add(&c->intent->namespaces, wish->namespace_);
    irsa_strings_add(&c->intent->service_accounts, wish->service_account);
    return read_settings(c, &wish->settings, from);
}

static int read_args(struct plan_case *c)
{
    json_auto_t *args = read_json(c->folder, "args.json");
    struct irsa_intent *intent = c->intent;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(args, "allow"), i, item)
    {
        enum irsa_class class_;
        if (!irsa_class_parse(json_string_value(item), &class_)) {
            fprintf(stderr, "%s: allow: no class %s\n", c->folder, json_string_value(item));
            return -1;
        }
        intent->allow[class_] = true;
    }
    intent->strict = json_is_true(json_object_get(args, "strict"));
    intent->cluster_name = copy_text(args, "cluster");
    intent->repoint = copy_text(args, "repoint");
    intent->repoint_role = copy_text(args, "role");
    intent->keep_old = json_is_true(json_object_get(args, "keep_old"));
    intent->prune = json_is_true(json_object_get(args, "prune"));
    intent->audience = copy_text(args, "audience");
    intent->thumbprint = copy_text(args, "thumbprint");
    intent->trust_policy_quota = (size_t)json_integer_value(json_object_get(args, "quota"));
    add_strings(&intent->namespaces, json_object_get(args, "namespaces"));
    add_strings(&intent->service_accounts, json_object_get(args, "service_accounts"));
    const json_t *bootstrap = json_object_get(args, "bootstrap");
    return bootstrap ? read_bootstrap(c, bootstrap) : 0;
}

int plan_case_read(struct plan_case *c)
{
    irsa_auto_error error = NULL;
    c->expected = read_json(c->folder, "expected.json");
    if (!c->expected) {
        fprintf(stderr, "%s: no expected.json\n", c->folder);
        return -1;
    }
    irsa_autofree char *templates = irsa_format("%s/templates", c->folder);
    bool own = access(templates, F_OK) == 0;
    c->intent = irsa_intent_new();
    if (irsa_templates_load(own ? templates : NULL, &c->templates, &error) < 0) {
        fprintf(stderr, "%s\n", irsa_error_message(error));
        return -1;
    }
    c->intent->templates = c->templates;
    if (read_args(c) < 0)
        return -1;
    irsa_autofree char *config = irsa_format("%s/irsa-fix.ini", c->folder);
    if (access(config, F_OK) == 0 && irsa_intent_read_config(c->intent, config, &error) < 0) {
        fprintf(stderr, "%s\n", irsa_error_message(error));
        return -1;
    }
    return 0;
}

void plan_case_done(struct plan_case *c)
{
    irsa_intent_free(c->intent);
    irsa_templates_free(c->templates);
    json_decref(c->expected);
}

const json_t *plan_case_binding(const json_t *plan, const char *name)
{
    size_t i;
    json_t *binding;
    json_array_foreach(json_object_get(plan, "bindings"), i, binding)
    {
        irsa_autofree char *own = irsa_format("%s/%s", irsa_json_string(binding, "namespace", NULL),
                                              irsa_json_string(binding, "service_account", NULL));
        if (strcmp(own, name) == 0)
            return binding;
    }
    return NULL;
}

/* --- a copy of the world ---------------------------------------------------------------------- */

static int copy_tree(const char *from, const char *to)
{
    irsa_auto_error error = NULL;
    if (irsa_mkdir_parents(to, &error) < 0)
        return -1;
    DIR *directory = opendir(from);
    if (!directory)
        return -1;
    int failed = 0;
    for (struct dirent *entry; failed == 0 && (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        irsa_autofree char *source = irsa_format("%s/%s", from, entry->d_name);
        irsa_autofree char *target = irsa_format("%s/%s", to, entry->d_name);
        struct stat status;
        if (stat(source, &status) != 0)
            failed = -1;
        else if (S_ISDIR(status.st_mode))
            failed = copy_tree(source, target);
        else {
            irsa_auto_buf text = {0};
            failed = irsa_file_read(source, IRSA_DOCUMENT_MAX_BYTES, &text, &error);
            if (failed == 0)
                failed = irsa_file_replace(target, irsa_buf_str(&text), text.len, 0666, &error);
        }
    }
    (void)closedir(directory);
    return failed;
}

char *plan_case_copy_world(const char *directory)
{
    const char *base = getenv("TMPDIR");
    irsa_autofree char *copy = irsa_format("%s/irsa-fix-plan-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(copy) || copy_tree(directory, copy) < 0)
        return NULL;
    return irsa_steal(&copy);
}

void plan_case_remove(const char *directory)
{
    DIR *handle = opendir(directory);
    if (!handle)
        return;
    for (struct dirent *entry; (entry = readdir(handle));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        irsa_autofree char *path = irsa_format("%s/%s", directory, entry->d_name);
        if (unlink(path) != 0)
            plan_case_remove(path);
    }
    (void)closedir(handle);
    (void)rmdir(directory);
}
