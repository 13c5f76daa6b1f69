package catalog

import (
	"math"
	"testing"
)

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"1B":           1,
		"7kB":          7000,
		"37.5MB":       37_500_000,
		"37.5 MB":      37_500_000,
		"1GB":          1_000_000_000,
		"256KiB":       262_144,
		"1.5MiB":       1_572_864,
		"2GiB":         2_147_483_648,
		"999999999GB":  999_999_999_000_000_000,
		"0.000001MB":   1,
		"999999999GiB": 999_999_999 << 30,
	} {
		if got, err := ParseBytes(text); err != nil || got != want {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
}

func TestParseBytesSuggestsWhatWasMeant(t *testing.T) {
	for text, want := range map[string]string{
		"38XB":          `"38XB" is not a size; write it as 38MB`,
		"38":            `"38" is not a size; write it as 38B or 38MB`,
		"38mb":          `"38mb" is not a size; write it as 38MB`,
		"38 mB":         `"38 mB" is not a size; write it as 38MB`,
		"38KB":          `"38KB" is not a size; write it as 38kB`,
		"38b":           `"38b" is not a size; write it as 38B`,
		"38  MB":        `"38  MB" is not a size; write it as 38MB`,
		"37,5MB":        `"37,5MB" is not a size; write it as 37.5MB`,
		"256M":          `"256M" is not a size; write it as 256MB (SI) or 256MiB (binary)`,
		"256k":          `"256k" is not a size; write it as 256kB (SI) or 256KiB (binary)`,
		"256mib":        `"256mib" is not a size; write it as 256MiB`,
		"big":           `"big" is not a size; write it as 38MB`,
		"":              `"" is not a size; write it as 38MB`,
		"-1MB":          `"-1MB" is not a size; write it as 38MB`,
		"1e3MB":         `"1e3MB" is not a size; write it as 38MB`,
		"1/2MB":         `"1/2MB" is not a size; write it as 38MB`,
		"9999999999999": `"9999999999999" is not a size; write it as 38MB`,
		"0B":            `"0B" is not above zero; write a larger size`,
		"0.0001kB":      `"0.0001kB" is not a whole number of bytes; leave out some decimals`,
	} {
		if _, err := ParseBytes(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v; want %s", text, err, want)
		}
	}
}

func TestBytesString(t *testing.T) {
	for size, want := range map[Bytes]string{
		0: "0 B", 999: "999 B", 1000: "1 kB", 6860: "6.86 kB", 64_000: "64 kB",
		999_949: "999.9 kB", 999_950: "1 MB", 7_049_216: "7.049 MB", 7_050_000: "7.05 MB", 116_800_000: "116.8 MB",
		1_500_000_000: "1.5 GB", 2_345_678_000_000: "2346 GB", 123_456_000_000_000: "123456 GB", -7_050_000: "-7.05 MB",
		math.MaxInt64: "9223372037 GB",
	} {
		if got := size.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(size), got, want)
		}
	}
}

func TestBytesStringIsReadBack(t *testing.T) {
	for size := Bytes(1); size < 1e15; size = size*3 + 1 {
		back, err := ParseBytes(size.String())
		if difference := math.Abs(float64(back-size)) / float64(size); err != nil || difference > 0.0005 {
			t.Errorf("%d is printed as %s and read as %d, %v", int64(size), size, int64(back), err)
		}
	}
}
