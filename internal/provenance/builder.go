package provenance

// Builder is who ran a build, and who must be trusted to have done what the provenance says.
type Builder struct {
	ID string `json:"id"` // a URI
}

// Metadata names one run of a builder.
type Metadata struct {
	InvocationID string `json:"invocationId"`
}

// who is the workflow of GitHub or the runner of GitLab that the environment names, with its run; else a person's machine, of which
// nothing is known. Nothing else of the environment is used: secrets may be in it.
func who(source string, getenv func(string) string) (Builder, *Metadata) {
	switch {
	case getenv("GITHUB_ACTIONS") == "true":
		server := getenv("GITHUB_SERVER_URL")
		run := server + "/" + getenv("GITHUB_REPOSITORY") + "/actions/runs/" + getenv("GITHUB_RUN_ID") + "/attempts/" + getenv("GITHUB_RUN_ATTEMPT")
		return Builder{server + "/" + getenv("GITHUB_WORKFLOW_REF")}, &Metadata{run}
	case getenv("GITLAB_CI") == "true":
		return Builder{getenv("CI_PROJECT_URL") + "/-/runners/" + getenv("CI_RUNNER_ID")}, &Metadata{getenv("CI_JOB_URL")}
	}
	return Builder{source + "/docs/sbom.md#provenance"}, nil
}
