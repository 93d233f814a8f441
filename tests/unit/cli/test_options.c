/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/session.h"

#define PARSE(arguments, ...) parse(arguments, (const char *const[]){"irsa-fix", __VA_ARGS__, NULL})

static void parse(struct irsa_arguments *arguments, const char *const *words)
{
    irsa_auto_error error = NULL;
    int count = 0;
    while (words[count])
        count++;
    if (irsa_arguments_parse(count, (char *const *)words, arguments, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
}

static void assert_fails(const char *message, const char *const *words)
{
    irsa_auto_error error = NULL;
    irsa_auto_arguments arguments = {0};
    int count = 0;
    while (words[count])
        count++;
    assert_int_equal(irsa_arguments_parse(count, (char *const *)words, &arguments, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_USAGE);
    assert_string_equal(irsa_error_message(error), message);
}
#define FAILS(message, ...)                                                                        \
    assert_fails(message, (const char *const[]){"irsa-fix", __VA_ARGS__, NULL})

static void test_options__table_is_sound(void **state)
{
    (void)state;
    irsa_auto_map names = {0};
    bool letters[256] = {false};
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        const struct irsa_option_spec *spec = &irsa_options[i];
        assert_non_null(spec->name);
        assert_non_null(spec->help);
        assert_true(spec->commands != 0);
        assert_true(irsa_map_put(&names, spec->name, i));
        size_t letter = (unsigned char)spec->letter;
        assert_false(letter && letters[letter]);
        letters[letter] = true;
        assert_false(spec->repeatable && !spec->value);
    }
    for (size_t i = 0; i < irsa_option_alias_count; i++)
        assert_true(irsa_map_put(&names, irsa_option_aliases[i].name, i));
}

static void test_help__names_every_option_and_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        irsa_auto_buf text = {0};
        irsa_help_command((enum irsa_command)i, &text);
        for (size_t j = 0; j < IRSA_OPTION_MAX_; j++) {
            irsa_autofree char *shown = irsa_format("--%s", irsa_options[j].name);
            bool taken = irsa_options[j].commands & (1u << i);
            if (taken)
                assert_non_null(strstr(irsa_buf_str(&text), shown));
        }
        const char *line = irsa_buf_str(&text);
        while (*line) {
            size_t len = strcspn(line, "\n");
            if (len > 80)
                fail_msg("%.*s", (int)len, line);
            line += len + (line[len] == '\n');
        }
    }
}

static void test_help_man__has_all_commands_and_options(void **state)
{
    (void)state;
    irsa_auto_buf page = {0};
    irsa_auto_buf plain = {0};
    irsa_help_man(&page);
    /* As it reads: dashes without the backslash that keeps them. */
    for (size_t i = 0; i < page.len; i++) {
        if (page.data[i] == '\\' && page.data[i + 1] == '-')
            continue;
        irsa_buf_addc(&plain, page.data[i]);
    }
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        irsa_autofree char *shown = irsa_format("\\fBirsa-fix %s\\fR", irsa_commands[i].name);
        if (!strstr(irsa_buf_str(&plain), shown))
            fail_msg("%s is not in the manual page", shown);
    }
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        irsa_autofree char *shown = irsa_format("\\fB--%s\\fR", irsa_options[i].name);
        const char *at = strstr(irsa_buf_str(&plain), shown);
        if (!at || !strstr(at, irsa_options[i].help))
            fail_msg("%s is not in the manual page", shown);
    }
}

