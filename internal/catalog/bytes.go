package catalog

import (
	"fmt"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// units are the units of a size. SI units count in thousands; the binary ones are for people who think of memory in
// them. Docker's 256M is not among them: there it means 256MiB, which nobody expects of an M.
var units = map[string]int64{
	"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
}

// The digits are limited so that a size always fits an int64.
var size = regexp.MustCompile(`^(\d{1,9}(?:\.\d{1,9})?) ?(B|kB|MB|GB|KiB|MiB|GiB)$`)

// looseSize accepts what people write instead, in order to suggest what they should have written.
var looseSize = regexp.MustCompile(`^\s*(\d{1,9}(?:[.,]\d{1,9})?)\s*([A-Za-z]?)([A-Za-z]*)\s*$`)

// ParseBytes reads a size: a decimal number, at most one space, and one of B, kB, MB, GB (SI: 1 kB is 1000 bytes) or
// KiB, MiB, GiB (1 KiB is 1024 bytes). It must be a whole number of bytes and more than none.
func ParseBytes(text string) (Bytes, error) {
	match := size.FindStringSubmatch(text)
	if match == nil {
		return 0, fmt.Errorf("%s is not a size; write it as %s", quote(text), suggestSize(text))
	}
	value, _ := new(big.Rat).SetString(match[1])
	value.Mul(value, new(big.Rat).SetInt64(units[match[2]]))
	if !value.IsInt() {
		return 0, fmt.Errorf("%s is not a whole number of bytes; leave out some decimals", quote(text))
	}
	if value.Sign() == 0 {
		return 0, fmt.Errorf("%s is not above zero; write a larger size", quote(text))
	}
	return Bytes(value.Num().Int64()), nil
}

// UnmarshalText is ParseBytes for decoders.
func (b *Bytes) UnmarshalText(text []byte) (err error) {
	*b, err = ParseBytes(string(text))
	return err
}

// suggestSize guesses the size that was meant by text.
func suggestSize(text string) string {
	match := looseSize.FindStringSubmatch(text)
	if match == nil {
		return "38MB"
	}
	number := strings.Replace(match[1], ",", ".", 1)
	letter, rest := strings.ToUpper(match[2]), strings.ToLower(match[3])
	si, prefixed := map[string]string{"K": "kB", "M": "MB", "G": "GB"}[letter]
	switch {
	case letter == "":
		return number + "B or " + number + "MB"
	case letter == "B" && rest == "":
		return number + "B"
	case prefixed && rest == "":
		return number + si + " (SI) or " + number + letter + "iB (binary)"
	case prefixed && rest == "ib":
		return number + letter + "iB"
	case prefixed:
		return number + si
	default:
		return number + "MB"
	}
}

// String is the size for people, in SI units with four significant digits: 7.05 MB. ParseBytes reads it back.
func (b Bytes) String() string {
	value, unit := float64(b), "B"
	for _, next := range []string{"kB", "MB", "GB"} {
		// 999.95 and above would be printed as 1000.
		if math.Abs(value) < 999.95 {
			break
		}
		value, unit = value/1000, next
	}
	decimals := 3
	for size := math.Abs(value); size >= 10 && decimals > 0; size /= 10 {
		decimals--
	}
	number := strconv.FormatFloat(value, 'f', decimals, 64)
	if decimals > 0 {
		number = strings.TrimRight(strings.TrimRight(number, "0"), ".")
	}
	return number + " " + unit
}
