package starter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// packageName sets the name in a package.json, or in a package-lock.json, which has it twice; the rest stays as it is written.
func packageName(data []byte, name string) ([]byte, error) {
	var places [][2]int
	decoder := json.NewDecoder(bytes.NewReader(data))
	var keys []string // that lead to the value that comes next
	var visit func() error
	visit = func() error {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			for i := 0; decoder.More(); i++ {
				key := strconv.Itoa(i)
				if token == json.Delim('{') {
					next, err := decoder.Token()
					if err != nil {
						return err
					}
					key = fmt.Sprint(next)
				}
				keys = append(keys, key)
				if err := visit(); err != nil {
					return err
				}
				keys = keys[:len(keys)-1]
			}
			_, err = decoder.Token()
			return err
		}
		if slices.Equal(keys, []string{"name"}) || slices.Equal(keys, []string{"packages", "", "name"}) {
			end := int(decoder.InputOffset())
			places = append(places, [2]int{bytes.LastIndexByte(data[:end-1], '"'), end})
		}
		return nil
	}
	if err := visit(); err != nil {
		return nil, err
	}
	renamed := bytes.Clone(data)
	for _, place := range slices.Backward(places) {
		renamed = slices.Replace(renamed, place[0], place[1], []byte(strconv.Quote(name))...)
	}
	return renamed, nil
}

// lockedNpm reports whether a package-lock.json has a package of that name.
func lockedNpm(data []byte, name string) bool {
	var lock struct {
		Packages map[string]json.RawMessage `json:"packages"`
	}
	return json.Unmarshal(data, &lock) == nil && lock.Packages["node_modules/"+name] != nil
}

// tomlName is the line of a name in a table of TOML.
var tomlName = regexp.MustCompile(`(?m)^name[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')`)

// projectName sets the name in the table [project] of a pyproject.toml.
func projectName(data []byte, name string) ([]byte, error) {
	table := regexp.MustCompile(`(?m)^\[project\][ \t]*(#.*)?$`).FindIndex(data)
	if table == nil {
		return data, nil
	}
	end := len(data)
	if next := regexp.MustCompile(`(?m)^\[`).FindIndex(data[table[1]:]); next != nil {
		end = table[1] + next[0]
	}
	place := tomlName.FindSubmatchIndex(data[table[1]:end])
	if place == nil {
		return nil, errors.New("the table [project] has no name")
	}
	return slices.Replace(bytes.Clone(data), table[1]+place[2], table[1]+place[3], []byte(strconv.Quote(name))...), nil
}

const uvPackage = "[[package]]\n"

// uvOwn is the line of the package that the project is itself.
var uvOwn = regexp.MustCompile(`(?m)^source = \{ (virtual|editable) = "\." \}$`)

// uvLockName sets the name of the project in its uv.lock, whose packages are sorted by name. It is an error when another
// package has that name.
func uvLockName(data []byte, name string) ([]byte, error) {
	parts := strings.Split(string(data), uvPackage)
	packages := parts[1:]
	for i, text := range packages {
		packages[i] = strings.TrimRight(text, "\n") + "\n"
	}
	own := slices.IndexFunc(packages, uvOwn.MatchString)
	if own < 0 {
		return nil, errors.New("no package has the source \".\"; run: uv lock")
	}
	if slices.ContainsFunc(packages, func(text string) bool { return strings.HasPrefix(text, "name = "+strconv.Quote(name)+"\n") }) {
		return nil, fmt.Errorf("%s is a package that it depends on; choose another name", name)
	}
	_, rest, _ := strings.Cut(packages[own], "\n")
	packages[own] = "name = " + strconv.Quote(name) + "\n" + rest
	slices.SortStableFunc(packages, func(a, b string) int {
		first, _, _ := strings.Cut(a, "\n")
		second, _, _ := strings.Cut(b, "\n")
		return strings.Compare(first, second)
	})
	return []byte(parts[0] + uvPackage + strings.Join(packages, "\n"+uvPackage)), nil
}
