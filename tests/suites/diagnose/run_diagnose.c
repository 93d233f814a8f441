/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case is a folder with `world/` (a captured world), optionally `irsa-fix.ini`, optionally
 * `args.json`
 * ({"namespaces": [...], "service_accounts": [...]}), and `expected.json`: whether each binding
 * works, and the findings, each with its fixes. `run_diagnose FOLDER --print` prints what it should
 * be.
 */
#include "irsa/diagnose.h"
#include "irsa/document.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the world -------------------------------------------------------------------------------- */

static int add_file(struct irsa_facts *facts, const char *path, const char *name,
                    enum irsa_syntax syntax, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    irsa_auto_documents documents = {0};
    if (irsa_file_read(path, (size_t)1 << 24, &text, reterr) < 0
        || irsa_document_read(syntax, name, irsa_buf_str(&text), text.len, &documents, reterr) < 0)
        return -1;
    const uint32_t file = irsa_facts_add_file(facts, name);
    for (size_t i = 0; i < documents.len; i++) {
        bool known;
        if (irsa_facts_add_document(facts, file, (uint32_t)i, documents.roots[i], &known, reterr)
            < 0)
            return -1;
    }
    return 0;
}

static void list(const char *directory, const char *relative, struct irsa_strings *ret)
{
    irsa_autofree char *path = irsa_format("%s/%s", directory, relative);
    DIR *dir = opendir(path);
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        if (entry->d_name[0] == '.')
            continue;
        irsa_autofree char *name =
            irsa_format("%s%s%s", relative, *relative ? "/" : "", entry->d_name);
        irsa_autofree char *full = irsa_format("%s/%s", directory, name);
        struct stat st;
        if (stat(full, &st) == 0 && S_ISDIR(st.st_mode))
            list(directory, name, ret);
        else
            irsa_strings_add(ret, name);
    }
    if (dir)
        (void)closedir(dir);
}

static int read_world(struct irsa_facts *facts, struct irsa_error **reterr)
{
    irsa_auto_strings files = {0};
    list("world", "", &files);
    irsa_strings_sort(&files);
    for (size_t i = 0; i < files.len; i++) {
        enum irsa_syntax syntax;
        irsa_autofree char *path = irsa_format("world/%s", files.items[i]);
        if (irsa_syntax_of(files.items[i], &syntax)
            && add_file(facts, path, files.items[i], syntax, reterr) < 0)
            return -1;
    }
    return irsa_facts_finish(facts, reterr);
}

static void add_all(const json_t *array, struct irsa_strings *ret)
{
    size_t i;
    json_t *value;
    json_array_foreach(array, i, value) irsa_strings_add(ret, json_string_value(value));
}

static int read_intent(struct irsa_intent *intent, struct irsa_error **reterr)
{
    json_error_t json_error;
    json_auto_t *options = json_load_file("args.json", 0, &json_error);
    add_all(json_object_get(options, "namespaces"), &intent->namespaces);
    add_all(json_object_get(options, "service_accounts"), &intent->service_accounts);
    struct stat st;
    return stat("irsa-fix.ini", &st) == 0 ? irsa_intent_read_config(intent, "irsa-fix.ini", reterr)
                                          : 0;
}

/* --- the answer ------------------------------------------------------------------------------- */

static json_t *binding_name(const struct irsa_bindings *bindings, size_t index)
{
    const struct irsa_binding *binding = &bindings->items[index];
    irsa_autofree char *name = irsa_format("%s/%s", binding->namespace_, binding->service_account);
    return json_string(name);
}

static const char *fix_name(enum irsa_fix_kind kind)
{
    static const char *const names[] = {
        "create-provider", "add-client-id",     "add-thumbprint",
        "delete-provider", "create-role",       "update-role",
        "trust-allow",     "trust-narrow",      "attach-policy",
        "put-role-policy", "create-namespace",  "create-service-account",
        "set-annotation",  "remove-annotation", "set-service-account-name",
        "restart",
    };
    return names[kind];
}

static json_t *fix_json(const struct irsa_fix *fix)
{
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "%s %s", irsa_class_text(fix->class_), fix_name(fix->kind));
    if (fix->target)
        irsa_buf_addf(&text, " %s", fix->target);
    if (fix->key)
        irsa_buf_addf(&text, " %s", fix->key);
    if (fix->value)
        irsa_buf_addf(&text, " = %s", fix->value);
    for (size_t i = 0; i < fix->subjects.len; i++)
        irsa_buf_addf(&text, " %s", fix->subjects.items[i]);
    return json_string(irsa_buf_str(&text));
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        (void)json_object_set_new(object, key, json_string(text));
}

