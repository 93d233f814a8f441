# SPDX-License-Identifier: Apache-2.0
"""Compares the policy engine with principalmapper's local simulation over random policies and requests.

    policy_oracle.py DECIDE [COUNT [SEED]]

DECIDE is the program made from decide.c here. Every question that touches none of the oracle's known
faults must be answered alike. The faults are listed below, each with the page that says how it is;
a question that touches one may differ, and is counted. At least as many clean questions as COUNT are
asked. (What they touch was also compared, once, with @cloud-copilot/iam-simulate of npm; what was
learnt from it stands in tests/suites/policy-evaluate.) Then it is checked that leaving keys unknown never gives a decision that some value of these
keys would contradict.
"""
import collections
import collections.abc
import json
import random
import subprocess
import sys

# principalmapper 1.1.5 imports these from where they were before Python 3.10.
for name in ("Mapping", "MutableMapping", "Iterable", "Sequence", "Set", "Callable"):
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))

from principalmapper.querying import local_policy_simulation as pm  # noqa: E402
from principalmapper.util.case_insensitive_dict import CaseInsensitiveDict  # noqa: E402

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
OPERATORS = GUIDE + "reference_policies_elements_condition_operators.html"
SETS = GUIDE + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
LOGIC = GUIDE + "reference_policies_condition-logic-multiple-context-keys-or-values.html"
VARIABLES = GUIDE + "reference_policies_variables.html"
RESOURCE = GUIDE + "reference_policies_elements_resource.html"

# What the oracle gets wrong, and where it is written how it is.
FAULTS = {
    "not-like-missing": (
        "StringNotLike on a missing key is false there; \"such as StringNotLike or ArnNotLike, and the "
        "right key is not present, the condition is true\"", OPERATORS),
    "compared-by-exact-name": (
        "Numeric, Date and IpAddress operators with IfExists or a set operator are taken for other "
        "operators there, BinaryEqualsIfExists for BinaryEquals", OPERATORS),
    "date-first-value-only": (
        "Date comparisons look at the first of several values only there; values are alternatives",
        LOGIC),
    "ignores-case": (
        "Resource and ARN conditions ignore letter case there; \"case-sensitive matching of the ARN\"",
        OPERATORS),
    "arn-over-colons": (
        "ARN conditions match across colons there; \"each of the six colon-delimited components of the "
        "ARN is checked separately\"", OPERATORS),
    "any-of-several-keys": (
        "ForAnyValue with several keys is true there when one of them matches; keys are joined by AND",
        LOGIC),
    "no-set-operator": (
        "a key of several values under an operator without ForAnyValue or ForAllValues is compared there; "
        "\"multivalued context keys require a condition set operator\", so it is left undecided here",
        SETS),
    "set-with-negation": (
        "ForAnyValue with a negated operator looks at all the request's values at once there; each is "
        "tested for itself", SETS),
    "set-of-other-families": (
        "ForAllValues is taken for any of the values there but for strings; every value must match",
        SETS),
    "any-if-exists": (
        "ForAnyValue...IfExists on a missing key is false there; IfExists makes it true", OPERATORS),
    "variables": (
        "policy variables are replaced there only where the letter case fits, with wildcards of the "
        "value live, without defaults, and not in conditions", VARIABLES),
    "star-within-a-part": (
        "a star inside an ARN's part runs over colons there; only one that ends the part does",
        RESOURCE),
}

ACCOUNTS = ["111122223333", "444455556666"]
ACTIONS = ["s3:GetObject", "s3:GetBucketLocation", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage",
           "sqs:ReceiveMessage", "dynamodb:GetItem", "iam:PassRole", "ec2:RunInstances"]
ACTION_PATTERNS = ACTIONS + ["*", "s3:*", "s3:Get*", "S3:get*", "s3:?etObject", "sqs:*Message", "*:Get*",
                             "dynamodb:*", "iam:*", "s3:*Bucket*", "s3:GetObjec", "s3:GetObject?"]
