/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <unistd.h>

#define CONFIG_NAME "irsa-fix.ini"
#define CONFIG_MAX_BYTES ((size_t)4 << 20)

static int check_role_given(const struct irsa_session *session, struct irsa_error **reterr)
{
    if (session->intent->wishes[0].role)
        return 0;
    irsa_fail(reterr, IRSA_E_USAGE, "bootstrap needs a role");
    return irsa_hint(reterr, "name it with --role NAME; it is created where it is missing");
}

/* The folder of the configuration as an absolute path, with a slash at its end; the caller's. */
static char *config_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    irsa_autofree char *folder =
        slash ? irsa_strndup(path, (size_t)(slash - path) + 1) : irsa_strdup(".");
    irsa_autofree char *real = realpath(folder, NULL);
    return irsa_format("%s/", real && strcmp(real, "/") != 0 ? real : "");
}

/* A file named on the command line as the configuration has to name it: from its own folder. */
static char *from_folder(const char *folder, const char *file)
{
    irsa_autofree char *real = realpath(file, NULL);
    if (*file == '/' || !real)
        return irsa_strdup(file);
    irsa_auto_buf up = {0};
    irsa_autofree char *base = irsa_strdup(folder);
    while (!irsa_has_prefix(real, base)) {
        base[strlen(base) - 1] = '\0';
        strrchr(base, '/')[1] = '\0';
        irsa_buf_adds(&up, "../");
    }
    return irsa_format("%s%s", irsa_buf_str(&up), real + strlen(base));
}

/* The new text of irsa-fix.ini, from the command line's own words alone. */
static int config_text(const struct irsa_arguments *arguments, const char *path,
                       struct irsa_buf *ret, struct irsa_error **reterr)
{
    irsa_auto_intent intent = irsa_intent_new();
    if (irsa_intent_from_arguments(arguments, intent, reterr) != 0)
        return -1;
    struct irsa_wish *wish = &intent->wishes[0];
    irsa_autofree char *folder = config_folder(path);
    for (size_t i = 0; i < wish->settings.policy_file_names.len; i++) {
        char *named = from_folder(folder, wish->settings.policy_file_names.items[i]);
        free(wish->settings.policy_file_names.items[i]);
        wish->settings.policy_file_names.items[i] = named;
    }
    irsa_auto_buf old = {0};
    if (access(path, F_OK) == 0 && irsa_file_read(path, CONFIG_MAX_BYTES, &old, reterr) != 0)
        return -1;
    return irsa_intent_save_wish(path, irsa_buf_str(&old), wish, ret, reterr);
}

static int save_config(const char *path, const struct irsa_buf *text, struct irsa_error **reterr)
{
    if (irsa_write_file(path, text, reterr) != 0)
        return irsa_hint(reterr, "the changes themselves were made");
    irsa_log(IRSA_LOG_INFO, "%s: written", path);
    return 0;
}

int irsa_run_bootstrap(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_session session = {0};
    irsa_auto_buf text = {0};
    if (irsa_session_open(&session, arguments, reterr) != 0
        || check_role_given(&session, reterr) != 0)
        return -1;
    const char *given = irsa_option_value(arguments, IRSA_OPTION_CONFIG);
    const char *config = session.intent->config_file ? session.intent->config_file
                         : given                     ? given
                                                     : CONFIG_NAME;
    bool save = irsa_is_set(arguments, IRSA_OPTION_SAVE_CONFIG);
    if (save && config_text(arguments, config, &text, reterr) != 0)
        return -1;
    if (irsa_session_plan(&session, reterr) != 0)
        return -1;
    irsa_autofree char *next = irsa_carried_command(arguments, "bootstrap");
    if (irsa_is_set(arguments, IRSA_OPTION_DRY_RUN))
        return irsa_session_dry_run(&session, next, reterr);
    if (!irsa_is_set(arguments, IRSA_OPTION_YES))
        return irsa_session_report(&session, next, reterr);
    bool finished = false;
    int status = irsa_session_apply(&session, next, &finished, reterr);
    if (status >= 0 && save && finished && save_config(config, &text, reterr) != 0)
        return -1;
    return status;
}
