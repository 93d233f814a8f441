/* SPDX-License-Identifier: Apache-2.0 */
/* Credential plugins as client-go runs them
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins,
 * k8s.io/client-go/plugin/pkg/client/auth/exec/exec.go). No shell is in between. */
#include "kube/kube.h"

#include <unistd.h>

#define V1 "client.authentication.k8s.io/v1"
#define V1BETA1 "client.authentication.k8s.io/v1beta1"
#define EXTENSION "client.authentication.k8s.io/exec"
/* A plugin may wait for its user, who logs in with a browser. */
#define DEADLINE_MS 60000L
#define INTERACTIVE_DEADLINE_MS 300000L

static const char *text_of(const json_t *exec, const char *key)
{
    const char *text = irsa_json_string(exec, key, NULL);
    return text ? text : "";
}

/* --- the entry -------------------------------------------------------------------------------- */

static int check_mode(const char *file, const char *user, const json_t *exec,
                      struct irsa_error **reterr)
{
    const char *mode = text_of(exec, "interactiveMode");
    if (strcmp(mode, "Never") == 0 || strcmp(mode, "IfAvailable") == 0
        || strcmp(mode, "Always") == 0)
        return 0;
    if (*mode)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: invalid configuration: invalid interactiveMode for %s: \"%s\"", file,
                         user, mode);
    if (strcmp(text_of(exec, "apiVersion"), V1) != 0)
        return 0; /* v1beta1: IfAvailable */
    (void)irsa_fail(reterr, IRSA_E_PARSE,
                    "%s: invalid configuration: interactiveMode must be specified for %s to use "
                    "exec authentication plugin",
                    file, user);
    return irsa_hint(reterr, "it is one of Never, IfAvailable, Always");
}

static int check_version(const char *file, const char *user, const json_t *exec,
                         struct irsa_error **reterr)
{
    const char *version = text_of(exec, "apiVersion");
    if (!*version)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: invalid configuration: apiVersion must be specified for %s to use "
                         "exec authentication plugin",
                         file, user);
    if (strcmp(version, V1) == 0 || strcmp(version, V1BETA1) == 0)
        return 0;
    (void)irsa_fail(reterr, IRSA_E_PARSE, "%s: user \"%s\": exec plugin: invalid apiVersion \"%s\"",
                    file, user, version);
    return irsa_hint(reterr, V1 " and " V1BETA1 " are known (for EKS, `aws eks update-kubeconfig` "
                                "writes the entry anew)");
}

static int check_variables(const char *file, const char *user, const json_t *exec,
                           struct irsa_error **reterr)
{
    size_t i = 0;
    json_t *variable = NULL;
    json_array_foreach(json_object_get(exec, "env"), i, variable)
    {
        if (!*text_of(variable, "name"))
            return irsa_fail(reterr, IRSA_E_PARSE,
                             "%s: invalid configuration: env variable name must be specified for "
                             "%s to use exec authentication plugin",
                             file, user);
    }
    return 0;
}

/* The cluster's extension for plugins, which is theirs to understand. */
static json_t *find_extension(const struct irsa_kubeconfig_entry *cluster)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(cluster->value, "extensions"), i, item)
    {
        const char *name = irsa_json_string(item, "name", NULL);
        if (name && strcmp(name, EXTENSION) == 0)
            return json_incref(json_object_get(item, "extension"));
    }
    return NULL;
}

int irsa_kube_exec_check(struct irsa_kube *kube, const struct irsa_kubeconfig_choice *choice,
                         struct irsa_error **reterr)
{
    const char *file = choice->user->file;
    const char *user = choice->user->name;
    json_t *exec = json_object_get(choice->user->value, "exec");
    const char *command = text_of(exec, "command");
    if (!*command)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: invalid configuration: command must be specified for %s to use exec "
                         "authentication plugin",
                         file, user);
    if (check_version(file, user, exec, reterr) != 0
        || check_variables(file, user, exec, reterr) != 0
        || check_mode(file, user, exec, reterr) != 0)
        return -1;
    kube->login = IRSA_KUBE_LOGIN_EXEC;
    kube->exec = json_incref(exec);
    kube->exec_config = find_extension(choice->cluster);
    /* a name without a slash is looked for on PATH */
    kube->exec_command =
        strchr(command, '/') ? irsa_kubeconfig_path(file, command) : irsa_strdup(command);
    irsa_kube_native_of(command, exec, &kube->native);
    return 0;
}

/* --- the run ---------------------------------------------------------------------------------- */

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        (void)json_object_set_new(object, key, json_string(text));
}

static json_t *cluster_info(const struct irsa_kube *kube)
{
    json_t *cluster = json_pack("{s:s}", "server", kube->server);
    irsa_auto_buf ca = {0};
    set_text(cluster, "tls-server-name", kube->server_name);
    if (kube->insecure)
        (void)json_object_set_new(cluster, "insecure-skip-tls-verify", json_true());
    if (kube->ca)
        irsa_base64_encode(kube->ca, strlen(kube->ca), &ca);
    set_text(cluster, "certificate-authority-data", ca.data);
    /* back to Go's name of the scheme */
    irsa_autofree char *proxy = kube->proxy && irsa_has_prefix(kube->proxy, "socks5h:")
                                    ? irsa_format("socks5%s", kube->proxy + 7)
                                    : NULL;
    set_text(cluster, "proxy-url", proxy ? proxy : kube->proxy);
    if (kube->exec_config)
        (void)json_object_set(cluster, "config", kube->exec_config);
    return cluster;
}

