irsa_fuzz_target(arn LIBS irsa_identity)