RESOURCES = ["arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/a/b/c", "arn:aws:s3:::bucket",
             "arn:aws:s3:::other/key", "arn:aws:sqs:eu-west-1:111122223333:queue",
             "arn:aws:sqs:us-east-1:444455556666:queue", "arn:aws:dynamodb:eu-west-1:111122223333:table/t",
             "arn:aws:iam::111122223333:role/path/app", "arn:aws:s3:::bucket/ann/x",
             "arn:aws:logs:eu-west-1:111122223333:log-group:a:b"]
RESOURCE_PATTERNS = RESOURCES + ["*", "arn:aws:s3:::*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::b?cket/*",
                                 "arn:aws:sqs:*:*:queue", "arn:aws:sqs:*:queue", "arn:aws:*",
                                 "arn:aws:dynamodb:*:table/*", "arn:aws:iam::*:role/*/app",
                                 "arn:aws:sqs:eu-west-?:111122223333:*", "arn:aws:s3:::Bucket/*",
                                 "arn:aws:s3:::bucket/${aws:username}/*", "arn:aws:sqs:u*-1:*:queue",
                                 "arn:aws:sqs:u*queue", "arn:aws:logs:*:*:log-group:*:b",
                                 "arn:aws:s3:::bucket*key"]
STRINGS = ["a", "A", "b", "ab", "abc", "home/ann", "home/", "x*", "team-1"]
STRING_PATTERNS = STRINGS + ["*", "a*", "?", "??", "home/*", "*b*", "A?", "home/${aws:username}"]
NUMBERS = ["0", "1", "9", "10", "10.0", "10.5", "100", "-3"]
DATES = ["2020-01-01T00:00:00Z", "2019-12-31T23:59:59Z", "2020-01-01T01:00:00+01:00", "1577836800",
         "2024-02-29T12:00:00Z", "1700000000"]
ADDRESSES = ["203.0.113.7", "203.0.113.200", "10.1.2.3", "2001:db8::1", "192.0.2.1"]
RANGES = ["203.0.113.0/24", "203.0.113.128/25", "10.0.0.0/8", "2001:DB8::/32", "0.0.0.0/0", "192.0.2.1"]
ARNS = ["arn:aws:sns:eu-west-1:111122223333:topic", "arn:aws:sns:us-east-1:444455556666:topic",
        "arn:aws:iam::111122223333:role/app", "arn:aws:x:us-east-2:999999999999:a/b:111122223333:c/d"]
ARN_PATTERNS = ARNS + ["arn:aws:sns:*:*:topic", "arn:aws:sns:*:111122223333:*", "arn:aws:iam::*:role/*",
                       "arn:aws:x:*:111122223333:c/*", "arn:aws:SNS:*:*:topic", "arn:aws:sns:eu-*-1:*:t*"]
BINARIES = ["QmluYXJ5", "QQ==", "qmluYXJ5"]

# key -> the family of its values; several values for those in MANY
KEYS = {"s3:prefix": "string", "aws:PrincipalTag/team": "string", "aws:username": "string",
        "aws:TagKeys": "string", "s3:max-keys": "number", "aws:CurrentTime": "date",
        "aws:SecureTransport": "bool", "aws:SourceIp": "ip", "aws:SourceArn": "arn", "k:binary": "binary"}
MANY = ("aws:TagKeys",)
REQUEST_VALUES = {"string": STRINGS, "number": NUMBERS, "date": DATES, "bool": ["true", "false"],
                  "ip": ADDRESSES, "arn": ARNS, "binary": BINARIES}
OPERATOR_NAMES = {
    "string": ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
               "StringLike", "StringNotLike"],
    "number": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
               "NumericGreaterThan", "NumericGreaterThanEquals"],
    "date": ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
             "DateGreaterThanEquals"],
    "bool": ["Bool"], "ip": ["IpAddress", "NotIpAddress"],
    "arn": ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"], "binary": ["BinaryEquals"]}


def some(rng, pool, most=3):
    values = rng.sample(pool, rng.randint(1, min(most, len(pool))))
    return values[0] if len(values) == 1 and rng.random() < 0.7 else values


def listed(value):
    return value if isinstance(value, list) else [value]


