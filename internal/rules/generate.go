package rules

//go:generate go run ../../cmd/stagecraft explain -markdown -output=../../docs/rules.md
