irsa_fuzz_target(json LIBS irsa_document)