static void test_parse__values_in_all_forms(void **state)
{
    (void)state;
    irsa_auto_arguments a = {0};
    PARSE(&a, "plan", "--from", "DIR", "--namespace=one", "-n", "two", "-nthree", "-n=four", "-qv",
          "--diff=semantic");
    assert_int_equal(a.command, IRSA_COMMAND_PLAN);
    assert_string_equal(irsa_option_value(&a, IRSA_OPTION_FROM), "DIR");
    const struct irsa_strings *namespaces = &a.options[IRSA_OPTION_NAMESPACE];
    assert_int_equal(namespaces->len, 4);
    assert_string_equal(namespaces->items[2], "three");
    assert_string_equal(namespaces->items[3], "four");
    assert_true(irsa_is_set(&a, IRSA_OPTION_QUIET));
    assert_true(irsa_is_set(&a, IRSA_OPTION_VERBOSE));
    assert_false(irsa_is_set(&a, IRSA_OPTION_STRICT));
    assert_null(irsa_option_value(&a, IRSA_OPTION_ROLE));
}

static void test_parse__command_is_plan_unless_said(void **state)
{
    (void)state;
    irsa_auto_arguments plan = {0};
    PARSE(&plan, "--from", "x");
    assert_int_equal(plan.command, IRSA_COMMAND_PLAN);
    irsa_auto_arguments help = {0};
    PARSE(&help, "-h", "whatever");
    assert_int_equal(help.command, IRSA_COMMAND_HELP);
    irsa_auto_arguments version = {0};
    PARSE(&version, "--version");
    assert_int_equal(version.command, IRSA_COMMAND_VERSION);
    irsa_auto_arguments none = {0};
    char *const alone[] = {(char *)"irsa-fix", NULL};
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_arguments_parse(1, alone, &none, &error), 0);
    assert_int_equal(none.command, IRSA_COMMAND_HELP);
}

static void test_parse__end_of_options(void **state)
{
    (void)state;
    irsa_auto_arguments a = {0};
    PARSE(&a, "explain", "--", "--list", "-x");
    assert_int_equal(a.positional.len, 2);
    assert_string_equal(a.positional.items[0], "--list");
    irsa_auto_arguments dash = {0};
    PARSE(&dash, "show", "-");
    assert_string_equal(dash.positional.items[0], "-");
}

static void test_parse__aliases(void **state)
{
    (void)state;
    irsa_auto_arguments a = {0};
    PARSE(&a, "bootstrap", "--role-name", "x", "--attach-policy-arn=arn:aws:iam::aws:policy/a",
          "--approve");
    assert_string_equal(irsa_option_value(&a, IRSA_OPTION_ROLE), "x");
    assert_true(irsa_is_set(&a, IRSA_OPTION_YES));
}

static void test_parse__errors(void **state)
{
    (void)state;
    FAILS("unknown command \"aply\"", "aply");
    FAILS("unknown option --form", "plan", "--form=x");
    FAILS("--from needs a value (DIR)", "plan", "--from");
    FAILS("-n needs a value (NS)", "plan", "-n");
    FAILS("-n needs a value (NS)", "plan", "-n", "-v");
    FAILS("--strict takes no value", "plan", "--strict=1");
    FAILS("--from is given twice: \"a\" and \"b\"", "plan", "--from", "a", "--from=b");
    FAILS("plan does not take --yes", "plan", "--yes");
    FAILS("plan does not take -y", "plan", "-y");
    FAILS("unknown option -Z", "plan", "-qZ");
    FAILS("--color does not take \"sometimes\"", "plan", "--color", "sometimes");
    FAILS("plan takes no argument, found \"x\"", "plan", "x");
    FAILS("apply takes at most 1 argument, found \"y\" too", "apply", "x", "y");
    FAILS("--namespace: the value is empty", "plan", "-n", "");
}

static void test_carried__there_and_back(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_arguments a = {0};
    irsa_auto_arguments b = {0};
    PARSE(&a, "plan", "--from", "DIR", "-n", "a b", "-n", "c", "--strict", "--role=x", "-s",
          "ns/sa", "--format", "json", "--allow", "narrow");
    json_auto_t *carried = irsa_carried_json(&a);
    assert_int_equal(irsa_carried_read("fix.plan", carried, &b, &error), 0);
    assert_int_equal(b.options[IRSA_OPTION_NAMESPACE].len, 2);
    assert_string_equal(irsa_option_value(&b, IRSA_OPTION_ROLE), "x");
    assert_true(irsa_is_set(&b, IRSA_OPTION_STRICT));
    assert_false(irsa_is_set(&b, IRSA_OPTION_FORMAT)); /* how it is shown is not part of a plan */
    assert_false(irsa_is_set(&b, IRSA_OPTION_FROM));   /* the source is kept apart */
    irsa_autofree char *command = irsa_carried_command(&a, "apply");
    assert_string_equal(command,
                        "irsa-fix apply --from DIR -n 'a b' -n c -s ns/sa --role x --allow "
                        "narrow --strict");
}

