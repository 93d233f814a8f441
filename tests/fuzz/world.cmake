irsa_fuzz_target(world LIBS irsa_facts)
