// Package version is the version of the tooling. A repository that was made from it has tags of its own, so that the version
// cannot be taken from those.
package version

// Version is the one of the newest entry in CHANGELOG.md.
const Version = "1.0.0"