def policy_values(rng, operator, family):
    if family == "string":
        return some(rng, STRING_PATTERNS if "Like" in operator else STRINGS + ["${aws:username}"])
    pool = {"number": NUMBERS, "date": DATES, "bool": ["true", "false"], "ip": RANGES,
            "arn": ARN_PATTERNS, "binary": BINARIES}[family]
    return some(rng, pool)


def other_case(rng, key):
    return rng.choice([key.lower(), key.upper(), key]) if rng.random() < 0.2 else key


def condition(rng, keys):
    result = {}
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        key = rng.choice(list(keys))
        family = KEYS.get(key, "string")
        if rng.random() < 0.12:
            operator, values = "Null", some(rng, ["true", "false"], 1)
        else:
            operator = rng.choice(OPERATOR_NAMES[family])
            values = policy_values(rng, operator, family)
            if rng.random() < 0.15:
                operator += "IfExists"
            if rng.random() < (0.6 if key in MANY else 0.08):
                operator = rng.choice(["ForAllValues:", "ForAnyValue:"]) + operator
        result.setdefault(operator, {})[other_case(rng, key)] = values
    return result


def statement(rng):
    result = {"Effect": "Deny" if rng.random() < 0.2 else "Allow"}
    result["NotAction" if rng.random() < 0.1 else "Action"] = some(rng, ACTION_PATTERNS, 4)
    result["NotResource" if rng.random() < 0.1 else "Resource"] = some(rng, RESOURCE_PATTERNS, 4)
    conditions = condition(rng, KEYS)
    if conditions:
        result["Condition"] = conditions
    return result


def policy(rng):
    statements = [statement(rng) for _ in range(rng.randint(1, 3))]
    return {"Version": "2012-10-17",
            "Statement": statements[0] if len(statements) == 1 and rng.random() < 0.3 else statements}


def context(rng):
    result = {}
    for key, family in KEYS.items():
        if rng.random() < 0.25:
            result[key] = None
        elif key in MANY and rng.random() < 0.7:
            result[key] = rng.sample(REQUEST_VALUES[family], rng.randint(1, 3))
        else:
            result[key] = rng.choice(REQUEST_VALUES[family])
    return result


def identity_question(rng):
    question = {"kind": "identity", "policies": [policy(rng) for _ in range(rng.randint(1, 3))]}
    if rng.random() < 0.25:
        question["boundary"] = policy(rng)
    question["request"] = {"action": rng.choice(ACTIONS), "resource": rng.choice(RESOURCES),
                           "context": context(rng)}
    return question


# --- trust policies: the oracle knows principals of kinds AWS and Service only; a provider's ARN is
# compared like a service's name, exactly, so Federated is shown to it as Service.

ISSUERS = ["oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
           "oidc.eks.us-east-1.amazonaws.com/id/FEDCBA9876543210FEDCBA9876543210"]
SUBJECTS = ["system:serviceaccount:shop:api", "system:serviceaccount:shop:app",
            "system:serviceaccount:shop-dev:api", "system:serviceaccount:ops:api"]
SUBJECT_PATTERNS = SUBJECTS + ["system:serviceaccount:*:api", "system:serviceaccount:shop:*",
                               "system:serviceaccount:shop*", "system:serviceaccount:shop:a??", "*"]
AUDIENCES = ["sts.amazonaws.com", "sts.amazonaws.com.cn", "vault"]


def provider(rng):
    return "arn:aws:iam::%s:oidc-provider/%s" % (rng.choice(ACCOUNTS), rng.choice(ISSUERS))


def trust_condition(rng):
    result = {}
    for _ in range(rng.choice([1, 1, 2, 3])):
        claim = rng.choice(["sub", "sub", "aud"])
        operator = rng.choice(["StringEquals", "StringEquals", "StringLike", "StringNotEquals",
                               "StringNotLike", "StringEqualsIgnoreCase"])
        pool = AUDIENCES if claim == "aud" else SUBJECT_PATTERNS
        if rng.random() < 0.1:
            operator += "IfExists"
        if rng.random() < 0.15:
            operator = rng.choice(["ForAllValues:", "ForAnyValue:"]) + operator
        key = "%s:%s" % (rng.choice(ISSUERS + ISSUERS[:1] * 3), claim)
        result.setdefault(operator, {})[other_case(rng, key)] = some(rng, pool)
    if rng.random() < 0.1:
        result["Null"] = {"%s:sub" % rng.choice(ISSUERS): rng.choice(["true", "false"])}
    return result