static void test_carried__refuses_what_it_did_not_write(void **state)
{
    (void)state;
    const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"{}", "fix.plan: arguments.command: \"plan\" expected"},
        {"{\"command\": \"apply\"}", "fix.plan: arguments.command: \"plan\" expected"},
        {"{\"command\": \"plan\", \"options\": {\"yes\": true}}",
         "fix.plan: arguments.options.yes: unknown option"},
        {"{\"command\": \"plan\", \"options\": {\"role\": 1}}",
         "fix.plan: arguments.options.role: not a value for it"},
        {"{\"command\": \"plan\", \"options\": {\"namespace\": \"x\"}}",
         "fix.plan: arguments.options.namespace: not a value for it"},
        {"{\"command\": \"plan\", \"options\": {\"strict\": \"yes\"}}",
         "fix.plan: arguments.options.strict: not a value for it"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_arguments a = {0};
        json_auto_t *carried = json_loads(cases[i].text, 0, NULL);
        assert_int_equal(irsa_carried_read("fix.plan", carried, &a, &error), -1);
        assert_string_equal(irsa_error_message(error), cases[i].message);
    }
}

static void test_shell_quote__only_where_needed(void **state)
{
    (void)state;
    const char *const pairs[][2] = {
        {"plain", "plain"},   {"", "''"},
        {"a b", "'a b'"},     {"it's", "'it'\\''s'"},
        {"*", "'*'"},         {"$x", "'$x'"},
        {"a\nb", "'a\nb'"},   {"arn:aws:iam::1:role/x+y=z,@", "arn:aws:iam::1:role/x+y=z,@"},
        {"~root", "'~root'"}, {"\xc3\xa9", "'\xc3\xa9'"},
        {"a\\b", "'a\\b'"},   {"!x", "'!x'"},
    };
    for (size_t i = 0; i < IRSA_COUNT(pairs); i++) {
        irsa_auto_buf quoted = {0};
        irsa_shell_quote(pairs[i][0], &quoted);
        assert_string_equal(irsa_buf_str(&quoted), pairs[i][1]);
    }
}

