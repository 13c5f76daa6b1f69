package httpcheck

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
)

// compareJSON says where body differs from expected, or nothing when both are the same JSON value: the order of keys and
// the way a number is written do not count.
func compareJSON(expected any, body []byte) string {
	raw, err := json.Marshal(expected)
	if err != nil {
		return fmt.Sprintf("the expected value cannot be written as JSON: %v", err)
	}
	want, err := decode(raw)
	if err != nil {
		return fmt.Sprintf("the expected value: %v", err)
	}
	got, err := decode(body)
	if err != nil {
		return fmt.Sprintf("the body is not JSON: %v", err)
	}
	return differAt("", want, got)
}

func decode(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("something follows the first value")
	}
	return value, nil
}

// differAt walks both values in step and stops at the first difference; path is where it is.
func differAt(path string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, key := range sortedKeys(want) {
			value, ok := object[key]
			if !ok {
				return fmt.Sprintf("at %s: expected %s, got no such key", path+"."+key, show(want[key]))
			}
			if difference := differAt(path+"."+key, want[key], value); difference != "" {
				return difference
			}
		}
		for _, key := range sortedKeys(object) {
			if _, ok := want[key]; !ok {
				return fmt.Sprintf("at %s: expected no such key, got %s", path+"."+key, show(object[key]))
			}
		}
		return ""
	case []any:
		array, ok := got.([]any)
		if !ok || len(array) != len(want) {
			break
		}
		for i := range want {
			if difference := differAt(fmt.Sprintf("%s[%d]", path, i), want[i], array[i]); difference != "" {
				return difference
			}
		}
		return ""
	case json.Number:
		if number, ok := got.(json.Number); ok && equalNumbers(want, number) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	if path == "" {
		path = "the top"
	}
	return fmt.Sprintf("at %s: expected %s, got %s", path, show(want), show(got))
}

// equalNumbers compares integers as integers, since a float64 would take neighbouring large ones for equal.
func equalNumbers(a, b json.Number) bool {
	x, okX := new(big.Int).SetString(a.String(), 10)
	y, okY := new(big.Int).SetString(b.String(), 10)
	if okX && okY {
		return x.Cmp(y) == 0
	}
	f, errF := a.Float64()
	g, errG := b.Float64()
	return errF == nil && errG == nil && f == g
}

func show(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprintf("%v", value)
	}
	if len(raw) > MaxShown {
		return fmt.Sprintf("%s and %d bytes more", raw[:MaxShown], len(raw)-MaxShown)
	}
	return string(raw)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
