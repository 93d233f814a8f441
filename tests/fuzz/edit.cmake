irsa_fuzz_target(edit LIBS irsa_document)
