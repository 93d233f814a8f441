/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"
#include "irsa/identity.h"

#define ORIGIN "command line"

static bool is_glob(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

static char *copy_value(const struct irsa_arguments *arguments, enum irsa_option option)
{
    const char *value = irsa_option_value(arguments, option);
    return value ? irsa_strdup(value) : NULL;
}

static void copy_values(const struct irsa_arguments *arguments, enum irsa_option option,
                        struct irsa_strings *ret)
{
    for (size_t i = 0; i < arguments->options[option].len; i++)
        irsa_strings_add(ret, arguments->options[option].items[i]);
}

/* The one service account that --role and its kin are about. */
static int find_account(const struct irsa_arguments *arguments, const char *why,
                        char **ret_namespace, char **ret_name, struct irsa_error **reterr)
{
    const struct irsa_strings *accounts = &arguments->options[IRSA_OPTION_SERVICE_ACCOUNT];
    const struct irsa_strings *namespaces = &arguments->options[IRSA_OPTION_NAMESPACE];
    if (accounts->len != 1 || is_glob(accounts->items[0])) {
        irsa_fail(reterr, IRSA_E_USAGE, "%s needs one service account", why);
        return irsa_hint(reterr, "name it: -n NAMESPACE -s NAME");
    }
    const char *slash = strchr(accounts->items[0], '/');
    if (namespaces->len > 1 || (namespaces->len == 1 && is_glob(namespaces->items[0]))
        || (namespaces->len == 0 && !slash)) {
        irsa_fail(reterr, IRSA_E_USAGE, "%s needs one namespace", why);
        return irsa_hint(reterr, "name it: -n NAMESPACE -s %s",
                         slash ? slash + 1 : accounts->items[0]);
    }
    irsa_autofree char *namespace_ =
        slash ? irsa_strndup(accounts->items[0], (size_t)(slash - accounts->items[0]))
              : irsa_strdup(namespaces->items[0]);
    if (slash && namespaces->len == 1 && strcmp(namespace_, namespaces->items[0]) != 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "-n %s and -s %s name different namespaces",
                         namespaces->items[0], accounts->items[0]);
    *ret_namespace = irsa_steal(&namespace_);
    *ret_name = irsa_strdup(slash ? slash + 1 : accounts->items[0]);
    return 0;
}

static int add_pairs(const struct irsa_arguments *arguments, enum irsa_option option,
                     json_t **pairs, struct irsa_error **reterr)
{
    const struct irsa_strings *values = &arguments->options[option];
    for (size_t i = 0; i < values->len; i++) {
        if (irsa_pairs_add_all(pairs, values->items[i], reterr) != 0)
            return irsa_wrap(reterr, "--%s", irsa_options[option].name);
    }
    return 0;
}

static int fill_settings(const struct irsa_arguments *arguments,
                         struct irsa_role_settings *settings, struct irsa_error **reterr)
{
    settings->path = copy_value(arguments, IRSA_OPTION_PATH);
    settings->description = copy_value(arguments, IRSA_OPTION_DESCRIPTION);
    settings->boundary = copy_value(arguments, IRSA_OPTION_BOUNDARY);
    const char *session = irsa_option_value(arguments, IRSA_OPTION_MAX_SESSION);
    if (session && irsa_role_settings_max_session(settings, session, reterr) != 0)
        return irsa_wrap(reterr, "--max-session-duration");
    copy_values(arguments, IRSA_OPTION_POLICY_ARN, &settings->policy_arns);
    const struct irsa_strings *files = &arguments->options[IRSA_OPTION_POLICY_FILE];
    for (size_t i = 0; i < files->len; i++) {
        if (irsa_role_settings_add_policy_file(settings, files->items[i], reterr) != 0)
            return irsa_wrap(reterr, "--policy-file");
    }
    return add_pairs(arguments, IRSA_OPTION_TAG, &settings->tags, reterr);
}

static int fill_wish(const struct irsa_arguments *arguments, struct irsa_wish *wish,
                     struct irsa_error **reterr)
{
    wish->from_command_line = true;
    wish->role = copy_value(arguments, IRSA_OPTION_ROLE);
    wish->audience = copy_value(arguments, IRSA_OPTION_AUDIENCE);
    if (fill_settings(arguments, &wish->settings, reterr) != 0
        || add_pairs(arguments, IRSA_OPTION_LABEL, &wish->labels, reterr) != 0)
        return -1;
    const struct irsa_strings *needs = &arguments->options[IRSA_OPTION_NEED];
    for (size_t i = 0; i < needs->len; i++) {
        if (irsa_wish_add_need(wish, needs->items[i], reterr) != 0)
            return irsa_wrap(reterr, "--need");
    }
    wish->create_namespace = irsa_is_set(arguments, IRSA_OPTION_CREATE_NAMESPACE);
    bool bootstrap = arguments->command == IRSA_COMMAND_BOOTSTRAP;
    wish->create_role = bootstrap || irsa_role_settings_grant(&wish->settings);
    return 0;
}

/* The option that makes a wish necessary, or NULL. */
static const char *wish_reason(const struct irsa_arguments *arguments)
{
    static const enum irsa_option options[] = {IRSA_OPTION_ROLE, IRSA_OPTION_POLICY_ARN,
                                               IRSA_OPTION_POLICY_FILE, IRSA_OPTION_NEED};
    if (arguments->command == IRSA_COMMAND_BOOTSTRAP)
        return "bootstrap";
    for (size_t i = 0; i < IRSA_COUNT(options); i++) {
        if (irsa_is_set(arguments, options[i]))
            return irsa_options[options[i]].name;
    }
    return NULL;
}

/* --repoint and --prune go over all roles; --role then is one of them. */
static int take_repoint(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                        struct irsa_error **reterr)
{
    static const enum irsa_option others[] = {IRSA_OPTION_POLICY_ARN, IRSA_OPTION_POLICY_FILE,
                                              IRSA_OPTION_NEED};
    intent->repoint = copy_value(arguments, IRSA_OPTION_REPOINT);
    intent->keep_old = irsa_is_set(arguments, IRSA_OPTION_KEEP_OLD);
    intent->prune = irsa_is_set(arguments, IRSA_OPTION_PRUNE);
    if (intent->keep_old && !intent->repoint)
        return irsa_fail(reterr, IRSA_E_USAGE, "--keep-old goes with --repoint alone");
    if (!intent->repoint && !intent->prune)
        return 0;
    for (size_t i = 0; i < IRSA_COUNT(others); i++) {
        if (irsa_is_set(arguments, others[i]))
            return irsa_fail(reterr, IRSA_E_USAGE, "--%s and --%s exclude each other",
                             irsa_options[others[i]].name, intent->repoint ? "repoint" : "prune");
    }
    intent->repoint_role = copy_value(arguments, IRSA_OPTION_ROLE);
    if (!intent->repoint_role)
        return 0;
    if (irsa_has_prefix(intent->repoint_role, "arn:")) {
        irsa_auto_role_arn arn = {0};
        return irsa_role_arn_parse(intent->repoint_role, &arn, reterr) == 0
                   ? 0
                   : irsa_wrap(reterr, "--role");
    }
    irsa_autofree char *problem = irsa_role_name_problem(intent->repoint_role);
    return problem ? irsa_fail(reterr, IRSA_E_USAGE, "--role: %s", problem) : 0;
}

static int add_wish(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                    struct irsa_error **reterr)
{
    if (intent->repoint || intent->prune)
        return 0;
    const char *reason = wish_reason(arguments);
    if (!reason)
        return 0;
    intent->bootstrap = arguments->command == IRSA_COMMAND_BOOTSTRAP;
    irsa_autofree char *why = intent->bootstrap ? irsa_strdup(reason) : irsa_format("--%s", reason);
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (find_account(arguments, why, &namespace_, &name, reterr) != 0)
        return -1;
    struct irsa_wish *wish = irsa_intent_add_wish(intent, namespace_, name, ORIGIN);
    return fill_wish(arguments, wish, reterr);
}

int irsa_allow_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                              struct irsa_error **reterr)
{
    const struct irsa_strings *values = &arguments->options[IRSA_OPTION_ALLOW];
    for (size_t i = 0; i < values->len; i++) {
        irsa_autofree char *copy = irsa_strdup(values->items[i]);
        char *rest = NULL;
        for (char *part = strtok_r(copy, ",", &rest); part; part = strtok_r(NULL, ",", &rest)) {
            irsa_autofree char *word = irsa_trim(part);
            enum irsa_class class_;
            if (irsa_class_parse(word, &class_)) {
                intent->allow[class_] = true;
                continue;
            }
            const char *classes[IRSA_CLASS_MAX_];
            for (size_t j = 0; j < IRSA_CLASS_MAX_; j++)
                classes[j] = irsa_class_text((enum irsa_class)j);
            irsa_fail(reterr, IRSA_E_USAGE, "--allow: unknown class \"%s\"", word);
            const char *nearest = irsa_nearest(word, classes, IRSA_CLASS_MAX_);
            if (nearest)
                return irsa_hint(reterr, "did you mean %s?", nearest);
            return irsa_hint(reterr,
                             "there are narrow, pattern, overwrite, restart, delete and owned");
        }
    }
    return 0;
}

