# SPDX-License-Identifier: Apache-2.0
"""What moto finds out anew at every request, though it never changes while it runs, is found out once: its own
folders, the methods of its classes, AWS' partitions. That is half of the time of a live test."""
import functools

import boto3
import moto.backends
import moto.core.responses
import moto.eks.utils

moto.backends.list_of_moto_modules = functools.cache(
    functools.partial(frozenset, tuple(moto.backends.list_of_moto_modules())))
moto.core.responses.method_names_from_class = functools.cache(
    moto.core.responses.method_names_from_class)
moto.eks.utils.Session = functools.cache(boto3.Session)
