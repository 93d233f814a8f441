irsa_fuzz_target(sigv4 LIBS irsa_aws)
