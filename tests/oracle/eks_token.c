/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the token for EKS cluster argv[1] in region argv[2] ("": the identity's), by the
 * credentials of the environment. */
#include "irsa/aws.h"

int main(int argc, char **argv)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws aws = NULL;
    irsa_auto_secret token = {0};
    int64_t expiry = 0;
    const struct irsa_aws_options options = {0};
    if (argc != 3)
        return 64;
    if (irsa_aws_open(&options, &aws, &error) != 0
        || irsa_aws_eks_token(aws, argv[1], *argv[2] ? argv[2] : NULL, &token, &expiry, &error)
               != 0) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        return 1;
    }
    (void)printf("%s %lld\n", irsa_secret_expose(&token), (long long)expiry);
    return 0;
}
