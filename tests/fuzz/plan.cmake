irsa_fuzz_target(plan LIBS irsa_plan irsa_report)
