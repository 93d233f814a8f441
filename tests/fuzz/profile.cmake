irsa_fuzz_target(profile LIBS irsa_aws)
