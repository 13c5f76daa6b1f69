package build

import (
	"fmt"
	"os"
	"strings"
)

// Settings of a build cache that machines share, in buildx's own words, several with spaces between them. {service} stands
// for a service's name.
// Source: https://docs.docker.com/build/cache/backends/
const (
	// CacheFromSetting is where builds look for steps that were done elsewhere.
	CacheFromSetting = "STAGECRAFT_CACHE_FROM"
	// CacheToSetting is where builds leave their steps for others.
	CacheToSetting = "STAGECRAFT_CACHE_TO"
)

// caches are the cache imports and exports of a service's build.
func caches(service string) (from, to []string, err error) {
	to = strings.Fields(os.Getenv(CacheToSetting))
	for _, entry := range to {
		// inline goes into the image itself; all others have a place, which the last service to finish would have alone.
		if !strings.Contains(entry, "{service}") && entry != "type=inline" {
			return nil, nil, fmt.Errorf("export the build cache: services would overwrite each other's in %s=%s; put {service} into it", CacheToSetting, entry)
		}
	}
	return forService(service, strings.Fields(os.Getenv(CacheFromSetting))), forService(service, to), nil
}

func forService(service string, entries []string) []string {
	for i, e := range entries {
		entries[i] = strings.ReplaceAll(e, "{service}", service)
	}
	return entries
}
