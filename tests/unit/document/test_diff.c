/* SPDX-License-Identifier: Apache-2.0 */
#include "document_test.h"

static void check(const char *before, const char *after, const char *expected)
{
    irsa_auto_buf diff = {0};
    irsa_diff_unified(before, after, "a", "b", &diff);
    assert_string_equal(irsa_buf_str(&diff), expected);
}

static void test_diff__equal_is_nothing(void **state)
{
    (void)state;
    check("x\n", "x\n", "");
    check(NULL, NULL, "");
}

static void test_diff__creation_and_removal(void **state)
{
    (void)state;
    check(NULL, "x\ny\n", "--- /dev/null\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n");
    check("x\n", NULL, "--- a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
}

static void test_diff__missing_final_newline(void **state)
{
    (void)state;
    check("x", "x\n", "--- a\n+++ b\n@@ -1 +1 @@\n-x\n\\ No newline at end of file\n+x\n");
}

static void test_diff__context_and_hunks(void **state)
{
    (void)state;
    check("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n",
          "1\n2\n3\n4\nX\n6\n7\n8\n9\n10\n11\n12\n13\nY\n15\n",
          "--- a\n+++ b\n"
          "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+X\n 6\n 7\n 8\n"
          "@@ -11,5 +11,5 @@\n 11\n 12\n 13\n-14\n+Y\n 15\n");
    check("1\n2\n3\n4\n5\n6\n7\n8\n", "X\n2\n3\n4\n5\n6\n7\nY\n",
          "--- a\n+++ b\n@@ -1,8 +1,8 @@\n-1\n+X\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n+Y\n");
}

/* The length of the longest common subsequence, by the table that Myers' algorithm does without. */
static size_t common(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t table[32][32] = {0};
    for (size_t i = a_len; i > 0; i--) {
        for (size_t j = b_len; j > 0; j--) {
            size_t right = table[i - 1][j];
            size_t below = table[i][j - 1];
            table[i - 1][j - 1] = a[i - 1] == b[j - 1] ? table[i][j] + 1
                                  : right > below      ? right
                                                       : below;
        }
    }
    return table[0][0];
}

static void lines_of(const char *letters, size_t len, struct irsa_buf *ret)
{
    irsa_buf_adds(ret, "");
    for (size_t i = 0; i < len; i++)
        irsa_buf_addf(ret, "%c\n", letters[i]);
}

/* Lines with the sign in the hunks, the two lines of names apart. */
static size_t count_lines(const char *diff, char sign)
{
    size_t count = 0;
    for (const char *p = strstr(diff, "\n@@"); p; p = strchr(p + 1, '\n'))
        count += p[1] == sign ? 1 : 0;
    return count;
}

static void test_diff__is_minimal(void **state)
{
    (void)state;
    unsigned int seed = 1;
    for (int round = 0; round < 20000; round++) {
        char a[30];
        char b[30];
        size_t len[2];
        for (int side = 0; side < 2; side++) {
            seed = seed * 1103515245U + 12345U;
            len[side] = (seed >> 16) % sizeof(a);
            for (size_t i = 0; i < len[side]; i++) {
                seed = seed * 1103515245U + 12345U;
                (side ? b : a)[i] = (char)('a' + (seed >> 16) % 4);
            }
        }
        irsa_auto_buf before = {0};
        irsa_auto_buf after = {0};
        irsa_auto_buf diff = {0};
        lines_of(a, len[0], &before);
        lines_of(b, len[1], &after);
        irsa_diff_unified(before.data, after.data, "a", "b", &diff);
        size_t removed = count_lines(irsa_buf_str(&diff), '-');
        size_t added = count_lines(irsa_buf_str(&diff), '+');
        size_t same = common(a, len[0], b, len[1]);
        assert_int_equal(removed, len[0] - same);
        assert_int_equal(added, len[1] - same);
    }
}

static void test_diff__large_inputs(void **state)
{
    (void)state;
    irsa_auto_buf before = {0};
    irsa_auto_buf after = {0};
    irsa_auto_buf diff = {0};
    for (int i = 0; i < 100000; i++) {
        irsa_buf_addf(&before, "line %d\n", i);
        irsa_buf_addf(&after, i % 5000 == 7 ? "changed %d\n" : "line %d\n", i);
    }
    irsa_diff_unified(before.data, after.data, "a", "b", &diff);
    size_t hunks = 0;
    for (const char *p = strstr(diff.data, "\n@@ "); p; p = strstr(p + 1, "\n@@ "))
        hunks++;
    assert_int_equal(hunks, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diff__equal_is_nothing),
        cmocka_unit_test(test_diff__creation_and_removal),
        cmocka_unit_test(test_diff__missing_final_newline),
        cmocka_unit_test(test_diff__context_and_hunks),
        cmocka_unit_test(test_diff__is_minimal),
        cmocka_unit_test(test_diff__large_inputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
