package bases

import (
	"os"
	"strings"
)

// Settings of private networks, the same as for builds.
const (
	caSetting     = "STAGECRAFT_CA"
	mirrorSetting = "STAGECRAFT_DEBIAN_MIRROR"
)

// trust makes this process, and all that it starts, trust the authorities of
// the setting, if there is one.
func trust() error {
	if bundle := os.Getenv(caSetting); bundle != "" {
		return os.Setenv("SSL_CERT_FILE", bundle)
	}
	return nil
}

// privateAptOptions let mmdebstrap reach Debian where this network has it. The
// stand-in itself keeps Debian's own addresses: it is the same, byte for byte.
func privateAptOptions() []string {
	var args []string
	if bundle := os.Getenv(caSetting); bundle != "" {
		args = append(args, `--aptopt=Acquire::https::CAInfo "`+bundle+`"`)
	}
	if mirror := strings.TrimRight(os.Getenv(mirrorSetting), "/"); mirror != "" {
		mirror = strings.NewReplacer(`\`, `\\`, "&", `\&`, "#", `\#`, "'", "%27").Replace(mirror)
		args = append(args,
			`--setup-hook=cd "$1"/etc/apt && cp -p sources.list sources.list.kept && sed -Ei 's#https?://(deb|security)\.debian\.org/#`+mirror+`/#' sources.list`,
			`--customize-hook=mv "$1"/etc/apt/sources.list.kept "$1"/etc/apt/sources.list`)
	}
	return args
}
