// Package tooling tests what builds, checks and documents services, where that needs a container engine: other builders,
// build secrets, interrupted builds, reproducibility, and the commands of the READMEs. What the services themselves promise
// is in package integration, which needs none of this.
package tooling
