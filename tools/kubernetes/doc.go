// Package kubernetes has tests of what is rendered for Kubernetes, in a module of their own: they decode manifests with its API's
// types, build overlays with kustomize, and let its admission judge the pods.
package kubernetes
