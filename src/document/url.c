/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 3986, section 2. IAM returns policy documents so:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
#include "irsa/document.h"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool irsa_url_decode(const char *text, struct irsa_buf *ret)
{
    for (const char *p = text; *p; p++) {
        if (*p != '%') {
            irsa_buf_addc(ret, *p);
            continue;
        }
        int high = hex_digit(p[1]);
        int low = high < 0 ? -1 : hex_digit(p[2]);
        if (low < 0 || high * 16 + low == 0)
            return false;
        irsa_buf_addc(ret, (char)(high * 16 + low));
        p += 2;
    }
    return true;
}

static bool is_unreserved(unsigned char c)
{
    unsigned char lower = c | 0x20;
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'
           || c == '_' || c == '~';
}

void irsa_url_encode(const char *text, size_t len, struct irsa_buf *ret)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (is_unreserved(c))
            irsa_buf_addc(ret, (char)c);
        else
            irsa_buf_addf(ret, "%%%02X", c);
    }
}
