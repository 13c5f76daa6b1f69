package main

import (
	"slices"

	"example.com/stagecraft/internal/audit"
	"example.com/stagecraft/internal/lint"
)

//go:generate go run . explain -markdown -output=../../docs/rules.md

// rules are all of them, in the order of the documentation.
var rules = slices.Concat(lint.Rules, audit.Rules)
