irsa_fuzz_target(symptom LIBS irsa_symptom)
