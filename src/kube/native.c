/* SPDX-License-Identifier: Apache-2.0 */
/* The two programs that give EKS's bearer token: `aws eks get-token --cluster-name N --region R
 * [--role-arn ARN] [--profile P]`
 * (https://docs.aws.amazon.com/cli/latest/reference/eks/get-token.html) and `aws-iam-authenticator
 * token -i N [-r ARN]` (https://github.com/kubernetes-sigs/aws-iam-authenticator). What is not
 * known here may change what they give: then they are run. */
#include "kube/kube.h"

/* Where an option's value goes; `place` -1: it has a value that says nothing here; -2: it has
 * none. */
struct option {
    const char *name;
    int place;
};
enum { CLUSTER, REGION, PROFILE, ROLE, IGNORED = -1, FLAG = -2 };

static const struct option aws_options[] = {
    {"--cluster-name", CLUSTER},
    {"--region", REGION},
    {"--profile", PROFILE},
    {"--role-arn", ROLE},
    {"--role", ROLE},
    {"--output", IGNORED},
    {"--color", IGNORED},
    {"--cli-read-timeout", IGNORED},
    {"--cli-connect-timeout", IGNORED},
    {"--no-cli-pager", FLAG},
    {"--no-paginate", FLAG},
    {NULL, 0},
};
static const struct option authenticator_options[] = {
    {"-i", CLUSTER},
    {"--cluster-id", CLUSTER},
    {"-r", ROLE},
    {"--role", ROLE},
    {"--region", REGION},
    {"--cache", FLAG},
    {"--log-format", IGNORED},
    {NULL, 0},
};

static char **place_of(struct irsa_kube_native *native, int place)
{
    char **const places[] = {&native->cluster, &native->region, &native->profile,
                             &native->role_arn};
    return places[place];
}

/* "--name value" or "--name=value"; false: not known. */
static bool read_option(const struct option *options, const json_t *arguments, size_t *at,
                        struct irsa_kube_native *ret)
{
    const char *word = json_string_value(json_array_get(arguments, *at));
    size_t len = strcspn(word, "=");
    for (; options->name; options++) {
        if (strlen(options->name) != len || strncmp(word, options->name, len) != 0)
            continue;
        if (options->place == FLAG)
            return word[len] == '\0';
        const char *value =
            word[len] == '=' ? word + len + 1 : json_string_value(json_array_get(arguments, ++*at));
        if (value && options->place >= 0)
            irsa_kube_set(place_of(ret, options->place), value);
        return value != NULL;
    }
    return false;
}

/* Options and the words of the command, which may stand between them. */
static bool read_arguments(const struct option *options, const char *const *words,
                           const json_t *arguments, struct irsa_kube_native *ret)
{
    for (size_t i = 0; i < json_array_size(arguments); i++) {
        const char *word = json_string_value(json_array_get(arguments, i));
        if (*words && strcmp(word, *words) == 0)
            words++;
        else if (!read_option(options, arguments, &i, ret))
            return false;
    }
    return *words == NULL;
}

static bool read_variables(const json_t *variables, struct irsa_kube_native *ret)
{
    size_t i = 0;
    json_t *variable = NULL;
    json_array_foreach(variables, i, variable)
    {
        const char *name = irsa_json_string(variable, "name", NULL);
        const char *value = irsa_json_string(variable, "value", NULL);
        if (!name || !value)
            return false;
        if (strcmp(name, "AWS_PROFILE") == 0) {
            if (!ret->profile && *value)
                irsa_kube_set(&ret->profile, value);
        } else if (strcmp(name, "AWS_REGION") == 0 || strcmp(name, "AWS_DEFAULT_REGION") == 0) {
            if (!ret->region && *value)
                irsa_kube_set(&ret->region, value);
        } else if (strcmp(name, "AWS_STS_REGIONAL_ENDPOINTS") != 0
                   || strcmp(value, "regional") != 0) {
            return false;
        }
    }
    return true;
}

void irsa_kube_native_of(const char *command, const json_t *exec, struct irsa_kube_native *ret)
{
    static const char *const aws_words[] = {"eks", "get-token", NULL};
    static const char *const authenticator_words[] = {"token", NULL};
    const char *slash = strrchr(command, '/');
    const char *program = slash ? slash + 1 : command;
    const json_t *arguments = json_object_get(exec, "args");
    struct irsa_kube_native native = {0};
    bool known = false;
    if (strcmp(program, "aws") == 0)
        known = read_arguments(aws_options, aws_words, arguments, &native);
    else if (strcmp(program, "aws-iam-authenticator") == 0)
        known = read_arguments(authenticator_options, authenticator_words, arguments, &native);
    if (known && native.cluster && *native.cluster
        && read_variables(json_object_get(exec, "env"), &native)) {
        *ret = native;
        return;
    }
    irsa_kube_native_done(&native);
}
