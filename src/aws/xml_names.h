/* SPDX-License-Identifier: Apache-2.0 */
/* What an element without content is, which XML doesn't say: the names that the models of IAM and
 * STS give to lists, structures and maps in outputs. tests/oracle/xml_oracle.py holds them against
 * botocore's service models. */
#ifndef IRSA_FIX_AWS_XML_NAMES_H
#define IRSA_FIX_AWS_XML_NAMES_H

#include <stdbool.h>

bool irsa_aws_xml_is_list(const char *name);
/* Structures and maps. */
bool irsa_aws_xml_is_structure(const char *name);

#endif
