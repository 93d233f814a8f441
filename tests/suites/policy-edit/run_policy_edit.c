/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case: the policy is edited for the wish. expected.json says {"how", "statement", "document"
 * (absent: as it was), "notes", "pattern_document"} or {"error"}, a part of the message. Besides,
 * for every case: a second edit changes nothing.
 */
#include "irsa/identity.h"
#include "irsa/policy.h"

static const char *const how_names[] = {"none", "repaired", "merged", "added", "created"};

static const char default_template[] =
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\","
    " \"Principal\": {\"Federated\": \"PROVIDER\"},"
    " \"Action\": \"sts:AssumeRoleWithWebIdentity\","
    " \"Condition\": {\"StringEquals\": {"
    "  \"ISSUER:sub\": \"SUBJECT\", \"ISSUER:aud\": \"AUDIENCE\"}}}]}";

struct test_case {
    const char *folder;
    json_t *wish;
    char *provider;
    char *subject;
    json_t *template_policy;
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool read_text(const char *folder, const char *name, struct irsa_buf *ret)
{
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    irsa_auto_error error = NULL;
    return irsa_file_read(path, 1 << 20, ret, &error) == 0;
}

static json_t *read_json(const char *folder, const char *name)
{
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    json_error_t error;
    json_t *value = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!value)
        fprintf(stderr, "%s:%d: %s\n", path, error.line, error.text);
    return value;
}

static const char *wish_text(const struct test_case *test, const char *key)
{
    return json_string_value(json_object_get(test->wish, key));
}

/* --- the template, filled in ------------------------------------------------------------------ */

static char *fill(const struct test_case *test, const char *text)
{
    const char *const pairs[][2] = {{"PROVIDER", test->provider},
                                    {"ISSUER", wish_text(test, "issuer")},
                                    {"SUBJECT", test->subject},
                                    {"AUDIENCE", wish_text(test, "audience")}};
    irsa_auto_buf filled = {0};
    while (*text) {
        size_t i = 0;
        while (i < IRSA_COUNT(pairs) && !irsa_has_prefix(text, pairs[i][0]))
            i++;
        if (i < IRSA_COUNT(pairs)) {
            irsa_buf_adds(&filled, pairs[i][1]);
            text += strlen(pairs[i][0]);
        } else {
            irsa_buf_addc(&filled, *text++);
        }
    }
    return irsa_buf_steal(&filled);
}

static json_t *read_template(const struct test_case *test)
{
    json_t *own = json_object_get(test->wish, "template");
    irsa_autofree char *text = own ? json_dumps(own, 0) : irsa_strdup(default_template);
    irsa_autofree char *filled = fill(test, text);
    return json_loads(filled, 0, NULL);
}

/* --- facts ------------------------------------------------------------------------------------ */

static bool listed(const void *context, const char *list, const char *text)
{
    const struct test_case *test = context;
    size_t i;
    json_t *value;
    json_array_foreach(json_object_get(test->wish, list), i, value)
    {
        if (strcmp(json_string_value(value), text) == 0)
            return true;
    }
    return false;
}

static bool provider_exists(const void *context, const char *provider_arn)
{
    return listed(context, "existing_providers", provider_arn);
}

static bool provider_missing(const void *context, const char *provider_arn)
{
    return listed(context, "missing_providers", provider_arn);
}

static bool subject_missing(const void *context, const char *issuer, const char *subject)
{
    (void)issuer;
    return listed(context, "missing_subjects", subject);
}

/* --- running ---------------------------------------------------------------------------------- */

static json_t *strings_json(const struct irsa_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->len; i++)
        (void)json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static json_t *result_json(const struct irsa_edit_result *result)
{
    json_t *got = json_pack("{s:s, s:I}", "how", how_names[result->how], "statement",
                            (json_int_t)result->statement);
    (void)json_object_set_new(got, "notes", strings_json(&result->notes));
    if (result->how != IRSA_EDIT_NONE)
        (void)json_object_set(got, "document", result->document);
    if (result->pattern_document)
        (void)json_object_set(got, "pattern_document", result->pattern_document);
    return got;
}

