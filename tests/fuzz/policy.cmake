irsa_fuzz_target(policy LIBS irsa_policy)
