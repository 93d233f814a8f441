irsa_fuzz_target(template LIBS irsa_document)
