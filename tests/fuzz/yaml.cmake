irsa_fuzz_target(yaml LIBS irsa_document)
