/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

const struct irsa_command_spec irsa_commands[IRSA_COMMAND_MAX_] = {
    [IRSA_COMMAND_PLAN] =
        {
            "plan",
            "[--from DIR] [selection] [options]",
            "find out what is broken and what would mend it; changes nothing",
            "Reads the cluster and the account, decides for every service account with a role "
            "whether "
            "a pod gets its credentials, names each cause with its evidence, and shows the "
            "smallest "
            "changes that mend it as diffs.",
            "irsa-fix plan --from examples/broken-cluster\n"
            "irsa-fix plan --context prod -n app\n"
            "irsa-fix plan --cluster prod --region eu-west-1 --manifests deploy/\n"
            "irsa-fix plan --from DIR -n app -s api --format json\n"
            "irsa-fix plan --from DIR --save fix.plan\n"
            "irsa-fix plan --cluster green --repoint blue --keep-old\n",
            0,
        },
    [IRSA_COMMAND_APPLY] =
        {
            "apply",
            "[--from DIR] [selection] [options] | PLANFILE [options]",
            "do what plan shows, then check again; changes nothing without --yes",
            "Plans as `plan` does and, with --yes, makes the changes that take nothing away from "
            "anybody; those that do need --allow CLASS besides. With a PLANFILE it plans again "
            "from "
            "where that plan was made, and goes on only if the outcome is the one that was saved. "
            "Afterwards everything is read and checked again.",
            "irsa-fix apply --context prod -n app --yes --allow restart\n"
            "irsa-fix apply --from DIR --yes\n"
            "irsa-fix apply --from DIR --yes --allow narrow,restart\n"
            "irsa-fix apply --cluster prod --repoint stale --yes\n"
            "irsa-fix apply fix.plan --yes\n",
            1,
        },
    [IRSA_COMMAND_BOOTSTRAP] =
        {
            "bootstrap",
            "[--from DIR] -n NS -s NAME --role NAME [options]",
            "make a service account with its role, end to end; a dry run without --yes",
            "Plans everything that a new service account needs: provider, role, trust policy, "
            "permissions, service account and its annotation. What exists already is completed.",
            "irsa-fix bootstrap --from DIR -n app -s worker --role app-worker \\\n"
            "    --policy-arn arn:aws:iam::aws:policy/AmazonSQSFullAccess --yes\n",
            0,
        },
    [IRSA_COMMAND_ROLLBACK] =
        {
            "rollback",
            "[RUN] [options]",
            "take back what a run changed; a dry run without --yes",
            "Plans the way back of a run that the journal tells of: what it created is removed, "
            "what it changed becomes what it was, in reverse order. Without RUN (an id or its "
            "beginning) it is the last run that was not taken back. It is done where the run was "
            "made. What somebody else changed since is held back until --allow overwrite says so, "
            "and what somebody else uses by now until --allow delete. A rollback is a run itself, "
            "and can be taken back.",
            "irsa-fix rollback\n"
            "irsa-fix rollback --from DIR --yes\n"
            "irsa-fix rollback 20261127-235509 --yes --allow overwrite\n",
            1,
        },
    [IRSA_COMMAND_SHOW] =
        {
            "show",
            "PLANFILE [options]",
            "show a saved plan",
            "Shows a plan that `plan --save` wrote, as `plan` showed it, and ends with the same "
            "exit "
            "status. Nothing else is read.",
            "irsa-fix show fix.plan\n"
            "irsa-fix show fix.plan --format json\n",
            1,
        },
    [IRSA_COMMAND_SNAPSHOT] =
        {
            "snapshot",
            "DIR [selection] [options]",
            "write what plan would read from AWS and Kubernetes into DIR, for --from",
            "Asks AWS and Kubernetes what `plan` would ask and writes the answers as files into "
            "DIR, which must "
            "be "
            "empty or not exist. `plan --from DIR` then says what `plan` would have said.",
            "irsa-fix snapshot captured --cluster prod --region eu-west-1\n"
            "irsa-fix snapshot for-the-ticket --cluster prod --redact\n",
            1,
        },
    [IRSA_COMMAND_VERIFY] =
        {
            "verify",
            "[selection] [options]",
            "prove that it works, by doing what a pod would do; changes nothing without --pod",
            "For each service account asks the API server for a token, checks its claims and its "
            "signature, takes on the role with it at STS, and asks STS who that is. A refusal is "
            "explained by the link of the chain that it comes from; what may only need time to be "
            "seen by AWS is asked again until --timeout (a minute). With --pod a test pod does "
            "the same from inside. Tokens and keys are never shown, logged or kept.",
            "irsa-fix verify --context prod\n"
            "irsa-fix verify -n app -s api --pod\n"
            "irsa-fix verify -n app -s api --pod --image example.com/aws-cli:2\n",
            0,
        },
    [IRSA_COMMAND_PERMISSIONS] =
        {
            "permissions",
            "plan|apply|bootstrap|verify|rollback [options]",
            "print the IAM policy that a command needs, or its RBAC; asks nobody",
            "Prints the least IAM policy with which the command can be run for this selection: for "
            "the one who runs irsa-fix. With --rbac it prints the objects that allow it in the "
            "cluster, bound to the group irsa-fix. Nothing is read but irsa-fix.ini.",
            "irsa-fix permissions plan --cluster prod --region eu-west-1\n"
            "irsa-fix permissions plan -n app --rbac | kubectl apply -f -\n"
            "irsa-fix permissions bootstrap -n app -s worker --role app-worker\n",
            1,
        },
    [IRSA_COMMAND_HISTORY] =
        {
            "history",
            "[RUN] [options]",
            "list what was applied, newest first, or show one run",
            "Lists the runs of irsa-fix that changed something, from their journals "
            "(irsa-fix help files): when, by whom, where, how far each came. With a RUN, the "
            "beginning of its id at least, it shows its changes as diffs, and what came of each. "
            "Nothing else is read.",
            "irsa-fix history\n"
            "irsa-fix history --cluster prod\n"
            "irsa-fix history 20261127-2355 --format json\n",
            1,
        },
    [IRSA_COMMAND_EXPLAIN] =
        {
            "explain",
            "CODE... | --list | --from-log FILE",
            "explain a finding's code, or what a log says",
            "Prints the page of a code (symptom, cause, fix and how safe it is), or lists all "
            "codes. With --from-log it reads whatever was pasted (errors of SDKs, logs of "
            "controllers, events), finds the messages that point to IRSA, and lists the codes that "
            "each may stand for, the likeliest first, with the command that goes on from there. "
            "Nothing else is read, and no secret of the log is shown.",
            "irsa-fix explain IRSA021\n"
            "irsa-fix explain --list\n"
            "kubectl logs -n shop deploy/api | irsa-fix explain --from-log -\n",
            64,
        },
    [IRSA_COMMAND_TEMPLATES] =
        {
            "templates",
            "[NAME] [--template-dir DIR]",
            "list the templates, or print one as a start for your own",
            "Everything that is generated comes from these templates. Put a changed copy into a "
            "directory and name it with --template-dir.",
            "irsa-fix templates\n"
            "irsa-fix templates trust-policy.json > my-templates/trust-policy.json\n",
            1,
        },
    [IRSA_COMMAND_COMPLETION] =
        {
            "completion",
            "bash",
            "print what completes command lines in a shell",
            "Prints a script that makes bash complete commands, options, their values and codes. "
            "It "
            "is installed where bash-completion looks; without that, source it.",
            "source <(irsa-fix completion bash)\n",
            1,
        },
    [IRSA_COMMAND_HELP] =
        {
            "help",
            "[COMMAND|TOPIC]",
            "help on a command or a topic (exit-status, environment, files, man)",
            "Prints the help of a command, or of a topic: exit-status, environment, files, or man, "
            "the manual page as roff.",
            "irsa-fix help plan\n"
            "irsa-fix help exit-status\n",
            1,
        },
    [IRSA_COMMAND_VERSION] =
        {
            "version",
            "",
            "print the version",
            "Prints name and version.",
            NULL,
            0,
        },
};
