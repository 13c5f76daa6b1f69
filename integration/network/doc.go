// Package network proves builds in a network that is not open: bases from a mirror registry, a proxy that looks into TLS and
// wants a password, packages that only private registries have. It starts all of these itself. Like integration, it has
// tests only.
//
//	go test ./integration/network          with an engine on this machine
//	go test -short ./integration/network   nothing: all of it needs an engine
package network
