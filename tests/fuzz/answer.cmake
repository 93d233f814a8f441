irsa_fuzz_target(answer LIBS irsa_aws)