def trust_statement(rng):
    principal = rng.choice(["*", {"Federated": provider(rng)}, {"Federated": provider(rng)},
                            {"Federated": [provider(rng), provider(rng)]},
                            {"Federated": provider(rng), "AWS": ACCOUNTS[0]}, {"AWS": ACCOUNTS[0]}])
    result = {"Effect": "Deny" if rng.random() < 0.15 else "Allow",
              "NotPrincipal" if rng.random() < 0.05 and principal != "*" else "Principal": principal,
              "Action": some(rng, ["sts:AssumeRoleWithWebIdentity", "sts:AssumeRole", "sts:AssumeRole*",
                                   "STS:assumerolewithwebidentity", "sts:TagSession"], 2)}
    if rng.random() < 0.9:
        result["Condition"] = trust_condition(rng)
    return result


def trust_question(rng):
    issuer = ISSUERS[0]
    arn = "arn:aws:iam::%s:oidc-provider/%s" % (ACCOUNTS[0], issuer)
    return {"kind": "trust",
            "policies": [{"Version": "2012-10-17",
                          "Statement": [trust_statement(rng) for _ in range(rng.randint(1, 4))]}],
            "request": {"principal_type": "Federated", "principal": arn, "issuer": issuer,
                        "action": "sts:AssumeRoleWithWebIdentity",
                        "context": {issuer + ":sub": rng.choice(SUBJECTS),
                                    issuer + ":aud": rng.choice(AUDIENCES),
                                    "aws:FederatedProvider": arn}}}


# --- the oracle -------------------------------------------------------------------------------------


def known(asked):
    return CaseInsensitiveDict({k: v for k, v in asked.get("context", {}).items() if v is not None})


def as_service(document):
    result = json.loads(json.dumps(document))
    for one in listed(result["Statement"]):
        for element in ("Principal", "NotPrincipal"):
            if isinstance(one.get(element), dict) and "Federated" in one[element]:
                one[element]["Service"] = one[element].pop("Federated")
    return result


def oracle(question):
    asked = question["request"]
    keys = known(asked)
    if question["kind"] == "trust":
        matching = pm.resource_policy_matching_statements(
            asked["principal"], as_service(question["policies"][0]), asked["action"], "*", keys)
        if any(one["Effect"] == "Deny" for one in matching):
            return "denied_explicit"
        # Whether "*" under an Allow takes tokens of a provider, no page of AWS says.
        if matching and all(one.get("Principal") == "*" or "NotPrincipal" in one for one in matching):
            return "unknown"
        return "allowed" if matching else "denied_implicit"

    def has(document, effect):
        return pm.policy_has_matching_statement(document, effect, asked["action"], asked["resource"], keys)

    boundary = question.get("boundary")
    everything = question["policies"] + ([boundary] if boundary else [])
    if any(has(one, "Deny") for one in everything):
        return "denied_explicit"
    allowed = any(has(one, "Allow") for one in question["policies"])
    return "allowed" if allowed and (not boundary or has(boundary, "Allow")) else "denied_implicit"


# --- which of the known faults may a question touch? ---------------------------------------------------