/* KUBERNETES_EXEC_INFO: {"apiVersion": ..., "kind": "ExecCredential", "spec": {"cluster": {...},
 * "interactive": true}}. */
static char *exec_info(const struct irsa_kube *kube, bool interactive)
{
    irsa_auto_buf text = {0};
    json_auto_t *info =
        json_pack("{s:s, s:s, s:{s:b}}", "apiVersion", text_of(kube->exec, "apiVersion"), "kind",
                  "ExecCredential", "spec", "interactive", interactive);
    if (json_is_true(json_object_get(kube->exec, "provideClusterInfo")))
        (void)json_object_set_new(json_object_get(info, "spec"), "cluster", cluster_info(kube));
    irsa_json_write_compact(info, &text);
    return irsa_format("KUBERNETES_EXEC_INFO=%s", irsa_buf_str(&text));
}

/* Of variables named twice in an entry the last one counts, as in Go's os/exec. */
static void set_environment(const struct irsa_kube *kube, bool interactive,
                            struct irsa_strings *ret)
{
    const json_t *variables = json_object_get(kube->exec, "env");
    irsa_strings_take(ret, exec_info(kube, interactive));
    for (size_t i = json_array_size(variables); i > 0; i--) {
        const json_t *variable = json_array_get(variables, i - 1);
        const char *name = text_of(variable, "name");
        if (strcmp(name, "KUBERNETES_EXEC_INFO") != 0)
            irsa_strings_take(ret, irsa_format("%s=%s", name, text_of(variable, "value")));
    }
}

static int fail_missing(const struct irsa_kube *kube, struct irsa_error **reterr)
{
    const char *hint = text_of(kube->exec, "installHint");
    irsa_error_free(irsa_steal(reterr));
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "exec: executable %s not found", kube->exec_command);
    if (!*hint)
        return irsa_hint(reterr,
                         "the kubeconfig's user \"%s\" needs this credential plugin "
                         "(https://kubernetes.io/docs/reference/access-authn-authz/authentication/"
                         "#client-go-credential-plugins)",
                         kube->user);
    /* as client-go cleans it: nothing that could drive a terminal */
    irsa_autofree char *clean = irsa_trim(hint);
    for (char *p = clean; *p; p++) {
        if (((unsigned char)*p < ' ' && *p != '\n' && *p != '\t') || *p == 0x7f)
            *p = '?';
    }
    return irsa_hint(reterr, "%s", clean);
}

static int fail_status(const struct irsa_kube *kube, const struct irsa_process *run,
                       struct irsa_error **reterr)
{
    irsa_autofree char *said = irsa_trim(irsa_buf_str(&run->err));
    for (char *p = said; *p; p++) {
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    }
    return irsa_fail(reterr, IRSA_E_AUTH, "exec: executable %s %s %d%s%.600s", kube->exec_command,
                     run->signal ? "was ended by signal" : "failed with exit code",
                     run->signal ? run->signal : run->status, *said ? ": " : "", said);
}

static bool wants_terminal(const struct irsa_kube *kube)
{
    return strcmp(text_of(kube->exec, "interactiveMode"), "Never") != 0;
}

int irsa_kube_exec_run(struct irsa_kube *kube, struct irsa_error **reterr)
{
    bool interactive = wants_terminal(kube) && isatty(STDIN_FILENO);
    if (!interactive && strcmp(text_of(kube->exec, "interactiveMode"), "Always") == 0)
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "exec plugin %s cannot support interactive mode: standard input is not a "
                         "terminal",
                         kube->exec_command);
    irsa_auto_strings words = {0};
    irsa_auto_strings variables = {0};
    size_t i = 0;
    json_t *argument = NULL;
    irsa_strings_add(&words, kube->exec_command);
    json_array_foreach(json_object_get(kube->exec, "args"), i, argument)
    {
        irsa_strings_add(&words, json_string_value(argument));
    }
    set_environment(kube, interactive, &variables);
    IRSA_CLEANUP(irsa_process_done)
    struct irsa_process run = {
        .deadline_ms = kube->exec_deadline_ms ? kube->exec_deadline_ms
                       : interactive          ? INTERACTIVE_DEADLINE_MS
                                              : DEADLINE_MS,
        .interrupted = kube->interrupted,
        .no_stdin = !interactive,
        .environment = &variables,
    };
    if (irsa_process_run(&words, &run, reterr) != 0)
        return irsa_error_kind(*reterr) == IRSA_E_NOT_FOUND ? fail_missing(kube, reterr)
                                                            : irsa_wrap(reterr, "exec");
    if (run.status != 0 || run.signal != 0)
        return fail_status(kube, &run, reterr);
    return irsa_kube_exec_take(kube, irsa_buf_str(&run.out), run.out.len, reterr);
}
