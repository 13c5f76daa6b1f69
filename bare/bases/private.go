package bases

import (
	"fmt"
	"net/url"
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

// privateAptOptions let mmdebstrap, with more in its environment, reach Debian
// where this network has it. The stand-in itself keeps Debian's own addresses:
// it is the same, byte for byte. A name and a password go to apt's netrc: in a
// list of sources apt misreads percent signs, and prints what it made of them.
func privateAptOptions() (args, env []string, err error) {
	if bundle := os.Getenv(caSetting); bundle != "" {
		args = append(args, `--aptopt=Acquire::https::CAInfo "`+bundle+`"`)
	}
	setting := strings.TrimRight(os.Getenv(mirrorSetting), "/")
	if setting == "" {
		return args, nil, nil
	}
	mirror, err := url.Parse(setting)
	if err != nil || mirror.Host == "" {
		return nil, nil, fmt.Errorf("%s is not the URL of a mirror; write https://mirror.example.com", mirrorSetting)
	}
	const netrc = `"$1"/etc/apt/auth.conf.d/mirror.conf`
	if mirror.User != nil {
		password, _ := mirror.User.Password()
		env = append(env, fmt.Sprintf("MIRROR_NETRC=machine %s://%s login %s password %s", mirror.Scheme, mirror.Host, mirror.User.Username(), password))
		args = append(args,
			`--setup-hook=mkdir -p "$1"/etc/apt/auth.conf.d && echo "$MIRROR_NETRC" >`+netrc,
			`--customize-hook=rm `+netrc)
		mirror.User = nil
	}
	replacement := strings.NewReplacer(`\`, `\\`, "&", `\&`, "#", `\#`, "'", "%27").Replace(mirror.String())
	return append(args,
		`--setup-hook=cd "$1"/etc/apt && cp -p sources.list sources.list.kept && sed -Ei 's#https?://(deb|security)\.debian\.org/#`+replacement+`/#' sources.list`,
		`--customize-hook=mv "$1"/etc/apt/sources.list.kept "$1"/etc/apt/sources.list`), env, nil
}
