/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

static void bio_freep(BIO **p)
{
    (void)BIO_free(*p);
}
static void x509_freep(X509 **p)
{
    X509_free(*p);
}
static void pkey_freep(EVP_PKEY **p)
{
    EVP_PKEY_free(*p);
}
#define auto_bio IRSA_CLEANUP(bio_freep) BIO *
#define auto_x509 IRSA_CLEANUP(x509_freep) X509 *
#define auto_pkey IRSA_CLEANUP(pkey_freep) EVP_PKEY *

static BIO *reader(const char *text)
{
    BIO *bio = BIO_new_mem_buf(text, -1);
    if (!bio)
        abort();
    return bio;
}

/* Without it OpenSSL asks on the terminal. */
static int no_password(char *into, int size, int writing, void *context)
{
    (void)into;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static void add_certificate(BIO *out, const unsigned char *data, long len)
{
    const unsigned char *p = data;
    auto_x509 certificate = d2i_X509(NULL, &p, len);
    if (certificate)
        (void)PEM_write_bio_X509(out, certificate);
}

char *irsa_pem_certificates(const char *text)
{
    auto_bio in = reader(text);
    auto_bio out = BIO_new(BIO_s_mem());
    char *name = NULL;
    char *header = NULL;
    unsigned char *data = NULL;
    long len = 0;
    while (PEM_read_bio(in, &name, &header, &data, &len) == 1) {
        if (strcmp(name, PEM_STRING_X509) == 0)
            add_certificate(out, data, len);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    ERR_clear_error();
    char *bytes = NULL;
    long got = BIO_get_mem_data(out, &bytes);
    return got > 0 ? irsa_strndup(bytes, (size_t)got) : NULL;
}

static int64_t seconds_of(const ASN1_TIME *when)
{
    struct tm utc = {0};
    return ASN1_TIME_to_tm(when, &utc) == 1 ? (int64_t)timegm(&utc) : 0;
}

/* The words of Go's tls.X509KeyPair, where kubectl has them from. */
int irsa_pem_pair(const char *certificate, const struct irsa_secret *key, int64_t *ret_expires,
                  struct irsa_error **reterr)
{
    const char *key_text = irsa_secret_expose(key);
    auto_bio certificate_in = reader(certificate);
    auto_bio key_in = reader(key_text);
    auto_x509 first = PEM_read_bio_X509(certificate_in, NULL, no_password, NULL);
    auto_pkey private_key = PEM_read_bio_PrivateKey(key_in, NULL, no_password, NULL);
    ERR_clear_error();
    if (!first)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "tls: failed to find any PEM data in certificate input");
    if (!private_key && strstr(key_text, "ENCRYPTED"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "tls: failed to parse private key: it is encrypted, which kubectl does "
                         "not take either");
    if (!private_key)
        return irsa_fail(reterr, IRSA_E_PARSE, "tls: failed to find any PEM data in key input");
    bool fits = X509_check_private_key(first, private_key) == 1;
    ERR_clear_error();
    if (!fits)
        return irsa_fail(reterr, IRSA_E_PARSE, "tls: private key does not match public key");
    *ret_expires = seconds_of(X509_get0_notAfter(first));
    return 0;
}