static json_t *finding_json(const struct irsa_bindings *bindings,
                            const struct irsa_finding *finding)
{
    json_t *json = json_object();
    set_text(json, "code", finding->check->code);
    set_text(json, "severity", irsa_severity_text(finding->severity));
    irsa_autofree char *subject =
        irsa_format("%s %s%s%s", finding->subject_kind,
                    finding->subject_namespace ? finding->subject_namespace : "",
                    finding->subject_namespace ? "/" : "", finding->subject_name);
    set_text(json, "subject", subject);
    set_text(json, "message", finding->message);
    set_text(json, "source", finding->source);
    json_t *names = json_array();
    for (size_t i = 0; i < finding->binding_count; i++)
        (void)json_array_append_new(names, binding_name(bindings, finding->bindings[i]));
    (void)json_object_set_new(json, "bindings", names);
    json_t *fixes = json_array();
    for (size_t i = 0; i < finding->fix_count; i++)
        (void)json_array_append_new(fixes, fix_json(&finding->fixes[i]));
    (void)json_object_set_new(json, "fixes", fixes);
    return json;
}

static json_t *answer(const struct irsa_bindings *bindings, const struct irsa_diagnosis *diagnosis)
{
    json_t *works = json_object();
    for (size_t i = 0; i < bindings->len; i++) {
        json_auto_t *name = binding_name(bindings, i);
        json_t *value = diagnosis->works[i] == IRSA_WORKS_UNKNOWN
                            ? json_null()
                            : json_boolean(diagnosis->works[i] == IRSA_WORKS_YES);
        (void)json_object_set_new(works, json_string_value(name), value);
    }
    json_t *findings = json_array();
    for (size_t i = 0; i < diagnosis->finding_count; i++)
        (void)json_array_append_new(findings, finding_json(bindings, &diagnosis->findings[i]));
    return json_pack("{s:o, s:o}", "works", works, "findings", findings);
}

/* What holds of every diagnosis, whatever the case is about. */
static const char *broken_rule(const char *folder, const struct irsa_bindings *bindings,
                               const struct irsa_diagnosis *diagnosis)
{
    const bool healthy = strstr(folder, "/healthy-") != NULL;
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct irsa_finding *finding = &diagnosis->findings[i];
        if (!finding->message || !finding->help || !finding->subject_name)
            return "a finding without message, help or subject";
        if (finding->severity == IRSA_SEVERITY_ERROR && !finding->source && !finding->observed)
            return "an error without evidence";
        if (healthy && finding->severity != IRSA_SEVERITY_NOTE)
            return "a healthy world with a finding above a note";
        if (strchr(finding->message, '\n'))
            return "a message of several lines";
    }
    if (diagnosis->binding_count != bindings->len)
        return "not one verdict a binding";
    for (size_t i = 0; i < bindings->len; i++) {
        const enum irsa_link_state *links = diagnosis->links[i];
        for (int link = 0; link <= IRSA_LINK_SERVICE_ACCOUNT; link++)
            if (diagnosis->works[i] == IRSA_WORKS_YES && links[link] != IRSA_LINK_HOLDS)
                return "a binding that works with a link that does not hold";
    }
    size_t codes = 0;
    while (irsa_checks()[codes] && strcmp(irsa_checks()[codes]->code, "IRSA110") < 0)
        codes++; /* the others are made by `irsa-fix verify` */
    return diagnosis->passed + diagnosis->failed + diagnosis->skipped_count == codes
               ? NULL
               : "checks that are neither passed, failed nor skipped";
}

static int compare(const char *folder, const json_t *found)
{
    json_error_t json_error;
    json_auto_t *expected = json_load_file("expected.json", JSON_REJECT_DUPLICATES, &json_error);
    if (expected && json_equal(expected, found))
        return 0;
    irsa_autofree char *text = json_dumps(found, JSON_INDENT(2));
    (void)fprintf(stderr, "%s/expected.json: %s\nfound: %s\n", folder,
                  expected ? "differs" : json_error.text, text);
    return 1;
}

int main(int argc, char **argv)
{
    /* Names in answers are relative to the case, wherever the checkout is. */
    if (argc < 2 || chdir(argv[1]) != 0)
        return 64;
    irsa_auto_error error = NULL;
    irsa_auto_facts facts = irsa_facts_new();
    irsa_auto_intent intent = irsa_intent_new();
    struct irsa_bindings bindings = {0};
    if (read_world(facts, &error) < 0 || read_intent(intent, &error) < 0
        || irsa_resolve(facts, intent, &bindings, &error) < 0) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        return 1;
    }
    struct irsa_diagnosis diagnosis;
    irsa_diagnose(facts, intent, &bindings, &diagnosis);
    json_auto_t *found = answer(&bindings, &diagnosis);
    const char *rule = broken_rule(argv[1], &bindings, &diagnosis);
    int result = 0;
    if (rule) {
        (void)fprintf(stderr, "%s: %s\n", argv[1], rule);
        result = 1;
    }
    if (argc > 2)
        (void)json_dumpf(found, stdout, JSON_INDENT(2));
    else if (result == 0)
        result = compare(argv[1], found);
    irsa_diagnosis_done(&diagnosis);
    irsa_bindings_done(&bindings);
    return result;
}
