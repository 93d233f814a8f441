/* SPDX-License-Identifier: Apache-2.0 */
/* Trust policies of several roles at once: each on its own, all in few rounds. */
#include "fake_aws.h"

#include "irsa/document.h"

#define ROLES 10
#define STATEMENT(action)                                                                          \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", "  \
    "\"Action\": \"" action "\"}]}"
#define BEFORE STATEMENT("sts:AssumeRole")
#define AFTER STATEMENT("sts:TagSession")
#define OTHER STATEMENT("sts:SetSourceIdentity")

struct scene {
    struct fake_aws *fake;
    char names[ROLES][24];
    struct irsa_change changes[ROLES];
    const struct irsa_change *pointers[ROLES];
    struct irsa_error *errors[ROLES];
    struct irsa_strings texts; /* of rules, which are borrowed */
};

static const char *keep(struct scene *scene, char *text)
{
    irsa_strings_take(&scene->texts, text);
    return scene->texts.items[scene->texts.len - 1];
}

/* What GetRole gives of a role; times 0: from now on. */
static void put_role(struct scene *scene, size_t number, const char *trust, unsigned times)
{
    irsa_auto_buf encoded = {0};
    irsa_url_encode(trust, strlen(trust), &encoded);
    const char *answer =
        keep(scene, irsa_format("<Role><Path>/</Path><RoleName>r%zu</RoleName><RoleId>AROA</RoleId>"
                                "<Arn>arn:aws:iam::" FAKE_ACCOUNT
                                ":role/r%zu</Arn><AssumeRolePolicyDocument>%s"
                                "</AssumeRolePolicyDocument></Role>",
                                number, number, irsa_buf_str(&encoded)));
    if (times > 0)
        fake_aws_rule_times(scene->fake, times, "iam:GetRole", scene->names[number], 200, answer);
    else
        fake_aws_rule(scene->fake, "iam:GetRole", scene->names[number], 200, answer);
}

static int set_up(void **state)
{
    struct scene *scene = irsa_calloc(1, sizeof(*scene));
    scene->fake = fake_aws_new();
    fake_aws_open(scene->fake);
    fake_aws_gather(scene->fake);
    fake_aws_forget_calls(scene->fake);
    fake_aws_rule(scene->fake, "iam:UpdateAssumeRolePolicy", NULL, 200, "");
    for (size_t i = 0; i < ROLES; i++) {
        (void)snprintf(scene->names[i], sizeof(scene->names[i]), "RoleName=r%zu", i);
        put_role(scene, i, AFTER, 0);
        put_role(scene, i, BEFORE, 1);
        scene->changes[i] = (struct irsa_change){
            .action = IRSA_ACTION_UPDATE,
            .kind = IRSA_OBJECT_TRUST_POLICY,
            .target = irsa_format("arn:aws:iam::" FAKE_ACCOUNT ":role/r%zu", i),
            .before = json_loads(BEFORE, 0, NULL),
            .after = json_loads(AFTER, 0, NULL),
        };
        scene->pointers[i] = &scene->changes[i];
    }
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    for (size_t i = 0; i < ROLES; i++) {
        irsa_change_done(&scene->changes[i]);
        irsa_error_free(scene->errors[i]);
    }
    fake_aws_free(scene->fake);
    irsa_strings_done(&scene->texts);
    free(scene);
    return 0;
}

static void apply(struct scene *scene)
{
    struct irsa_world *world = scene->fake->world;
    assert_true(world->ops->at_once(world, IRSA_OBJECT_TRUST_POLICY));
    assert_true(world->ops->batch(world, IRSA_OBJECT_TRUST_POLICY) >= ROLES);
    assert_false(world->ops->at_once(world, IRSA_OBJECT_PROVIDER));
    world->ops->apply_all(world, scene->fake->facts, scene->pointers, ROLES, scene->errors);
}

static void assert_only_fails(struct scene *scene, size_t number, const char *part)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (i != number && scene->errors[i])
            fail_msg("r%zu: %s", i, irsa_error_message(scene->errors[i]));
    }
    assert_non_null(scene->errors[number]);
    if (!strstr(irsa_error_message(scene->errors[number]), part))
        fail_msg("\"%s\" is not in: %s", part, irsa_error_message(scene->errors[number]));
}

static void test_all__read_written_and_looked_at(void **state)
{
    struct scene *scene = *state;
    apply(scene);
    for (size_t i = 0; i < ROLES; i++)
        assert_null(scene->errors[i]);
    assert_int_equal(fake_aws_count(scene->fake, "iam:UpdateAssumeRolePolicy"), ROLES);
    assert_int_equal(fake_aws_count(scene->fake, "iam:GetRole"), 2 * ROLES);
    unsigned first = scene->fake->calls[0].round;
    unsigned last = scene->fake->calls[scene->fake->call_count - 1].round;
    assert_int_equal(last - first + 1, 6); /* eight, and two more */
}

static void test_all__one_that_was_changed_is_not_written(void **state)
{
    struct scene *scene = *state;
    put_role(scene, 5, OTHER, 0);
    apply(scene);
    assert_only_fails(scene, 5, "its trust policy was changed");
    assert_int_equal(irsa_error_kind(scene->errors[5]), IRSA_E_CONFLICT);
    assert_int_equal(fake_aws_count(scene->fake, "iam:UpdateAssumeRolePolicy"), ROLES - 1);
}

static void test_all__one_that_is_denied_stays_alone(void **state)
{
    struct scene *scene = *state;
    fake_aws_rule(scene->fake, "iam:UpdateAssumeRolePolicy", scene->names[9], 403, "AccessDenied");
    apply(scene);
    assert_only_fails(scene, 9, "iam:UpdateAssumeRolePolicy");
    assert_int_equal(irsa_error_kind(scene->errors[9]), IRSA_E_ACCESS);
}

static void test_all__one_that_is_gone(void **state)
{
    struct scene *scene = *state;
    fake_aws_rule(scene->fake, "iam:GetRole", scene->names[0], 404, "NoSuchEntity");
    apply(scene);
    assert_only_fails(scene, 0, "it is not there any more");
}

static void test_all__done_already(void **state)
{
    struct scene *scene = *state;
    for (size_t i = 0; i < ROLES; i++)
        put_role(scene, i, AFTER, 0);
    apply(scene);
    assert_int_equal(fake_aws_count(scene->fake, "iam:UpdateAssumeRolePolicy"), 0);
}

static void test_all__a_lost_answer_is_looked_after(void **state)
{
    struct scene *scene = *state;
    fake_aws_rule(scene->fake, "iam:UpdateAssumeRolePolicy", scene->names[3], 0, "");
    apply(scene);
    for (size_t i = 0; i < ROLES; i++)
        assert_null(scene->errors[i]);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_all__read_written_and_looked_at),
        TEST(test_all__one_that_was_changed_is_not_written),
        TEST(test_all__one_that_is_denied_stays_alone),
        TEST(test_all__one_that_is_gone),
        TEST(test_all__done_already),
        TEST(test_all__a_lost_answer_is_looked_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