/* --cluster arn:aws:eks:REGION:ACCOUNT:cluster/NAME says all three. */
static int take_cluster(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                        struct irsa_error **reterr)
{
    static const char prefix[] = "cluster/";
    const char *text = irsa_option_value(arguments, IRSA_OPTION_CLUSTER);
    irsa_auto_arn arn = {0};
    if (!text || !irsa_has_prefix(text, "arn:"))
        return 0;
    if (irsa_arn_parse(text, &arn, reterr) != 0)
        return irsa_wrap(reterr, "--cluster");
    if (strcmp(arn.service, "eks") != 0 || !irsa_has_prefix(arn.resource, prefix))
        return irsa_fail(reterr, IRSA_E_USAGE, "--cluster: \"%s\" is not the ARN of an EKS cluster",
                         text);
    if (intent->region && strcmp(intent->region, arn.region) != 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "--cluster is in region %s, --region says %s",
                         arn.region, intent->region);
    free(intent->cluster_name);
    free(intent->region);
    intent->cluster_name = irsa_strdup(arn.resource + strlen(prefix));
    intent->region = irsa_steal(&arn.region);
    intent->account_id = irsa_steal(&arn.account);
    return 0;
}

int irsa_intent_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                               struct irsa_error **reterr)
{
    if (irsa_is_set(arguments, IRSA_OPTION_ALL_NAMESPACES)
        && irsa_is_set(arguments, IRSA_OPTION_NAMESPACE))
        return irsa_fail(reterr, IRSA_E_USAGE,
                         "--namespace and --all-namespaces exclude each other");
    intent->cluster_name = copy_value(arguments, IRSA_OPTION_CLUSTER);
    intent->region = copy_value(arguments, IRSA_OPTION_REGION);
    if (take_cluster(arguments, intent, reterr) != 0)
        return -1;
    intent->selector = copy_value(arguments, IRSA_OPTION_SELECTOR);
    copy_values(arguments, IRSA_OPTION_NAMESPACE, &intent->namespaces);
    copy_values(arguments, IRSA_OPTION_SERVICE_ACCOUNT, &intent->service_accounts);
    intent->strict = irsa_is_set(arguments, IRSA_OPTION_STRICT);
    if (irsa_allow_from_arguments(arguments, intent, reterr) != 0
        || take_repoint(arguments, intent, reterr) != 0 || add_wish(arguments, intent, reterr) != 0)
        return -1;
    if (intent->wish_count == 0)
        intent->audience = copy_value(arguments, IRSA_OPTION_AUDIENCE);
    return 0;
}
