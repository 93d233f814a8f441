/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#define PLAN (1u << IRSA_COMMAND_PLAN)
#define APPLY (1u << IRSA_COMMAND_APPLY)
#define BOOTSTRAP (1u << IRSA_COMMAND_BOOTSTRAP)
#define ROLLBACK (1u << IRSA_COMMAND_ROLLBACK)
#define SHOW (1u << IRSA_COMMAND_SHOW)
#define SNAPSHOT (1u << IRSA_COMMAND_SNAPSHOT)
#define VERIFY (1u << IRSA_COMMAND_VERIFY)
#define PERMISSIONS (1u << IRSA_COMMAND_PERMISSIONS)
#define HISTORY (1u << IRSA_COMMAND_HISTORY)
#define EXPLAIN (1u << IRSA_COMMAND_EXPLAIN)
#define TEMPLATES (1u << IRSA_COMMAND_TEMPLATES)
#define COMPLETION (1u << IRSA_COMMAND_COMPLETION)
#define HELP (1u << IRSA_COMMAND_HELP)
#define VERSION (1u << IRSA_COMMAND_VERSION)
#define PLANNING (PLAN | APPLY | SNAPSHOT | PERMISSIONS)
#define CAPTURED (PLAN | APPLY | BOOTSTRAP)
#define LIVE (CAPTURED | SNAPSHOT)
#define WORKING (LIVE | PERMISSIONS)
#define BOOTSTRAPPING (BOOTSTRAP | PERMISSIONS)
#define REPORTING (CAPTURED | ROLLBACK | SHOW | HISTORY)
#define ASKING (LIVE | VERIFY)
#define CHOOSING (WORKING | VERIFY)
#define ANY                                                                                        \
    (CHOOSING | ROLLBACK | SHOW | HISTORY | EXPLAIN | TEMPLATES | COMPLETION | HELP | VERSION)

