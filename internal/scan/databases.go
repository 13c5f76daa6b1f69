package scan

import (
	"fmt"
	"os"
	"path/filepath"
)

// Vulnerable is what osv-scanner exits with when it found something.
const Vulnerable = 1

// Arguments are those with which osv-scanner looks for vulnerabilities of packages in lists: in the databases in a folder, or at osv.dev.
func Arguments(offline string, lists ...string) []string {
	args := []string{"scan", "source", "--format=json", "--all-packages"}
	if offline != "" {
		args = append(args, "--offline", "--local-db-path="+offline)
	}
	for _, l := range lists {
		args = append(args, "--lockfile="+l)
	}
	return args
}

// Database is the file below a folder in which osv-scanner looks for the entries of an ecosystem.
func Database(dir, ecosystem string) string {
	return filepath.Join(dir, "osv-scalibr", ecosystem, "all.zip")
}

// CheckDatabases is an error unless a folder has the databases for the packages of images.
func CheckDatabases(dir string, images []Image) error {
	for _, i := range images {
		for _, p := range i.Packages {
			file := Database(dir, p.Ecosystem)
			if _, err := os.Stat(file); err != nil {
				return fmt.Errorf("the database for %s is missing; download https://storage.googleapis.com/osv-vulnerabilities/%[1]s/all.zip to %s", p.Ecosystem, file)
			}
		}
	}
	return nil
}
