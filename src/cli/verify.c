/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include "irsa/verify.h"

/* How often it is said on what is not a terminal. */
#define SAY_EVERY_MS 10000L

/* --- what is waited for, on stderr ------------------------------------------------------------ */

struct waiting {
    long said_at; /* left_ms when it was last said; 0: not yet */
    char *said;
};

static void say_now_and_then(struct waiting *waiting, const char *text, long left_ms)
{
    bool same = waiting->said && strcmp(waiting->said, text) == 0;
    if (same && waiting->said_at - left_ms < SAY_EVERY_MS)
        return;
    free(waiting->said);
    waiting->said = irsa_strdup(text);
    waiting->said_at = left_ms;
    irsa_log(IRSA_LOG_NOTICE, "%ld s left: %s", (left_ms + 999) / 1000, text);
}

static void on_waiting(void *context, const char *text, long left_ms)
{
    if (left_ms == 0)
        irsa_log_status_clear();
    else if (!irsa_log_status("irsa-fix: %ld s left: %s", (left_ms + 999) / 1000, text))
        say_now_and_then(context, text, left_ms);
}

static void on_say(void *context, const char *text)
{
    (void)context;
    irsa_log(IRSA_LOG_NOTICE, "%s", text);
}

/* --- options ---------------------------------------------------------------------------------- */

/* KEY=VALUE of an option that may be given several times; a new reference, or NULL where none is.
 */
static int read_pairs(const struct irsa_arguments *arguments, enum irsa_option option, json_t **ret,
                      struct irsa_error **reterr)
{
    const struct irsa_strings *values = &arguments->options[option];
    for (size_t i = 0; i < values->len; i++) {
        if (irsa_pairs_add_all(ret, values->items[i], reterr) != 0)
            return irsa_wrap(reterr, "--%s", irsa_options[option].name);
    }
    return 0;
}

/* What only shapes a pod asks for one in vain else. */
static int check_pod_options(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    static const enum irsa_option shapes[] = {IRSA_OPTION_IMAGE, IRSA_OPTION_LABEL,
                                              IRSA_OPTION_NODE_SELECTOR};
    if (irsa_is_set(arguments, IRSA_OPTION_POD))
        return 0;
    for (size_t i = 0; i < IRSA_COUNT(shapes); i++) {
        if (!irsa_is_set(arguments, shapes[i]))
            continue;
        (void)irsa_fail(reterr, IRSA_E_USAGE, "--%s is about the test pod, and none is asked for",
                        irsa_options[shapes[i]].name);
        return irsa_hint(reterr, "add --pod");
    }
    return 0;
}

json_t *irsa_session_verify(struct irsa_session *session, const struct irsa_plan *plan,
                            struct irsa_error **reterr)
{
    const struct irsa_arguments *arguments = session->arguments;
    json_auto_t *labels = NULL;
    json_auto_t *selector = NULL;
    irsa_auto_prover prover = NULL;
    long timeout_ms = 0;
    struct waiting waiting = {0};
    bool pods = irsa_is_set(arguments, IRSA_OPTION_POD);
    if ((pods && read_pairs(arguments, IRSA_OPTION_LABEL, &labels, reterr) != 0)
        || read_pairs(arguments, IRSA_OPTION_NODE_SELECTOR, &selector, reterr) != 0
        || irsa_timeout_from_arguments(arguments, &timeout_ms, reterr) != 0
        || irsa_live_prover(session->world, &prover, reterr) != 0)
        return NULL;
    const struct irsa_verify_options options = {
        .pods = pods,
        .image = irsa_option_value(arguments, IRSA_OPTION_IMAGE),
        .labels = labels,
        .node_selector = selector,
        .templates = session->templates,
        .timeout_ms = timeout_ms,
        .say = on_say,
        .waiting = on_waiting,
        .context = &waiting,
        .interrupted = irsa_interrupted(),
    };
    if (pods)
        irsa_signals_hold(true);
    json_t *document = irsa_verify(prover, plan, &options);
    free(waiting.said);
    return document;
}

int irsa_session_prove(struct irsa_session *session, const struct irsa_plan *after,
                       json_t *document, int status)
{
    static const int order[] = {5, 4, 1, 3, 2};
    irsa_auto_error error = NULL;
    json_t *verify = irsa_session_verify(session, after, &error);
    int its = verify ? (int)json_integer_value(json_object_get(verify, "outcome"))
                     : irsa_exit_status(irsa_error_kind(error));
    if (!verify)
        irsa_log(IRSA_LOG_ERROR, "verify: %s", irsa_error_message(error));
    (void)json_object_set_new(document, "verify", verify ? verify : json_null());
    if (*irsa_interrupted())
        return 130;
    for (size_t i = 0; i < IRSA_COUNT(order); i++) {
        if (status == order[i] || its == order[i])
            return order[i];
    }
    return 0;
}

int irsa_verify_check(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    static const enum irsa_option without[] = {IRSA_OPTION_FROM, IRSA_OPTION_MANIFESTS,
                                               IRSA_OPTION_NO_KUBERNETES};
    for (size_t i = 0; i < IRSA_COUNT(without); i++) {
        if (!irsa_is_set(arguments, IRSA_OPTION_VERIFY) || !irsa_is_set(arguments, without[i]))
            continue;
        (void)irsa_fail(reterr, IRSA_E_USAGE, "--verify and --%s exclude each other",
                        irsa_options[without[i]].name);
        return irsa_hint(reterr, "verify asks STS and the API server for what only they can say");
    }
    return 0;
}

int irsa_run_verify(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_session session = {0};
    if (check_pod_options(arguments, reterr) != 0
        || irsa_session_open(&session, arguments, reterr) != 0
        || irsa_session_plan(&session, reterr) != 0)
        return -1;
    json_auto_t *document = irsa_session_verify(&session, session.plan, reterr);
    if (!document)
        return -1;
    irsa_autofree char *next = irsa_carried_command(arguments, "verify");
    if (irsa_write_report(arguments, IRSA_REPORT_VERIFY, document, next, reterr) != 0)
        return -1;
    if (*irsa_interrupted())
        return 130;
    return (int)json_integer_value(json_object_get(document, "outcome"));
}
