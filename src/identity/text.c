/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"

char *irsa_char_text(char c)
{
    unsigned char byte = (unsigned char)c;
    switch (c) {
    case ' ':
        return irsa_strdup("a space");
    case '\n':
    case '\r':
        return irsa_strdup("a line break");
    case '\t':
        return irsa_strdup("a tab");
    case '"':
    case '\'':
        return irsa_strdup("a quote");
    case '\\':
        return irsa_strdup("a backslash");
    default:
        break;
    }
    if (byte < 0x20 || byte == 0x7f)
        return irsa_format("control character 0x%02x", byte);
    return byte > 0x7f ? irsa_format("byte 0x%02x", byte) : irsa_format("\"%c\"", c);
}

bool irsa_equal_nocase(const char *a, const char *b)
{
    while (*a && irsa_to_lower(*a) == irsa_to_lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

char *irsa_lower_text(const char *s)
{
    char *lower = irsa_strdup(s);
    for (char *p = lower; *p; p++)
        *p = irsa_to_lower(*p);
    return lower;
}

char *irsa_squeeze_slashes(const char *s)
{
    struct irsa_buf buf = {0};
    for (; *s; s++) {
        if (*s != '/' || s[1] != '/')
            irsa_buf_addc(&buf, *s);
    }
    return irsa_buf_steal(&buf);
}
