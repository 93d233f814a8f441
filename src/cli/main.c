/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

int main(int argc, char **argv)
{
    return irsa_cli(argc, argv);
}