static json_t *run(const struct irsa_policy *policy, const struct irsa_trust_wish *wish)
{
    irsa_auto_error error = NULL;
    irsa_auto_edit_result result = {0};
    if (irsa_policy_edit_allow(policy, wish, &result, &error) != 0)
        return json_pack("{s:s}", "error", irsa_error_message(error));
    json_t *got = result_json(&result);
    const json_t *before = irsa_policy_document(policy);
    if (result.how == IRSA_EDIT_NONE && !json_equal(result.document, before))
        (void)json_object_set_new(got, "fault", json_string("changed although how is none"));
    irsa_auto_policy edited = irsa_policy_new(result.document, IRSA_POLICY_TRUST);
    irsa_auto_edit_result again = {0};
    if (irsa_policy_edit_allow(edited, wish, &again, &error) != 0 || again.how != IRSA_EDIT_NONE)
        (void)json_object_set_new(got, "fault", json_string("a second edit changes it again"));
    return got;
}

/* Key order counts. */
static bool same(const json_t *a, const json_t *b)
{
    irsa_autofree char *left = a ? json_dumps(a, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    irsa_autofree char *right = b ? json_dumps(b, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    return left && right ? strcmp(left, right) == 0 : left == right;
}

static bool agrees(const json_t *expected, const json_t *got)
{
    static const char *const parts[] = {"how",      "statement",        "notes",
                                        "document", "pattern_document", "fault"};
    const char *message = json_string_value(json_object_get(expected, "error"));
    const char *got_message = json_string_value(json_object_get(got, "error"));
    if (message || got_message)
        return message && got_message && strstr(got_message, message);
    for (size_t i = 0; i < IRSA_COUNT(parts); i++) {
        const json_t *wanted = json_object_get(expected, parts[i]);
        bool optional = strcmp(parts[i], "notes") == 0 || strcmp(parts[i], "statement") == 0;
        if ((wanted || !optional) && !same(wanted, json_object_get(got, parts[i])))
            return false;
    }
    return true;
}

static int report(const char *folder, json_t *got, bool bless)
{
    irsa_autofree char *path = irsa_format("%s/expected.json", folder);
    if (bless)
        return json_dump_file(got, path, JSON_INDENT(4)) == 0 ? 0 : 1;
    json_auto_t *expected = read_json(folder, "expected.json");
    if (expected && agrees(expected, got))
        return 0;
    irsa_autofree char *wanted_text = expected ? json_dumps(expected, JSON_INDENT(4)) : NULL;
    irsa_autofree char *got_text = json_dumps(got, JSON_INDENT(4));
    fprintf(stderr, "expected: %s\ngot: %s\n", wanted_text ? wanted_text : "?", got_text);
    return 1;
}

static struct irsa_policy *read_policy(const char *folder)
{
    irsa_auto_buf text = {0};
    if (!read_text(folder, "policy.json", &text) && !read_text(folder, "policy.txt", &text))
        return NULL;
    return irsa_policy_new_text(irsa_buf_str(&text), text.len, IRSA_POLICY_TRUST);
}

int main(int argc, char **argv)
{
    bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    struct test_case test = {.folder = argv[argc - 1]};
    irsa_auto_policy policy = read_policy(test.folder);
    json_auto_t *wish_json = read_json(test.folder, "wish.json");
    if (!policy || !wish_json) {
        fprintf(stderr, "%s: no policy or no wish\n", test.folder);
        return 1;
    }
    test.wish = wish_json;
    test.provider = irsa_provider_arn_text(wish_text(&test, "partition"),
                                           wish_text(&test, "account"), wish_text(&test, "issuer"));
    test.subject =
        irsa_subject_text(wish_text(&test, "namespace"), wish_text(&test, "service_account"));
    test.template_policy = read_template(&test);
    struct irsa_trust_wish wish = {.provider_arn = test.provider,
                                   .issuer = wish_text(&test, "issuer"),
                                   .subject = test.subject,
                                   .audience = wish_text(&test, "audience"),
                                   .template_policy = test.template_policy,
                                   .provider_exists = provider_exists,
                                   .provider_missing = provider_missing,
                                   .subject_missing = subject_missing,
                                   .context = &test};
    json_auto_t *got = run(policy, &wish);
    int status = report(test.folder, got, bless);
    free(test.provider);
    free(test.subject);
    json_decref(test.template_policy);
    return status;
}
