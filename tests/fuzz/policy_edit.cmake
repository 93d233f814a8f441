irsa_fuzz_target(policy_edit LIBS irsa_policy)
