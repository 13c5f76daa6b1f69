// Package integration proves on running containers what every service of the catalog promises, on every platform that can
// run here. It has tests only, and knows no service by name: a folder with a service.yaml is enough to be proven.
//
//	go test ./integration                                     all services, all platforms
//	go test ./integration -run 'TestServices/hello-go/arm64'  one service on one platform
//	go test ./integration -run TestControls                   faulty services, each of which must be found out
//	go test -short ./integration                              what needs no container engine
package integration
