/* SPDX-License-Identifier: Apache-2.0 */
/* What apply did is taken back from its journal: every file and directory is as it was, to the
 * byte. */
#include "plan_case.h"

#include "irsa/rollback.h"

#include <dirent.h>
#include <sys/stat.h>

/* "NAME MODE SHA256" of everything below, sorted: two that are alike are equal. */
static void list_tree(const char *root, const char *name, struct irsa_strings *ret)
{
    irsa_autofree char *path = irsa_format("%s/%s", root, name);
    DIR *dir = opendir(path);
    if (!dir)
        return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        irsa_autofree char *below = irsa_format("%s%s%s", name, *name ? "/" : "", entry->d_name);
        irsa_autofree char *file = irsa_format("%s/%s", root, below);
        irsa_auto_buf text = {0};
        irsa_auto_error ignored = NULL;
        char hex[65] = "";
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0
            || stat(file, &st) != 0)
            continue;
        if (S_ISREG(st.st_mode) && irsa_file_read(file, (size_t)1 << 26, &text, &ignored) == 0)
            irsa_sha256_hex(irsa_buf_str(&text), text.len, hex);
        irsa_strings_take(ret, irsa_format("%s %o %s", below, (unsigned)st.st_mode, hex));
        if (S_ISDIR(st.st_mode))
            list_tree(root, below, ret);
    }
    (void)closedir(dir);
}

static char *tree_of(const char *directory)
{
    irsa_auto_strings names = {0};
    list_tree(directory, "", &names);
    irsa_strings_sort(&names);
    return irsa_strings_join(&names, "\n", "\n");
}

/* One run with a journal; its outcome. */
static int run(const struct plan_case *c, struct irsa_world *world, const struct irsa_plan *plan,
               const char *state, const json_t *restore, char **ret_id)
{
    irsa_auto_journal journal = NULL;
    irsa_auto_error error = NULL;
    json_auto_t *nothing = json_object();
    irsa_autofree char *id = irsa_run_id_new();
    const struct irsa_journal_run head = {.id = id,
                                          .command = "apply",
                                          .world = "test",
                                          .cluster = nothing,
                                          .source = nothing,
                                          .arguments = nothing,
                                          .changes = plan->changes,
                                          .change_count = plan->change_count};
    if (irsa_journal_open(state, &head, &journal, &error) != 0)
        return plan_case_fail(c, "journal: %s", irsa_error_message(error));
    struct irsa_apply_result result = {0};
    irsa_apply(world, plan, &(struct irsa_apply_options){.journal = journal, .restore = restore},
               &result);
    int failed = 0;
    for (size_t i = 0; i < result.change_count; i++) {
        if (result.changes[i].state == IRSA_CHANGE_FAILED)
            failed |= plan_case_fail(c, "%s failed: %s", plan->changes[i].target,
                                     result.changes[i].message);
    }
    if (result.restore_error)
        failed |= plan_case_fail(c, "bytes: %s", result.restore_error);
    for (size_t i = 0; i < result.left.len; i++)
        failed |= plan_case_fail(c, "%s was left", result.left.items[i]);
    if (restore && (!result.after || result.after->outcome != 0))
        failed |= plan_case_fail(c, "not all is as it was");
    irsa_apply_result_done(&result);
    *ret_id = irsa_steal(&id);
    return failed;
}

static int take_back(const struct plan_case *c, const char *directory, const char *state,
                     const char *id)
{
    irsa_auto_world world = NULL;
    irsa_auto_facts facts = NULL;
    irsa_auto_plan plan = NULL;
    irsa_auto_run made = NULL;
    irsa_auto_error error = NULL;
    irsa_auto_strings ids = {0};
    irsa_autofree char *undone = NULL;
    if (irsa_run_read(state, id, &made, &error) != 0
        || irsa_captured_new(directory, NULL, &world, &error) != 0
        || world->ops->gather(world, &facts, &error) != 0)
        return plan_case_fail(c, "the way back: %s", irsa_error_message(error));
    struct irsa_undo_change *changes = irsa_calloc(made->change_count + 1, sizeof(*changes));
    struct irsa_undo undo = {.run = made->summary.head,
                             .runs = &ids,
                             .changes = changes,
                             .aws_in_files = true,
                             .kubernetes_in_files = true};
    for (size_t i = 0; i < made->change_count; i++) {
        if (made->changes[i].state == IRSA_RUN_CHANGE_DONE)
            changes[undo.change_count++].change = &made->changes[i].change;
    }
    bool allow[IRSA_CLASS_MAX_];
    memcpy(allow, c->intent->allow, sizeof(allow));
    c->intent->allow[IRSA_CLASS_DELETE] = true;
    irsa_rollback_plan(facts, c->intent, &undo, &plan);
    int failed = 0;
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct irsa_change *change = &plan->changes[i];
        if (change->held_back)
            failed |= plan_case_fail(c, "%s %s is held back: %s", irsa_class_text(change->class_),
                                     change->target,
                                     change->notes.len > 0 ? change->notes.items[0] : "?");
    }
    if (!failed)
        failed = run(c, world, plan, state, made->files, &undone);
    memcpy(c->intent->allow, allow, sizeof(allow));
    free(changes);
    return failed;
}

int plan_case_undo(const struct plan_case *c, const char *directory)
{
    irsa_auto_world world = NULL;
    irsa_auto_facts facts = NULL;
    irsa_auto_plan plan = NULL;
    irsa_auto_error error = NULL;
    irsa_autofree char *state = irsa_format("%s.state", directory);
    irsa_autofree char *id = NULL;
    irsa_autofree char *before = tree_of(directory);
    if (irsa_captured_new(directory, NULL, &world, &error) != 0
        || world->ops->gather(world, &facts, &error) != 0
        || irsa_plan_make(facts, c->intent, &plan, &error) != 0)
        return plan_case_fail(c, "the copy: %s", irsa_error_message(error));
    int failed = run(c, world, plan, state, NULL, &id);
    if (!failed)
        failed = take_back(c, directory, state, id);
    plan_case_remove(state);
    irsa_autofree char *after = tree_of(directory);
    if (!failed && strcmp(before, after) != 0)
        failed = plan_case_fail(c, "not as it was:\n%s\n--- now\n%s", before, after);
    return failed;
}
