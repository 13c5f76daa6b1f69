// Package foreign checks with other people's programs what is published: cosign verifies signatures, crane reads images, syft lists
// what is in them, and the registry is distribution's. It also has osv-scanner find planted vulnerabilities. They are compiled from
// pinned versions, which takes minutes the first time: `go tool mage test:foreign`.
package foreign
