irsa_fuzz_target(kubeconfig LIBS irsa_kube)
