/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key, const char *names)
{
    X509 *certificate = X509_new();
    must(certificate && X509_set_version(certificate, 2) == 1
         && ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1
         && X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) != NULL
         && X509_gmtime_adj(X509_getm_notAfter(certificate), 3600) != NULL
         && X509_set_pubkey(certificate, key) == 1);
    X509_NAME *name = X509_get_subject_name(certificate);
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)names, -1, -1,
                                    0)
             == 1
         && X509_set_issuer_name(certificate, name) == 1);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_alt_name, names);
    must(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

SSL_CTX *server_tls(const char *names, const char *pem_path)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key != NULL);
    X509 *certificate = make_certificate(key, names);
    SSL_CTX *tls = SSL_CTX_new(TLS_server_method());
    must(tls && SSL_CTX_use_certificate(tls, certificate) == 1
         && SSL_CTX_use_PrivateKey(tls, key) == 1);
    irsa_autofclose FILE *file = fopen(pem_path, "we");
    must(file && PEM_write_X509(file, certificate) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return tls;
}