def condition_faults(operator, keys, context_):
    base = operator.split(":")[-1]
    plain = base[:-len("IfExists")] if base.endswith("IfExists") else base
    any_value, all_values = operator.startswith("ForAnyValue:"), operator.startswith("ForAllValues:")
    family = next((f for f, names in OPERATOR_NAMES.items() if plain in names), None)
    if any_value and len(keys) > 1:
        yield "any-of-several-keys"
    for key, values in keys.items():
        missing = context_.get(key) is None
        if operator == base and plain != "Null" and len(listed(context_.get(key))) > 1:
            yield "no-set-operator"
        if plain == "StringNotLike" and missing and base == plain:
            yield "not-like-missing"
        if family in ("number", "date", "ip", "binary") and operator != plain:
            yield "compared-by-exact-name"
        if family == "date" and len(listed(values)) > 1:
            yield "date-first-value-only"
        if family == "arn":
            yield from ("ignores-case" for v in listed(values) if v != v.lower())
            yield from ("arn-over-colons" for v in listed(values) if "*" in v)
        if any_value and ("Not" in plain or family in ("arn", "bool")):
            yield "set-with-negation"
        if all_values and family in ("arn", "bool"):
            yield "set-of-other-families"
        if any_value and base != plain and missing:
            yield "any-if-exists"
        if any("${" in v for v in listed(values)):
            yield "variables"


def is_star_within(pattern):
    parts = pattern.split(":", 5)
    return any("*" in part[:-1] for part in parts[:5]) and pattern != "*"


def faults(question):
    found = set()
    context_ = CaseInsensitiveDict(question["request"].get("context", {}))
    for document in question["policies"] + listed(question.get("boundary") or []):
        for one in listed(document["Statement"]):
            for operator, keys in one.get("Condition", {}).items():
                found.update(condition_faults(operator, keys, context_))
            for pattern in listed(one.get("Resource", one.get("NotResource", []))):
                if "${" in pattern:
                    found.add("variables")
                if pattern.startswith("arn:aws:s3:::B"):
                    found.add("ignores-case")
                if is_star_within(pattern):
                    found.add("star-within-a-part")
    return found


# --- the comparison ---------------------------------------------------------------------------------------


def ask(program, questions):
    text = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
    return done.stdout.split()


def compare(program, rng, count):
    questions, clean = [], 0
    while clean < count:
        question = trust_question(rng) if rng.random() < 0.4 else identity_question(rng)
        touched = faults(question)
        clean += not touched
        questions.append((question, touched))
    answers = ask(program, [question for question, _ in questions])
    wrong, by_fault, decisions = 0, collections.Counter(), collections.Counter()
    for (question, touched), answer in zip(questions, answers, strict=True):
        expected = oracle(question)
        decisions[question["kind"], answer] += 1
        if answer == expected:
            continue
        if touched:
            by_fault.update(touched)
            continue
        wrong += 1
        print("differs: oracle %s, here %s\n%s" % (expected, answer, json.dumps(question)))
    print("%d questions, %d of them clear of the oracle's known faults, %d unexplained differences"
          % (len(questions), clean, wrong))
    for (kind, answer), number in sorted(decisions.items()):
        print("  %s %s: %d" % (kind, answer, number))
    for name, number in by_fault.most_common():
        print("  differences with %s: %d (%s; %s)" % (name, number, *FAULTS[name]))
    return wrong


def check_unknown(program, rng, count):
    """What is decided without a key must be decided so with every value of it."""
    questions, groups = [], []
    for _ in range(count):
        question = identity_question(rng)
        key = rng.choice(list(KEYS))
        family = KEYS[key]
        hidden = json.loads(json.dumps(question))
        del hidden["request"]["context"][key]
        group = [hidden]
        for value in [None] + REQUEST_VALUES[family]:
            shown = json.loads(json.dumps(question))
            shown["request"]["context"][key] = value
            group.append(shown)
        groups.append(len(group))
        questions.extend(group)
    answers = ask(program, questions)
    wrong, unknown, at = 0, 0, 0
    for size in groups:
        # Which of the two ways a request is denied may hang on the key: denied it is.
        hidden, *shown = (one.split("_")[0] for one in answers[at:at + size])
        unknown += hidden == "unknown"
        if hidden != "unknown" and set(shown) != {hidden}:
            wrong += 1
            print("decided %s without a key, but %s with one: %s"
                  % (hidden, sorted(set(shown)), json.dumps(questions[at])))
        at += size
    print("%d questions with a key unknown, %d undecided, %d contradictions" % (count, unknown, wrong))
    return wrong + (unknown == 0)


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 20121017)
    return 1 if compare(program, rng, count) + check_unknown(program, rng, count // 2) else 0


if __name__ == "__main__":
    sys.exit(main())
