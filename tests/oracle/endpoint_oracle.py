# SPDX-License-Identifier: Apache-2.0
"""Compares the endpoints with those of botocore's rule sets: each service, region and switch, with a
URL of the user's own and without.

    endpoint_oracle.py FIND_ENDPOINT

FIND_ENDPOINT is the program made from find_endpoint.c here. One thing differs and is meant to: the rule
sets take a region that no partition knows for one of the partition aws, here it is an error.
"""
import json
import subprocess
import sys

import botocore.session
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError

SERVICES = ["sts", "iam", "eks", "sso", "sso-oidc", "signin"]
# Not in the data yet, but of a form that a partition says is its own.
NEW_REGIONS = ["eu-west-9", "us-gov-central-1", "cn-south-12", "us-iso-north-1", "mx-west-1"]
UNKNOWN_REGIONS = ["", "europe", "eu-west", "eu-west-1a", "EU-WEST-1", "xx-west-1", "eu-west-1/", "aws"]
URLS = [None, "https://vpce-0a1b.iam.eu-west-1.vpce.amazonaws.com", "http://localhost:5000"]


def main():
    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    partitions = loader.load_data("partitions")
    regions = [region for part in partitions["partitions"] for region in part["regions"]] + NEW_REGIONS
    questions = [
        {"service": service, "region": region, "fips": fips, "dual_stack": dual_stack, "url": url}
        for service in SERVICES for region in regions for fips in (False, True)
        for dual_stack in (False, True) for url in URLS]
    unknown = [{"service": service, "region": region, "fips": False, "dual_stack": False, "url": None}
               for service in SERVICES for region in UNKNOWN_REGIONS]
    run = subprocess.run([sys.argv[1]], text=True, capture_output=True, check=True,
                         input="".join(json.dumps(q) + "\n" for q in questions + unknown))
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(questions) + len(unknown)
    providers = {service: EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"),
                                           partitions) for service in SERVICES}
    names = {service: session.get_service_model(service).signing_name for service in SERVICES}
    for asked, answer in zip(questions, answers):
        service = asked["service"]
        try:
            found = providers[service].resolve_endpoint(
                Region=asked["region"], UseFIPS=asked["fips"], UseDualStack=asked["dual_stack"],
                Endpoint=asked["url"])
        except EndpointProviderError:
            assert "error" in answer, f"botocore refuses {asked}, here: {answer}"
            continue
        assert answer.get("url") == found.url, f"{asked}: botocore {found.url}, here {answer}"
        schemes = found.properties.get("authSchemes", [{}])
        # Without a scheme of the rule's own, botocore signs for the region asked for, and IAM for that
        # of the partition's endpoint.
        region = schemes[0].get("signingRegion")
        if not region and service == "iam":
            region = providers[service].resolve_endpoint(
                Region=asked["region"], UseFIPS=False,
                UseDualStack=False).properties["authSchemes"][0]["signingRegion"]
        if region or not asked["region"].endswith("-global"):  # a name of endpoints, not to sign for
            assert answer["signing_region"] == (region or asked["region"]), (asked, answer)
        assert answer["signing_name"] == schemes[0].get("signingName", names[service]), (asked, answer)
        assert answer["plain_http"] == answer["url"].startswith("http:"), (asked, answer)
    for asked, answer in zip(unknown, answers[len(questions):]):
        assert "error" in answer, (asked, answer)
    print(f"{len(questions)} endpoints alike, {len(unknown)} regions that are none refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
