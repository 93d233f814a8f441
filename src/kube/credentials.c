/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/kube.h"

#define TOKEN_MAX ((size_t)1 << 20)
/* client-go's: a file is read again after a minute, ten seconds early (transport/token_source.go).
 */
#define FILE_SECONDS 50
/* A token that ends while the request is on its way is of no use. */
#define EARLY_SECONDS 10

static int read_token(struct irsa_kube *kube, int64_t now, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    if (irsa_file_read(kube->token_file, TOKEN_MAX, &text, reterr) != 0)
        return irsa_wrap(reterr, "failed to read token file");
    irsa_auto_secret token = {0};
    token.data = irsa_trim(irsa_buf_str(&text));
    token.len = strlen(token.data);
    if (text.data)
        explicit_bzero(text.data, text.len);
    if (token.len == 0)
        return irsa_fail(reterr, IRSA_E_AUTH, "read empty token from file \"%s\"",
                         kube->token_file);
    if (strpbrk(token.data, "\r\n"))
        return irsa_fail(reterr, IRSA_E_AUTH, "%s: the token holds a line break", kube->token_file);
    irsa_kube_set_token(kube, token.data);
    kube->expires = now + FILE_SECONDS;
    return 0;
}

static int sign_token(struct irsa_kube *kube, struct irsa_error **reterr)
{
    const struct irsa_kube_native *native = &kube->native;
    irsa_auto_secret token = {0};
    int64_t expires = 0;
    if (kube->eks->token(kube->eks->context, native->cluster, native->region, native->profile,
                         native->role_arn, &token, &expires, reterr)
        != 0) {
        (void)irsa_wrap(reterr, "token for EKS cluster %s", native->cluster);
        return kube->exec ? irsa_hint(reterr, "--no-native-token runs the kubeconfig's plugin %s",
                                      kube->exec_command)
                          : -1;
    }
    irsa_kube_set_token(kube, irsa_secret_expose(&token));
    kube->expires = expires > 0 ? expires - EARLY_SECONDS : 0;
    return 0;
}

int irsa_kube_log_in(struct irsa_kube *kube, int64_t now, struct irsa_error **reterr)
{
    int result = 0;
    if (kube->plain_http || kube->login == IRSA_KUBE_LOGIN_FIXED)
        return 0;
    if (kube->have_login && (kube->expires == 0 || now < kube->expires))
        return 0;
    if (kube->login == IRSA_KUBE_LOGIN_FILE)
        result = read_token(kube, now, reterr);
    else if (kube->login == IRSA_KUBE_LOGIN_NATIVE)
        result = sign_token(kube, reterr);
    else
        result = irsa_kube_exec_run(kube, reterr);
    /* client-go goes on with what it had where a file can't be read again */
    if (result != 0 && kube->login == IRSA_KUBE_LOGIN_FILE && kube->authorization.len > 0) {
        irsa_error_free(irsa_steal(reterr));
        kube->expires = now + FILE_SECONDS;
        result = 0;
    }
    kube->have_login = result == 0;
    return result;
}

bool irsa_kube_log_in_again(struct irsa_kube *kube)
{
    if (kube->login == IRSA_KUBE_LOGIN_FIXED || kube->plain_http)
        return false;
    kube->have_login = false;
    return true;
}