static const char *const formats[] = {"text", "json", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const dry_runs[] = {"server", NULL};
static const char *const diffs[] = {"unified", "semantic", NULL};

const struct irsa_option_spec irsa_options[IRSA_OPTION_MAX_] = {
    [IRSA_OPTION_FROM] = {"from", 0, "DIR", IRSA_GROUP_SOURCE, CAPTURED | ROLLBACK | HISTORY,
                          .with_plan = true,
                          .help = "instead of asking AWS and Kubernetes read the account and the "
                                  "cluster from the files in DIR; changes go back into them"},
    [IRSA_OPTION_IGNORE] = {"ignore", 0, "GLOB", IRSA_GROUP_SOURCE,
                            CAPTURED | PERMISSIONS | ROLLBACK, .repeatable = true,
                            .help = "leave out files of DIR whose name (relative to it) matches"},
    [IRSA_OPTION_CLUSTER] = {"cluster", 0, "NAME|ARN", IRSA_GROUP_SOURCE,
                             CHOOSING | ROLLBACK | HISTORY, .carried = true,
                             .help = "the EKS cluster; without it the kubeconfig's context tells, "
                                     "or there is just one"},
    [IRSA_OPTION_REGION] = {"region", 0, "REGION", IRSA_GROUP_SOURCE, CHOOSING | ROLLBACK,
                            .carried = true, .help = "the cluster's region"},
    [IRSA_OPTION_PROFILE] = {"profile", 0, "NAME", IRSA_GROUP_SOURCE,
                             ASKING | PERMISSIONS | ROLLBACK, .carried = true,
                             .help = "the profile of the AWS CLI whose credentials are used"},
    [IRSA_OPTION_ACCOUNT_PROFILE] = {"account-profile", 0, "ACCOUNT=NAME", IRSA_GROUP_SOURCE,
                                     ASKING | PERMISSIONS | ROLLBACK, .repeatable = true,
                                     .carried = true,
                                     .help = "the profile for roles of another account"},
    [IRSA_OPTION_KUBECONFIG] = {"kubeconfig", 0, "FILE", IRSA_GROUP_SOURCE, ASKING | ROLLBACK,
                                .carried = true,
                                .help = "read FILE instead of KUBECONFIG or ~/.kube/config"},
    [IRSA_OPTION_CONTEXT] = {"context", 0, "NAME", IRSA_GROUP_SOURCE, ASKING | ROLLBACK,
                             .carried = true,
                             .help = "the kubeconfig's context, if not its current one"},
    [IRSA_OPTION_NO_NATIVE_TOKEN] = {"no-native-token", 0, NULL, IRSA_GROUP_SOURCE,
                                     ASKING | ROLLBACK, .carried = true,
                                     .help = "run the kubeconfig's exec plugin also where irsa-fix "
                                             "can make EKS' token itself"},
    [IRSA_OPTION_NO_KUBERNETES] = {"no-kubernetes", 0, NULL, IRSA_GROUP_SOURCE,
                                   LIVE | PERMISSIONS | ROLLBACK, .carried = true,
                                   .help = "ask AWS alone, not the cluster's API server"},
    [IRSA_OPTION_MANIFESTS] = {"manifests", 0, "DIR", IRSA_GROUP_SOURCE,
                               CAPTURED | PERMISSIONS | ROLLBACK, .carried = true,
                               .help = "ask AWS, but read service accounts and the rest of "
                                       "Kubernetes from the manifests in DIR; changes to them go "
                                       "back into them"},
    [IRSA_OPTION_THUMBPRINT] = {"thumbprint", 0, "auto|HEX", IRSA_GROUP_SOURCE,
                                CAPTURED | PERMISSIONS | ROLLBACK, .carried = true,
                                .help =
                                    "thumbprint that the issuer's OIDC provider is to have, where "
                                    "IAM does not find it itself; auto asks the issuer that "
                                    "irsa-fix.ini names. EKS needs none"},
    [IRSA_OPTION_TIMEOUT] = {"timeout", 0, "TIME", IRSA_GROUP_SOURCE, ASKING | ROLLBACK,
                             .with_plan = true,
                             .help =
                                 "longest wait for one answer, for a change to be seen, and for "
                                 "another irsa-fix to end: seconds, or like 2m"},
    [IRSA_OPTION_LOG_HTTP] = {"log-http", 0, NULL, IRSA_GROUP_SOURCE, ASKING | ROLLBACK,
                              .with_plan = true,
                              .help = "one line on standard error for each request"},
    [IRSA_OPTION_CONFIG] = {"config", 0, "FILE", IRSA_GROUP_SOURCE, CHOOSING | ROLLBACK,
                            .carried = true,
                            .help = "read FILE instead of the nearest irsa-fix.ini, from the "
                                    "current directory upward"},
    [IRSA_OPTION_NO_CONFIG] = {"no-config", 0, NULL, IRSA_GROUP_SOURCE, CHOOSING | ROLLBACK,
                               .carried = true, .help = "read no irsa-fix.ini"},
    [IRSA_OPTION_NAMESPACE] = {"namespace", 'n', "NS", IRSA_GROUP_SELECTION, CHOOSING,
                               .repeatable = true, .carried = true,
                               .help = "only this namespace; globs (* and ?) are taken"},
    [IRSA_OPTION_SERVICE_ACCOUNT] = {"service-account", 's', "[NS/]NAME", IRSA_GROUP_SELECTION,
                                     CHOOSING, .repeatable = true, .carried = true,
                                     .help = "only this service account; globs are taken"},
    [IRSA_OPTION_ALL_NAMESPACES] = {"all-namespaces", 'A', NULL, IRSA_GROUP_SELECTION,
                                    PLANNING | VERIFY, .help = "every namespace, as without -n"},
    [IRSA_OPTION_SELECTOR] = {"selector", 'l', "LABELS", IRSA_GROUP_SELECTION, PLANNING | VERIFY,
                              .carried = true,
                              .help = "only service accounts with these labels: "
                                      "app=web,tier!=db,env in (a,b)"},
    [IRSA_OPTION_ROLE] = {"role", 0, "NAME|ARN", IRSA_GROUP_WANTED, CHOOSING, .carried = true,
                          .help = "the role that the one service account shall have"},
    [IRSA_OPTION_REPOINT] = {"repoint", 0, "OLD|stale", IRSA_GROUP_WANTED, PLANNING,
                             .carried = true,
                             .help = "put the cluster's issuer in the place of another one in "
                                     "every role that trusts that: OLD is its URL, id, provider "
                                     "ARN, or its cluster; stale means all whose provider is gone. "
                                     "Nothing else is planned; -n, -s and --role narrow it"},
    [IRSA_OPTION_KEEP_OLD] = {"keep-old", 0, NULL, IRSA_GROUP_WANTED, PLANNING, .carried = true,
                              .help = "with --repoint: beside the old issuer, not in its place"},
    [IRSA_OPTION_PRUNE] = {"prune", 0, NULL, IRSA_GROUP_WANTED, PLANNING, .carried = true,
                           .help = "take out trust in EKS issuers that no longer exist, and "
                                   "providers of clusters known to be gone; needs --allow delete"},
    [IRSA_OPTION_AUDIENCE] = {"audience", 0, "AUDIENCE", IRSA_GROUP_WANTED, CHOOSING,
                              .carried = true,
                              .help = "the audience of the tokens, if not sts.amazonaws.com"},
    [IRSA_OPTION_POLICY_ARN] = {"policy-arn", 0, "ARN", IRSA_GROUP_WANTED, WORKING,
                                .repeatable = true, .carried = true,
                                .help = "a managed policy that shall be attached to the role"},
    [IRSA_OPTION_POLICY_FILE] = {"policy-file", 0, "FILE", IRSA_GROUP_WANTED, WORKING,
                                 .repeatable = true, .carried = true,
                                 .help = "a JSON file that shall be an inline policy of the role, "
                                         "named after the file"},
    [IRSA_OPTION_NEED] = {"need", 0, "'ACTION ARN'", IRSA_GROUP_WANTED, WORKING, .repeatable = true,
                          .carried = true,
                          .help = "an action on a resource that the role's policies must allow"},
    [IRSA_OPTION_PATH] = {"path", 0, "PATH", IRSA_GROUP_WANTED, BOOTSTRAPPING, .carried = true,
                          .help = "path of a new role, like /apps/"},
    [IRSA_OPTION_DESCRIPTION] = {"description", 0, "TEXT", IRSA_GROUP_WANTED, BOOTSTRAPPING,
                                 .carried = true, .help = "description of a new role"},
    [IRSA_OPTION_TAG] = {"tag", 0, "KEY=VALUE", IRSA_GROUP_WANTED, BOOTSTRAPPING,
                         .repeatable = true, .carried = true,
                         .help = "tag of a new role; several with commas"},
    [IRSA_OPTION_BOUNDARY] = {"permissions-boundary", 0, "ARN", IRSA_GROUP_WANTED, BOOTSTRAPPING,
                              .carried = true, .help = "permissions boundary of a new role"},
    [IRSA_OPTION_MAX_SESSION] = {"max-session-duration", 0, "TIME", IRSA_GROUP_WANTED,
                                 BOOTSTRAPPING, .carried = true,
                                 .help = "longest session of the role: seconds, or like 2h"},
    [IRSA_OPTION_CREATE_NAMESPACE] = {"create-namespace", 0, NULL, IRSA_GROUP_WANTED, BOOTSTRAPPING,
                                      .carried = true,
                                      .help = "create the namespace if it is missing"},
    [IRSA_OPTION_LABEL] = {"label", 0, "KEY=VALUE", IRSA_GROUP_WANTED, BOOTSTRAPPING | VERIFY,
                           .repeatable = true, .carried = true,
                           .help = "label of a new service account, or of the test pod; several "
                                   "with commas"},
    [IRSA_OPTION_TEMPLATE_DIR] = {"template-dir", 0, "DIR", IRSA_GROUP_WANTED, CHOOSING | TEMPLATES,
                                  .carried = true,
                                  .help = "templates in DIR replace the built-in ones of the same "
                                          "name"},
    [IRSA_OPTION_SAVE_CONFIG] = {"save-config", 0, NULL, IRSA_GROUP_SAFETY, BOOTSTRAP,
                                 .carried = true,
                                 .help = "with --yes: write what was asked for into irsa-fix.ini "
                                         "too"},
    [IRSA_OPTION_POD] = {"pod", 0, NULL, IRSA_GROUP_WANTED, VERIFY | PERMISSIONS,
                         .help = "run a test pod under each service account, which prints what "
                                 "it is given and who it is, and delete it again"},
    [IRSA_OPTION_IMAGE] = {"image", 0, "IMAGE", IRSA_GROUP_WANTED, VERIFY,
                           .help = "the test pod's image, if not the template's: with a shell, "
                                   "grep, sed, sort and the AWS CLI"},
    [IRSA_OPTION_NODE_SELECTOR] = {"node-selector", 0, "KEY=VALUE", IRSA_GROUP_WANTED, VERIFY,
                                   .repeatable = true,
                                   .help = "only on nodes with this label runs the test pod; "
                                           "several with commas"},
    [IRSA_OPTION_YES] = {"yes", 'y', NULL, IRSA_GROUP_SAFETY, APPLY | BOOTSTRAP | ROLLBACK,
                         .with_plan = true, .help = "apply; without it nothing is changed"},
    [IRSA_OPTION_VERIFY] = {"verify", 0, NULL, IRSA_GROUP_SAFETY, APPLY | BOOTSTRAP,
                            .with_plan = true,
                            .help = "with --yes: prove afterwards, as `verify` does, that it "
                                    "works"},
    [IRSA_OPTION_DRY_RUN] = {"dry-run", 0, "server", IRSA_GROUP_SAFETY,
                             APPLY | BOOTSTRAP | ROLLBACK, .with_plan = true, .choices = dry_runs,
                             .help = "ask the API server whether it would accept the changes; "
                                     "nothing is changed. AWS is not asked"},
    [IRSA_OPTION_ALLOW] = {"allow", 0, "CLASS", IRSA_GROUP_SAFETY, WORKING | ROLLBACK,
                           .repeatable = true, .carried = true, .with_plan = true,
                           .help = "do not hold back changes of this class: narrow, pattern, "
                                   "overwrite, restart, delete, owned; several with commas"},
    [IRSA_OPTION_STRICT] = {"strict", 0, NULL, IRSA_GROUP_SAFETY, WORKING, .carried = true,
                            .help = "warnings end in exit status 3 too"},
    [IRSA_OPTION_FORMAT] = {"format", 0, "text|json", IRSA_GROUP_OUTPUT,
                            REPORTING | VERIFY | EXPLAIN, .with_plan = true, .choices = formats,
                            .help = "text for people (default) or JSON (docs/plan.schema.json)"},
    [IRSA_OPTION_OUTPUT] = {"output", 0, "FILE", IRSA_GROUP_OUTPUT,
                            REPORTING | VERIFY | PERMISSIONS | EXPLAIN | TEMPLATES,
                            .with_plan = true,
                            .help = "write the result to FILE instead of standard output"},
    [IRSA_OPTION_SAVE] = {"save", 0, "PLANFILE", IRSA_GROUP_OUTPUT, PLAN,
                          .help = "save the plan, for `show` and for exactly this to be applied"},
    [IRSA_OPTION_DIFF] = {"diff", 0, "unified|semantic", IRSA_GROUP_OUTPUT,
                          CAPTURED | ROLLBACK | SHOW, .with_plan = true, .choices = diffs,
                          .help = "show changed trust policies by their lines (default) or by "
                                  "their meaning"},
    [IRSA_OPTION_COLOR] = {"color", 0, "WHEN", IRSA_GROUP_OUTPUT, REPORTING | VERIFY | EXPLAIN,
                           .with_plan = true, .choices = colors,
                           .help = "auto (default: on a terminal), always or never"},
    [IRSA_OPTION_ASCII] = {"ascii", 0, NULL, IRSA_GROUP_OUTPUT, REPORTING | VERIFY | EXPLAIN,
                           .with_plan = true,
                           .help = "draw with ASCII characters only; the default follows the "
                                   "locale"},
    [IRSA_OPTION_LIST] = {"list", 0, NULL, IRSA_GROUP_OUTPUT, EXPLAIN, .help = "list all codes"},
    [IRSA_OPTION_FROM_LOG] = {"from-log", 0, "FILE", IRSA_GROUP_SOURCE, EXPLAIN,
                              .help = "read a log, an error message or events from FILE, - for "
                                      "standard input, and tell which codes they point to"},
    [IRSA_OPTION_REDACT] = {"redact", 0, NULL, IRSA_GROUP_OUTPUT, SNAPSHOT,
                            .help = "replace account ids, names and ids, each by the same "
                                    "everywhere"},
    [IRSA_OPTION_RBAC] = {"rbac", 0, NULL, IRSA_GROUP_OUTPUT, PERMISSIONS,
                          .help = "print the ClusterRole and Roles that are needed in the cluster "
                                  "instead, for kubectl apply"},
    [IRSA_OPTION_QUIET] = {"quiet", 'q', NULL, IRSA_GROUP_GENERAL, REPORTING | VERIFY | SNAPSHOT,
                           .with_plan = true, .help = "nothing on standard error but errors"},
    [IRSA_OPTION_VERBOSE] = {"verbose", 'v', NULL, IRSA_GROUP_GENERAL,
                             REPORTING | VERIFY | SNAPSHOT | EXPLAIN, .with_plan = true,
                             .help = "show what was checked and held, what was not checked and "
                                     "why, and which files were passed over"},
    [IRSA_OPTION_HELP] = {"help", 'h', NULL, IRSA_GROUP_GENERAL, ANY, .with_plan = true,
                          .help = "show this help"},
};

const struct irsa_option_alias irsa_option_aliases[] = {
    {"attach-policy-arn", IRSA_OPTION_POLICY_ARN}, /* eksctl create iamserviceaccount */
    {"attach-role-arn", IRSA_OPTION_ROLE},
    {"role-name", IRSA_OPTION_ROLE},
    {"role-arn", IRSA_OPTION_ROLE},
    {"tags", IRSA_OPTION_TAG},
    {"labels", IRSA_OPTION_LABEL},
    {"approve", IRSA_OPTION_YES},
    {"config-file", IRSA_OPTION_CONFIG},
    {"serviceaccount", IRSA_OPTION_SERVICE_ACCOUNT}, /* kubectl's spelling */
    {"cluster-name", IRSA_OPTION_CLUSTER},           /* the AWS CLI's */
    {"colour", IRSA_OPTION_COLOR},
};
const size_t irsa_option_alias_count = IRSA_COUNT(irsa_option_aliases);
