/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/policy.h"

/* Adds len bytes with control characters escaped; returns the columns taken. */
static size_t add_visible(struct irsa_buf *buf, const char *text, size_t len)
{
    size_t columns = 0;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '\n' || c == '\t' || c == '\r') {
            irsa_buf_addf(buf, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
            columns += 2;
        } else if (c < 0x20 || c == 0x7f) {
            irsa_buf_addf(buf, "\\x%02x", c);
            columns += 4;
        } else {
            irsa_buf_addc(buf, text[i]);
            columns += (c & 0xc0) != 0x80;
        }
    }
    return columns;
}

char *irsa_mark_difference(const char *expected, const char *found)
{
    static const char lead_expected[] = "expected \"";
    static const char lead_found[] = "found    \"";
    size_t at = irsa_first_difference(expected, found);
    while (at > 0 && ((unsigned char)expected[at] & 0xc0) == 0x80)
        at--;
    irsa_auto_buf buf = {0};
    irsa_buf_adds(&buf, lead_expected);
    const size_t column = strlen(lead_expected) + add_visible(&buf, expected, at);
    (void)add_visible(&buf, expected + at, strlen(expected + at));
    irsa_buf_addf(&buf, "\"\n%s", lead_found);
    (void)add_visible(&buf, found, strlen(found));
    irsa_buf_adds(&buf, "\"");
    if (strcmp(expected, found) != 0)
        irsa_buf_addf(&buf, "\n%*s^", (int)column, "");
    return irsa_buf_steal(&buf);
}
