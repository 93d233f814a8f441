irsa_fuzz_target(ini LIBS irsa_intent)
