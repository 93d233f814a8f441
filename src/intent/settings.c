/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/intent.h"

#include <libgen.h>

/* IAM: an inline policy's name has 1 to 128 characters of [\w+=,.@-]
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html). */
static char *policy_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    return dot && dot != base ? irsa_strndup(base, (size_t)(dot - base)) : irsa_strdup(base);
}

/* What IAM would refuse is refused here, before anything is planned with it. */
static int check_policy(const char *path, const json_t *document, struct irsa_error **reterr)
{
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_IDENTITY);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    for (size_t i = 0; i < count; i++) {
        if (issues[i].fatal)
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: no policy that IAM accepts: %s: %s", path,
                             issues[i].where, issues[i].message);
    }
    return 0;
}

/* More than any policy may have (10,240 characters inline for a role), with room for white space.
 */
#define POLICY_FILE_MAX ((size_t)1 << 20)

int irsa_role_settings_add_policy_file(struct irsa_role_settings *settings, const char *path,
                                       struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    if (irsa_file_read(path, POLICY_FILE_MAX, &text, reterr) != 0)
        return -1;
    json_auto_t *document = irsa_json_read(path, irsa_buf_str(&text), text.len, reterr);
    if (!document)
        return -1;
    if (check_policy(path, document, reterr) != 0)
        return -1;
    irsa_autofree char *name = policy_name_of(path);
    if (irsa_strings_has(&settings->policy_names, name)) {
        irsa_fail(reterr, IRSA_E_USAGE, "%s: another policy file is called %s too", path, name);
        return irsa_hint(reterr, "an inline policy is named after its file: rename one of them");
    }
    settings->policy_documents =
        irsa_grow(settings->policy_documents, settings->policy_file_names.len, sizeof(json_t *));
    settings->policy_documents[settings->policy_file_names.len] = irsa_steal(&document);
    irsa_strings_add(&settings->policy_file_names, path);
    irsa_strings_take(&settings->policy_names, irsa_steal(&name));
    return 0;
}

static void complete_text(char **target, const char *value)
{
    if (!*target && value)
        *target = irsa_strdup(value);
}

void irsa_role_settings_complete(struct irsa_role_settings *settings,
                                 const struct irsa_role_settings *from)
{
    complete_text(&settings->path, from->path);
    complete_text(&settings->description, from->description);
    complete_text(&settings->boundary, from->boundary);
    if (settings->max_session == 0)
        settings->max_session = from->max_session;
    if (from->tags && !settings->tags)
        settings->tags = json_object();
    if (from->tags)
        (void)json_object_update_missing(settings->tags, from->tags);
    for (size_t i = 0; i < from->policy_arns.len; i++) {
        if (!irsa_strings_has(&settings->policy_arns, from->policy_arns.items[i]))
            irsa_strings_add(&settings->policy_arns, from->policy_arns.items[i]);
    }
    for (size_t i = 0; i < from->policy_file_names.len; i++) {
        if (irsa_strings_has(&settings->policy_names, from->policy_names.items[i]))
            continue;
        settings->policy_documents = irsa_grow(settings->policy_documents,
                                               settings->policy_file_names.len, sizeof(json_t *));
        settings->policy_documents[settings->policy_file_names.len] =
            json_incref(from->policy_documents[i]);
        irsa_strings_add(&settings->policy_file_names, from->policy_file_names.items[i]);
        irsa_strings_add(&settings->policy_names, from->policy_names.items[i]);
    }
}

bool irsa_role_settings_grant(const struct irsa_role_settings *settings)
{
    return settings->policy_arns.len > 0 || settings->policy_file_names.len > 0;
}
