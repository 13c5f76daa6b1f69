// Package docs holds the JSON Schemas of the repository's facts. They are in this folder so that editors and people find them;
// internal/catalog validates with the same files.
package docs

import "embed"

// Schemas holds project.schema.json and service.schema.json.
//
//go:embed project.schema.json service.schema.json
var Schemas embed.FS