static void test_suggest__carries_where_it_reads(void **state)
{
    (void)state;
    const struct {
        enum irsa_tool tool;
        const char *command;
        const char *text;
        const char *const argv[12];
    } cases[] = {
        {IRSA_TOOL_PLANNING,
         "irsa-fix bootstrap",
         "irsa-fix bootstrap --from 'my world' --ignore '*.bak' --config x.ini -n app 'x; y'",
         {"irsa-fix", "plan", "--from", "my world", "-s", "a/b", "--ignore", "*.bak", "--strict",
          "--config", "x.ini"}},
        {IRSA_TOOL_PERMISSIONS,
         "irsa-fix permissions plan",
         "irsa-fix permissions plan -n app 'x; y'",
         {"irsa-fix", "plan", "--from", "world"}},
        {IRSA_TOOL_AWS,
         "aws iam get-role",
         "aws iam get-role -n app 'x; y'",
         {"irsa-fix", "plan", "--from", "world", "--region", "eu-west-1"}},
        {IRSA_TOOL_PLANNING,
         "irsa-fix plan",
         "irsa-fix plan --cluster prod --context 'c d' -n app 'x; y'",
         {"irsa-fix", "apply", "--cluster", "prod", "--context", "c d", "--timeout", "3", "--yes",
          "--log-http"}},
        {IRSA_TOOL_PERMISSIONS,
         "irsa-fix permissions plan",
         "irsa-fix permissions plan --cluster prod --profile p -n app 'x; y'",
         {"irsa-fix", "apply", "--cluster", "prod", "--profile", "p", "--context", "c"}},
        {IRSA_TOOL_KUBECTL,
         "kubectl",
         "kubectl --context c -n app 'x; y'",
         {"irsa-fix", "verify", "--context", "c", "--profile", "p"}},
        {IRSA_TOOL_AWS,
         "aws iam get-role",
         "aws iam get-role --profile p --region cn-north-1 -n app 'x; y'",
         {"irsa-fix", "plan", "--profile", "p", "--cluster",
          "arn:aws-cn:eks:cn-north-1:111122223333:cluster/prod"}},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_arguments a = {0};
        irsa_auto_error error = NULL;
        irsa_auto_intent intent = irsa_intent_new();
        parse(&a, cases[i].argv);
        assert_int_equal(irsa_intent_from_arguments(&a, intent, &error), 0);
        irsa_carried_tools(&a, intent);
        irsa_autofree char *text =
            irsa_suggest(intent, cases[i].tool, cases[i].command, "-n", "app", "x; y", NULL);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_exit_status__as_documented(void **state)
{
    (void)state;
    assert_int_equal(irsa_exit_status(IRSA_E_USAGE), 64);
    assert_int_equal(irsa_exit_status(IRSA_E_IO), 1);
    assert_int_equal(irsa_exit_status(IRSA_E_PARSE), 1);
    assert_int_equal(irsa_exit_status(IRSA_E_NET), 1);
    assert_int_equal(irsa_exit_status(IRSA_E_AUTH), 4);
    assert_int_equal(irsa_exit_status(IRSA_E_ACCESS), 4);
    assert_int_equal(irsa_exit_status(IRSA_E_NOT_FOUND), 1);
    assert_int_equal(irsa_exit_status(IRSA_E_CONFLICT), 2);
    assert_int_equal(irsa_exit_status(IRSA_E_LIMIT), 1);
    assert_int_equal(irsa_exit_status(IRSA_E_INTERNAL), 1);
}

static bool colour(const char *no_color, const char *force, const char *term, bool terminal)
{
    irsa_auto_arguments a = {0};
    (void)(no_color ? setenv("NO_COLOR", no_color, 1) : unsetenv("NO_COLOR"));
    (void)(force ? setenv("FORCE_COLOR", force, 1) : unsetenv("FORCE_COLOR"));
    setenv("TERM", term, 1);
    unsetenv("CLICOLOR_FORCE");
    return irsa_wants_colour(&a, terminal);
}

static void test_colour__on_a_terminal(void **state)
{
    (void)state;
    assert_true(colour(NULL, NULL, "xterm", true));
    assert_false(colour(NULL, NULL, "xterm", false));
    assert_false(colour(NULL, NULL, "dumb", true));
    assert_false(colour("1", NULL, "xterm", true));
    assert_true(colour("", NULL, "xterm", true));
    assert_true(colour(NULL, "1", "dumb", false));
    assert_false(colour("1", "1", "xterm", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options__table_is_sound),
        cmocka_unit_test(test_help__names_every_option_and_fits),
        cmocka_unit_test(test_help_man__has_all_commands_and_options),
        cmocka_unit_test(test_parse__values_in_all_forms),
        cmocka_unit_test(test_parse__command_is_plan_unless_said),
        cmocka_unit_test(test_parse__end_of_options),
        cmocka_unit_test(test_parse__aliases),
        cmocka_unit_test(test_parse__errors),
        cmocka_unit_test(test_carried__there_and_back),
        cmocka_unit_test(test_carried__refuses_what_it_did_not_write),
        cmocka_unit_test(test_shell_quote__only_where_needed),
        cmocka_unit_test(test_suggest__carries_where_it_reads),
        cmocka_unit_test(test_exit_status__as_documented),
        cmocka_unit_test(test_colour__on_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
