// Package integration proves on running containers, with testcontainers-go, what every service of the catalog promises on
// every platform that can run here. It has tests only and knows no service by name: a folder with a service.yaml is enough.
//
//	go test ./integration                                                all services, all examples, all platforms
//	go test ./integration -run 'TestServices/^hello-go$/arm64'           one service on one platform
//	go test ./integration -run 'TestServices/^hello-go$/amd64/^drains$'  one promise
//	go test ./integration -run TestControls                              faulty services, each of which must be found
//	go test -short ./integration                                         what needs no container engine
//
// Where to start reading: run (container_test.go) starts a container under the runtime contract, promises (promises_test.go)
// lists what is asked of it, and each promise is a function of its own.
package integration
